"""Runs the checks side by side, each with a time-out of its own: one that fails or hangs hides no other."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress

from confluent_kafka import KafkaError, KafkaException
from msgspec import Struct

from cli.doctor.checks import (
    access,
    broker_settings,
    brokers,
    calendars,
    clock,
    disk,
    group,
    lag,
    placement,
    routers,
    stable_gap,
    topics,
    versions,
)
from cli.doctor.deployment import Deployment, is_unanswered
from cli.doctor.findings import Finding, Located, fail, unknown
from infra.errors import Refused
from infra.refusal import Refusal, sentence

NOT_AUTHORISED = frozenset(
    {
        KafkaError.TOPIC_AUTHORIZATION_FAILED,
        KafkaError.GROUP_AUTHORIZATION_FAILED,
        KafkaError.CLUSTER_AUTHORIZATION_FAILED,
    }
)

ASK_LONGER = "Try again with a longer --timeout; if that does not help, see the brokers' logs"


class Check(Struct, frozen=True):
    """What is looked at, under which heading."""

    name: str
    look: Callable[[Deployment], Iterable[Finding]]


KAFKA: tuple[Check, ...] = (
    Check("brokers", brokers.reachable),
    Check("brokers", brokers.replicated),
    Check("versions", versions.look),
    Check("broker settings", broker_settings.look),
    Check("disk", disk.look),
    Check("topics", topics.look),
    Check("topics", topics.window),
    Check("placement", placement.look),
    Check("clocks", clock.look),
    Check("access", access.look),
    Check("access", access.others),
    Check("group", group.look),
    Check("lag", lag.look),
    Check("transactions", stable_gap.look),
    Check("calendars", calendars.look),
)
ROUTERS: tuple[Check, ...] = (Check("routers", routers.look),)


class _Run:
    """One check in a thread, which is left behind when it does not end in time."""

    def __init__(self, check: Check, deployment: Deployment) -> None:
        self._check = check
        self._deployment = deployment
        self._found: list[Finding] = []
        self._thread = threading.Thread(target=self._look, name=f"check {check.name}", daemon=True)
        self._thread.start()

    def _look(self) -> None:
        try:
            for finding in self._check.look(self._deployment):
                self._found.append(finding)
        except Exception as error:  # Whatever it is, it must not hide what the others find.
            self._found.append(_failed(error))

    def findings(self, deadline_s: float) -> list[Located]:
        """What it has found by then."""
        self._thread.join(max(0.0, deadline_s - time.monotonic()))
        found = list(self._found)
        if self._thread.is_alive():
            found.append(
                unknown(f"not all of it was answered within {2 * self._deployment.timeout_s:g} s", ASK_LONGER)
            )
        return [Located(self._check.name, finding) for finding in found]


def examine(deployment: Deployment) -> list[Located]:
    """All findings, check by check.  Where no broker answers, only the routers are looked at beside that."""
    located = []
    checks: Sequence[Check] = ROUTERS
    refusal = deployment.refusal()
    if refusal is not None:
        located.append(Located("brokers", _no_broker(deployment, refusal)))
    else:
        # What every check needs is asked for once, before they start; where that fails, each of them says so.
        with suppress(KafkaException, TimeoutError):
            _ = deployment.metadata, deployment.cluster
        checks = (*KAFKA, *ROUTERS)
    return located + run_checks(checks, deployment)


def run_checks(checks: Sequence[Check], deployment: Deployment) -> list[Located]:
    """Side by side, and what each has found when its time is up."""
    runs = [_Run(check, deployment) for check in checks]
    # A check asks several questions, each with the time-out: together they may take twice as long.
    deadline_s = time.monotonic() + 2 * deployment.timeout_s
    return [found for run in runs for found in run.findings(deadline_s)]


def _no_broker(deployment: Deployment, refusal: Refusal) -> Finding:
    return fail(
        f"no broker answers at {deployment.bootstrap}: {refusal.reason}",
        "at least one",
        f"{sentence(refusal.remedy)} Nothing else of Kafka could be looked at",
    )


def _failed(error: Exception) -> Finding:
    if isinstance(error, KafkaException):
        reason: KafkaError = error.args[0]
        if reason.code() in NOT_AUTHORISED:
            return unknown(
                f"this principal may not look at it ({reason.str()})",
                "Grant it DESCRIBE (for settings DESCRIBE_CONFIGS), or ask with another one",
            )
        if is_unanswered(error):
            return unknown(f"Kafka did not answer in time: {reason.str()}", ASK_LONGER)
        return fail(
            f"Kafka refused the question: {reason.str()}", "an answer", "Try again; see the brokers' logs"
        )
    if isinstance(error, Refused):
        return unknown(
            f"this principal may not look at it ({error})", "Grant it what its role needs (access)"
        )
    if isinstance(error, TimeoutError):
        return unknown("Kafka did not answer in time", ASK_LONGER)
    return fail(f"the check itself failed: {error!r}", "an answer", "Please report it with this line")
