"""A router as `sluice run` starts it, with its pages, for tests of the verbs that look at one from outside."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cli.main import main
from cli.shared.router_pages import RouterAway, Verdict, fetch
from infra.kafka.ports import free_port
from tests.faults.stage import Stage, wait_for
from tests.published import count, event, order

ROOT = Path(__file__).parents[2]
END_TIMEOUT_S = 45


def code_of(*arguments: str) -> int:
    """A verb in this process: its exit code."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    return ended.value.code if isinstance(ended.value.code, int) else 0


class Deployed:
    """Topics with a small network applied, and a router that can be ended and started again."""

    def __init__(self, bootstrap: str, prefix: str, directory: Path) -> None:
        self.stage = Stage(bootstrap, prefix, directory, partitions=2)
        self.kafka = ("--kafka", bootstrap, "--prefix", prefix)
        self.page = f"http://127.0.0.1:{free_port()}"
        self.arguments = (*self.kafka, "--router", self.page)
        self.router_log = directory / "router.log"
        self._directory = directory

    @contextmanager
    def router(self, *arguments: str) -> Iterator[None]:
        """A process that decides for as long as the block lasts; `arguments` say as whom, if not as anybody."""
        command = [sys.executable, "-m", "cli.main", "run", *(arguments or self.kafka), "--log", "json"]
        log = self.router_log.open("ab")
        process = subprocess.Popen(
            [*command, "--metrics", self.page.removeprefix("http://")],
            stdout=log, stderr=log, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        try:
            wait_for(self._is_ready, "the router to be ready")
            yield
        finally:
            process.terminate()
            process.wait(END_TIMEOUT_S)
            log.close()

    def _is_ready(self) -> bool:
        try:
            ready = Verdict.of(fetch(self.page, "/readyz", 5))
        except RouterAway:
            return False
        return ready.ok and bool(ready.partitions)

    def send(self, *events: dict[str, Any], file: str = "events.jsonl") -> None:
        """As a shop and a warehouse do it."""
        self._send(file, map(json.dumps, events))

    def send_garbage(self) -> None:
        """What no router can read."""
        self._send("garbage.jsonl", ["no event"], "--no-check", "--topic", "orders")

    def _send(self, file: str, lines: Iterable[str], *options: str) -> None:
        path = self._directory / file
        path.write_text("\n".join(lines), encoding="utf-8")
        assert code_of("send", str(path), *self.kafka, *options) == 0

    def stock(self, sku: str, quantity: int, mark: int = 1) -> dict[str, Any]:
        return count(sku, "dc-paris", quantity, mark, time=_now())

    def order(self, order_id: str, sku: str) -> dict[str, Any]:
        return order(order_id, sku, time=_now())

    def delivery(self, shipment_id: str) -> dict[str, Any]:
        return event(
            "shipment.delivered", f"delivery/{shipment_id}", {"shipment_id": shipment_id}, time=_now()
        )


def _now() -> str:
    return datetime.now(UTC).isoformat()
