"""Asks a Prometheus: values now, values over time, and what is wrong."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import urlopen

import msgspec
from msgspec import Struct

from infra.errors import SluiceError

TIMEOUT_S = 30
POLL_S = 0.1


class Sample(Struct, frozen=True):
    """One series at one time."""

    labels: dict[str, str]
    value: float
    time_s: float


class Series(Struct, frozen=True):
    """One series over time: pairs of time and value."""

    labels: dict[str, str]
    points: list[tuple[float, float]]


class Alert(Struct, frozen=True):
    """An alert that is `pending` or `firing`."""

    labels: dict[str, str]
    annotations: dict[str, str]
    state: str

    @property
    def name(self) -> str:
        return self.labels["alertname"]


class Rule(Struct, frozen=True, rename={"last_error": "lastError", "evaluation_s": "evaluationTime"}):
    """A rule and its last evaluation: how long it took, and what went wrong; empty when nothing did."""

    name: str
    evaluation_s: float
    last_error: str = ""


class RuleGroup(
    Struct, frozen=True, rename={"evaluation_s": "evaluationTime", "last_evaluation": "lastEvaluation"}
):
    """Rules that are evaluated one after the other; `evaluation_s` is 0 until that has happened once."""

    name: str
    rules: list[Rule]
    evaluation_s: float
    last_evaluation: str


class PrometheusClient:
    """Reads from the Prometheus at this address, such as http://127.0.0.1:9090."""

    def __init__(self, url: str) -> None:
        self.url = url

    def query(self, expression: str, at_s: float | None = None) -> list[Sample]:
        """What the expression is, now or at a time; a scalar is one sample without labels."""
        asked = {"query": expression} if at_s is None else {"query": expression, "time": f"{at_s:.3f}"}
        data = self._ask("query", asked)
        if data["resultType"] in ("scalar", "string"):
            return [_sample({}, data["result"])]
        return [_sample(each["metric"], each["value"]) for each in data["result"]]

    def query_range(self, expression: str, start_s: float, end_s: float, step_s: float) -> list[Series]:
        """What the expression was, at each step from start to end."""
        data = self._ask(
            "query_range",
            {
                "query": expression,
                "start": f"{start_s:.3f}",
                "end": f"{end_s:.3f}",
                "step": f"{step_s:.3f}",
            },
        )
        return [
            Series(each["metric"], [(float(at), float(value)) for at, value in each["values"]])
            for each in data["result"]
        ]

    def alerts(self) -> list[Alert]:
        """Every alert that is pending or firing now."""
        return msgspec.convert(self._ask("alerts", {})["alerts"], list[Alert])

    def firing(self) -> set[str]:
        """The names of the alerts that fire now."""
        return {alert.name for alert in self.alerts() if alert.state == "firing"}

    def rule_groups(self) -> list[RuleGroup]:
        """Every group of rules, in the order in which Prometheus read them."""
        return msgspec.convert(self._ask("rules", {})["groups"], list[RuleGroup])

    def is_ready(self) -> bool:
        try:
            with urlopen(f"{self.url}/-/ready", timeout=TIMEOUT_S) as response:
                return bool(response.status == 200)
        except OSError:
            return False

    def wait_until(self, expression: str, timeout_s: float) -> list[Sample]:
        """Ask until there is an answer, such as `up == 1`; returns it.

        Raises `SluiceError` when there is none within the time.
        """
        deadline_s = time.monotonic() + timeout_s
        while True:
            found = self.query(expression)
            if found:
                return found
            if time.monotonic() > deadline_s:
                raise SluiceError(f"Prometheus had no answer to `{expression}` within {timeout_s:.0f} s")
            time.sleep(POLL_S)

    def _ask(self, what: str, parameters: Mapping[str, str]) -> Any:
        url = f"{self.url}/api/v1/{what}?{urlencode(parameters)}"
        try:
            with urlopen(url, timeout=TIMEOUT_S) as response:
                answer = response.read()
        except HTTPError as error:
            # A faulty expression is answered with a status and a sentence about it.
            answer = error.read()
        except URLError as error:
            raise SluiceError(f"Prometheus at {self.url} does not answer: {error.reason}") from None
        try:
            document = msgspec.json.decode(answer)
        except msgspec.DecodeError:
            raise SluiceError(f"{url} answered with something that is not JSON: {answer[:200]!r}") from None
        if document["status"] != "success":
            raise SluiceError(f"Prometheus refuses {parameters or what}: {document['error']}")
        return document["data"]


def _sample(labels: dict[str, str], pair: list[Any]) -> Sample:
    return Sample(labels, float(pair[1]), float(pair[0]))
