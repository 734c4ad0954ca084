"""Child processes of a measurement: the router as a user starts it, and the bench's own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.cluster import Cluster
from bench.cores import SOURCE, python_path
from bench.recording import Recorded, save
from cli.demo.children import clean_environment

WAIT_S = 300.0
POLL_S = 0.05
END_TIMEOUT_S = 30.0


class ChildEnded(Exception):
    """A child ended before it had done its part; the message is the end of its log."""


class Child:
    """A process whose stderr is kept in a file, a JSON object a line."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self.process_id = process.pid
        self._process = process
        self._log = log

    def events(self, name: str) -> list[dict[str, Any]]:
        """What it said so far under this event's name."""
        found = []
        for line in self._log.read_text().splitlines():
            if line.startswith("{"):
                event = json.loads(line)
                if event.get("event") == name:
                    found.append(event)
        return found

    def await_event(self, name: str) -> dict[str, Any]:
        """The first event of this name."""
        self.wait_for(lambda: bool(self.events(name)))
        return self.events(name)[0]

    def wait_for(self, condition: Callable[[], bool]) -> None:
        """Until the condition holds; the child must live so long."""
        deadline_s = time.monotonic() + WAIT_S
        while not condition():
            if self._process.poll() is not None:
                raise ChildEnded(f"exit code {self._process.returncode}:\n{self._log.read_text()[-2_000:]}")
            if time.monotonic() > deadline_s:
                raise ChildEnded(f"nothing happened in {WAIT_S:.0f} s:\n{self._log.read_text()[-2_000:]}")
            time.sleep(POLL_S)

    def has_ended(self) -> bool:
        """Whether it ended by itself; that it failed is raised."""
        if self._process.poll() is None:
            return False
        self.finish()
        return True

    def finish(self) -> None:
        """Wait until it ends by itself."""
        if self._process.wait(WAIT_S):
            raise ChildEnded(f"exit code {self._process.returncode}:\n{self._log.read_text()[-2_000:]}")

    def kill(self) -> None:
        """kill -9, and wait until it is gone."""
        self._process.kill()
        self._process.wait()

    def resident_bytes(self) -> int:
        """Memory that it holds now; zero where the system does not tell."""
        try:
            status = Path(f"/proc/{self.process_id}/status").read_text()
        except OSError:
            return 0
        return next(
            (int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmRSS:")), 0
        )

    def processor_s(self) -> float:
        """Processor time that it has used; zero where the system does not tell."""
        try:
            # The second field is the command in brackets, which may hold blanks.
            fields = Path(f"/proc/{self.process_id}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return 0.0
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def child(arguments: Sequence[str], core: str = SOURCE, settings: str = "") -> Iterator[Child]:
    """A Python child with these arguments and that form of the core, ended by SIGTERM when the block ends.

    `settings` is its `sluice.toml`.
    """
    with TemporaryDirectory(prefix="sluice-bench-child-") as directory:
        (Path(directory) / "sluice.toml").write_text(settings)
        log = Path(directory) / "log"
        with log.open("wb") as stream:
            # Its own directory and a clean environment: a `sluice.toml` or a setting lying about is not measured.
            process = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=directory,
                stderr=stream,
                stdout=stream,
                env={**clean_environment(), "PYTHONPATH": python_path(core)},
            )
        try:
            yield Child(process, log)
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(END_TIMEOUT_S)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


@contextmanager
def router(cluster: Cluster, prefix: str, core: str, settings: str = "") -> Iterator[Child]:
    """`sluice run`, as it is, or with these settings."""
    options = ["--kafka", cluster.bootstrap, "--prefix", prefix, "--metrics", "off", "--log", "json"]
    with child(["-m", "cli.main", "run", *options], core, settings) as started:
        yield started


@contextmanager
def pass_through(cluster: Cluster, prefix: str, bundles: list[Recorded], *options: str) -> Iterator[Child]:
    """The measure for the router, on topics of its own: it writes what the router has written in these bundles."""
    with TemporaryDirectory(prefix="sluice-bench-recording-") as directory:
        recording = Path(directory) / "bundles"
        save(bundles, recording)
        where = ["--kafka", cluster.bootstrap, "--prefix", prefix, "--recording", str(recording)]
        with child(["-m", "bench.pass_through", *where, *options]) as started:
            yield started
