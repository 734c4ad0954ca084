"""The warden of a server ends as the server does."""

import signal
import subprocess
import sys

import pytest

from infra.kafka.guard import WARDEN


@pytest.mark.parametrize(
    ("ending", "code"), [("exit 0", 0), ("exit 2", 2), ("kill -KILL $$", 128 + signal.SIGKILL)]
)
def test_the_exit_code_is_the_servers_and_that_of_a_shell_where_a_signal_ended_it(
    ending: str, code: int
) -> None:
    # Its own stdin stays open: were it closed, the warden would end the server.
    with subprocess.Popen(
        [sys.executable, "-I", str(WARDEN), "sh", "-c", ending],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    ) as warden:
        assert warden.wait(30) == code
