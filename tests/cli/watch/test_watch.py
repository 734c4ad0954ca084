"""`sluice watch` beside a router that really decides."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from cli.words.money import money
from infra.kafka.broker import LocalKafka
from tests.cli.running import ROOT, Deployed, code_of

pytestmark = pytest.mark.kafka

END_TIMEOUT_S = 45
WATCH_S = 90.0


class Watcher:
    """A `sluice watch --json` in a process of its own, as a program would read it."""

    def __init__(self, deployed: Deployed) -> None:
        command = [sys.executable, "-m", "cli.main", "watch", "--json", "--every", "0.2"]
        self._process = subprocess.Popen(
            # It ends by itself where the test has failed.
            [*command, "--for", str(WATCH_S), *deployed.arguments],
            stdout=subprocess.PIPE, text=True, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip

    def until(self, holds: Callable[[dict[str, Any]], bool], what: str) -> dict[str, Any]:
        """The first look of which it holds."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            moment: dict[str, Any] = json.loads(line)
            if holds(moment):
                return moment
        raise AssertionError(f"watched {WATCH_S:.0f} s for {what}")

    def interrupt(self) -> int:
        """Ctrl-C; the exit code."""
        self._process.send_signal(signal.SIGINT)
        return self._process.wait(END_TIMEOUT_S)

    def end(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.communicate()


@contextmanager
def watching(deployed: Deployed) -> Iterator[Watcher]:
    watcher = Watcher(deployed)
    try:
        yield watcher
    finally:
        watcher.end()


def router_is(moment: dict[str, Any], **state: bool) -> bool:
    return all(moment["routers"][0][name] is wanted for name, wanted in state.items())


@pytest.fixture(scope="module")
def deployed(kafka: LocalKafka, tmp_path_factory: pytest.TempPathFactory) -> Deployed:
    return Deployed(kafka.bootstrap, "test-watch.", tmp_path_factory.mktemp("watch"))


def test_what_is_decided_is_seen_and_a_router_that_goes_away_is_missed_until_it_is_back(
    deployed: Deployed, capsys: pytest.CaptureFixture[str]
) -> None:
    with watching(deployed) as watcher:
        first = watcher.until(lambda _moment: True, "a first look")
        assert router_is(first, up=False, ready=False)
        assert first["routers"][0]["why_not"] == ["Connection refused"]
        assert first["decisions_per_second"] is None

        with deployed.router():
            watcher.until(lambda moment: router_is(moment, up=True, ready=True), "the router to be ready")
            deployed.send(deployed.stock("SKU-1", 5))
            stock = watcher.until(lambda moment: bool(moment["stock_events"]), "the count")["stock_events"]
            assert [each["text"] for each in stock] == ["dc-paris SKU-1   counted 5"]
            # Seen is not decided: an order that overtook its stock would wait.
            deployed.stage.wait_until_done([])
            deployed.send(deployed.order("O-1", "SKU-1"))
            moment = watcher.until(lambda moment: bool(moment["decisions"]), "the decision")
            (decision,) = moment["decisions"]
            assert (decision["order"], decision["currency"], decision["open_units"]) == ("O-1", "EUR", 0)
            assert [each["pool"] for each in decision["shipments"]] == ["dc-paris"]
            cost = money(decision["cost_micros"], "EUR")
            assert decision["text"].startswith(f"O-1 -> dc-paris   {cost}   leaves by ")
            # In that very look the router may have been too busy to answer.
            moment = watcher.until(lambda moment: bool(moment["partitions"]), "the partitions")
            assert moment["partitions"].keys() == {"0", "1"}
            assert {each["phase"] for each in moment["partitions"].values()} == {"live"}
            assert moment["waiting_orders"] == 0

            deployed.send_garbage()
            refused = watcher.until(lambda moment: bool(moment["dead_letters"]), "the dead letter")
            assert [each["reason"] for each in refused["dead_letters"]] == ["malformed_json"]

            capsys.readouterr()
            assert code_of("watch", "--plain", "--count", "1", "--every", "0.1", *deployed.arguments) == 0
            (line,) = capsys.readouterr().out.splitlines()
            assert "  1 router ready  " in line
            assert "partitions 2 live" in line
            assert "\x1b" not in line

        gone = watcher.until(lambda moment: router_is(moment, up=False), "the router to be missed")
        assert gone["partitions"] == {}
        with deployed.router():
            watcher.until(lambda moment: router_is(moment, up=True, ready=True), "the router to be back")
            assert watcher.interrupt() == 0


@contextmanager
def frozen(kafka: LocalKafka) -> Iterator[None]:
    """The broker hangs, with its connections open."""
    os.kill(kafka.process_id, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(kafka.process_id, signal.SIGCONT)


def test_a_broker_that_hangs_is_told_for_as_long_as_it_hangs(deployed: Deployed, kafka: LocalKafka) -> None:
    with watching(deployed) as watcher:
        assert watcher.until(lambda _moment: True, "a first look")["kafka_fault"] is None
        with frozen(kafka):
            told = watcher.until(lambda moment: moment["kafka_fault"], "the fault")["kafka_fault"]
            assert re.match(r"no answer for \d+ s", told)
            for _ in range(10):
                look = watcher.until(lambda _moment: True, "another look")
                assert look["kafka_fault"], "it is told in every look, not only in the first"
        watcher.until(lambda moment: moment["kafka_fault"] is None, "the broker to answer again")
