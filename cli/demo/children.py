"""The demo's processes: each with a log of its own, none of which outlives the demo, however that ends."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from infra.errors import SluiceError
from infra.kafka.guard import WARDEN

END_TIMEOUT_S = 15.0
LOG_LINES_SHOWN = 12
POLL_S = 0.02

# -P: a folder named `cli` where the demo happens to be started must not be taken for ours.
PYTHON = (sys.executable, "-P")


class Child:
    """A child process: commands go to its stdin, answers come from its stdout, all else into its log.

    A closed stdin ends it, and the kernel closes it when this process is gone, even by SIGKILL.
    """

    def __init__(self, name: str, command: Sequence[str], log: Path, environment: dict[str, str]) -> None:
        self.name = name
        self._log = log
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        with log.open("ab") as file:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=file,
                text=True,
                bufsize=1,
                env=environment,
                # Ctrl-C in the terminal is for the demo, which then ends its children in order.
                start_new_session=True,
            )
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def child_id(self) -> int:
        """The process id of what was started here: a router's is that of its warden."""
        return self._process.pid

    @property
    def has_ended(self) -> bool:
        return self._process.poll() is not None

    def tell(self, *words: str) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(" ".join(words) + "\n")
        except BrokenPipeError:
            raise self.failed("does not listen any more") from None

    def answer(self, word: str, timeout_s: float) -> list[str]:
        """Wait for the line that begins with this word; what follows the word on it."""
        deadline = time.monotonic() + timeout_s
        while True:
            try:
                words = self._lines.get(timeout=max(0.0, deadline - time.monotonic())).split()
            except queue.Empty:
                raise self.failed(f'did not say "{word}" in {timeout_s:.0f} s') from None
            if words and words[0] == word:
                return words[1:]
            if not words:
                raise self.failed("has ended")

    def wait(self, timeout_s: float = END_TIMEOUT_S) -> int:
        """Wait for its end; its exit code."""
        try:
            return self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            raise self.failed(f"did not end in {timeout_s:.0f} s") from None

    def how_it_ended(self) -> str:
        """For a sentence: by itself, or killed by somebody; a warden tells a signal as a shell does."""
        code = self.wait()
        number = code - 128 if code > 128 else -code
        if number in set(signal.Signals):
            return f"was killed from outside ({signal.Signals(number).name})"
        return f"has ended by itself, exit code {code}"

    def close(self) -> None:
        """End it if it still runs: first by closing its stdin."""
        if self._process.stdin is not None:
            # What it had not read any more is of no use to it now.
            with suppress(BrokenPipeError):
                self._process.stdin.close()
        try:
            self._process.wait(END_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def failed(self, what: str) -> SluiceError:
        """The error that a person can follow up, with the end of its log."""
        lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()
        if not lines:
            return SluiceError(f"The {self.name} {what}. Its log, {self._log}, is empty")
        tail = "\n".join(f"  {line}" for line in lines[-LOG_LINES_SHOWN:])
        return SluiceError(f"The {self.name} {what}. The end of its log, {self._log}:\n{tail}")

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put("")


class Router(Child):
    """`sluice run`, as anybody starts it, under the warden that ends it with the demo."""

    def __init__(self, options: Sequence[str], log: Path, environment: dict[str, str]) -> None:
        run = (*PYTHON, "-m", "cli.main", "run", *options)
        super().__init__("router", (sys.executable, "-I", str(WARDEN), *run), log, environment)
        told = self._lines.get(timeout=END_TIMEOUT_S).strip()
        if not told:
            raise self.failed("could not be started")
        self.process_id = int(told)

    def kill(self) -> None:
        """SIGKILL: no handler runs, nothing is flushed, a transaction may be open."""
        os.kill(self.process_id, signal.SIGKILL)
        self.wait()

    def stop(self) -> int:
        """SIGTERM: it finishes the bundle in hand; its exit code."""
        os.kill(self.process_id, signal.SIGTERM)
        return self.wait()


def played(name: str, module: str, script: Path, environment: dict[str, str]) -> Child:
    """Start one of the demo's own programs."""
    return Child(name, (*PYTHON, "-m", module, str(script)), script.with_suffix(".log"), environment)


def clean_environment() -> dict[str, str]:
    """This process's environment without Sluice's settings: the demo's broker is the only one it may touch."""
    return {name: value for name, value in os.environ.items() if not name.startswith("SLUICE_")}
