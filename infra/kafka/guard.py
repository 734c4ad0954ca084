"""Starts a server, such as the broker's JVM, that ends when Sluice ends, however Sluice ends."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

WARDEN = Path(__file__).with_name("warden.py")


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
