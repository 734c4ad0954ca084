"""A router in a process of its own, and what it says."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
END_TIMEOUT_S = 45


class RouterProcess:
    """Reads its log as it grows; `options` are settings of the router, and the fault.

    `code` is where the sources are that run: another release's, to be run with this one's libraries. `output` takes the
    lines in place of the file: somebody else's to read, or nobody's.
    """

    _number = 0

    def __init__(
        self,
        bootstrap: str,
        prefix: str,
        directory: Path,
        options: dict[str, Any],
        code: Path = ROOT,
        output: int | None = None,
    ) -> None:
        RouterProcess._number += 1
        self.log_file = directory / f"router-{RouterProcess._number}.log"
        settings = {"session_timeout_ms": 6_000, **options}
        with self.log_file.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.entry", bootstrap, prefix, json.dumps(settings)],
                cwd=code,
                stderr=log if output is None else output,
                stdout=log,
                env={**os.environ, "PYTHONPATH": str(code)},
            )

    @property
    def lines(self) -> list[str]:
        return self.log_file.read_text().splitlines()

    def events(self, name: str) -> list[dict[str, Any]]:
        """Log lines of one kind; one that is being written is none yet."""
        whole = self.log_file.read_text().rpartition("\n")[0].splitlines()
        parsed = [json.loads(line) for line in whole if line.startswith("{")]
        return [line for line in parsed if line["event"] == name]

    def is_ready(self) -> bool:
        self.require_alive()
        return bool(self.events("ready"))

    def require_alive(self) -> None:
        if self._process.poll() is not None:
            raise AssertionError(
                f"the router ended with {self._process.returncode}:\n" + "\n".join(self.lines)
            )

    def exit_code(self, timeout_s: float = 45) -> int:
        """Wait for the end."""
        return self._process.wait(timeout_s)

    def is_frozen(self) -> bool:
        """Whether the process stands still by SIGSTOP."""
        status = Path(f"/proc/{self._process.pid}/stat")
        if status.exists():
            return status.read_text().rpartition(")")[2].split()[0] == "T"
        # Without /proc the parent is told by the kernel.
        _pid, state = os.waitpid(self._process.pid, os.WNOHANG | os.WUNTRACED)
        return os.WIFSTOPPED(state)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def wake(self) -> None:
        os.kill(self._process.pid, signal.SIGCONT)

    def terminate(self) -> int:
        """SIGTERM, and wait."""
        self._process.terminate()
        return self.exit_code(END_TIMEOUT_S)

    def end(self) -> None:
        """Whatever state it is in."""
        if self._process.poll() is not None:
            return
        self._process.terminate()
        self.wake()
        deadline = time.monotonic() + END_TIMEOUT_S
        while self._process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)
        if self._process.poll() is None:
            self.kill()
