"""Starts a server, such as the broker's JVM, that ends when Sluice ends, however Sluice ends."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

WARDEN = Path(__file__).with_name("warden.py")
LOG_LINES_SHOWN = 15


def start_guarded(command: Sequence[str], log: Path, lock: int | None = None) -> subprocess.Popen[str]:
    """The warden of a new server: it prints the server's process id, and stops it when its stdin closes."""
    with log.open("a") as output:
        return subprocess.Popen(
            # -I: the warden needs the standard library only, and starts quickest so.
            [sys.executable, "-I", str(WARDEN), *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=output,
            text=True,
            # A session of its own: Ctrl-C in the terminal is for Sluice, which then stops the broker.
            start_new_session=True,
            # The warden holds the directory's lock for as long as the server lives, even when Sluice is gone.
            pass_fds=() if lock is None else (lock,),
        )


def stop_guarded(warden: subprocess.Popen[str], timeout_s: float) -> None:
    """The warden takes its closed stdin as the request to stop the server, and ends after it; else it is killed."""
    assert warden.stdin is not None
    warden.stdin.close()
    try:
        warden.wait(timeout_s)
    except subprocess.TimeoutExpired:
        warden.kill()
        warden.wait()
    if warden.stdout is not None:
        warden.stdout.close()


def end_of(log: Path) -> str:
    """The last lines that a server has written, indented."""
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return "\n".join(f"  {line}" for line in lines[-LOG_LINES_SHOWN:])
