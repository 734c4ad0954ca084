"""Stands between Sluice and the broker's JVM: ends the JVM when Sluice ends, however Sluice ends.

    python warden.py COMMAND...

It prints the JVM's process id, then waits for one of two things: the JVM ends (then the warden ends), or its
own stdin closes, which the kernel does when the parent is gone, even by SIGKILL. Then it stops the JVM,
cleanly first.

Why a process of its own: the kernel's parent-death signal exists on Linux only, is tied to the *thread* that
started the child (a broker started from a worker thread would die with it), and can only kill; a pipe has
none of these faults, and the broker closes its files. It runs in its own session, so Ctrl-C in a terminal
reaches neither it nor the JVM. It imports nothing of Sluice: it starts in 20 ms and weighs 9 MB.
"""

import os
import signal
import subprocess
import sys
import threading

STOP_TIMEOUT_S = 10


def main() -> int:
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    java = subprocess.Popen(
        sys.argv[1:],
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr,
        restore_signals=True,
        preexec_fn=_heed_signals,
    )
    print(java.pid, flush=True)
    threading.Thread(target=_stop_when_the_parent_is_gone, args=(java,), daemon=True).start()
    code = java.wait()
    # Of a signal a shell says 128 and its number, and people know 137; a negative code would come out as 247.
    return code if code >= 0 else 128 - code


def _heed_signals() -> None:
    """An ignored signal stays ignored in a child, and the JVM must hear the request to stop."""
    for heeded in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(heeded, signal.SIG_DFL)


def _stop_when_the_parent_is_gone(java: "subprocess.Popen[bytes]") -> None:
    while os.read(0, 1):
        pass
    java.terminate()
    try:
        java.wait(STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        java.kill()


if __name__ == "__main__":
    sys.exit(main())
