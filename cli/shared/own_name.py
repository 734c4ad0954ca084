"""How a person can type this command again, or the next one."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path

_of_the_deployment: dict[str, str] = {}
"""The options that this process was given to say which cluster, settings and topics are meant, as they were typed."""


def note_option(name: str, value: object) -> None:
    """One of those options, None where it was not given: a process has one command line."""
    if value is None:
        _of_the_deployment.pop(name, None)
    else:
        _of_the_deployment[name] = str(value)


def own_name() -> str:
    """`sluice` where the shell finds this very command by that name, else the path that was typed."""
    found = shutil.which("sluice")
    if found is not None and Path(found).resolve() == Path(sys.argv[0]).resolve():
        return "sluice"
    return sys.argv[0]


def next_command(*words: str) -> str:
    """`sluice WORDS` with the options of the verb that runs which say where: copied, it asks the same deployment."""
    return f"{shlex.quote(own_name())} {with_deployment(*words)}"


def with_deployment(*words: str) -> str:
    """The words and those options, as a shell takes them."""
    options = [text for name, value in _of_the_deployment.items() for text in (f"--{name}", value)]
    return shlex.join([*words, *options])
