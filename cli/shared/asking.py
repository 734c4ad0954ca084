"""What the verbs that publish for good ask of whoever types: a yes, a name to put to it, and how long to wait."""

from __future__ import annotations

import getpass
import sys
from contextlib import AbstractContextManager, nullcontext, redirect_stdout
from typing import get_args

import typer

from cli.network_dir import values
from infra.errors import ConfigurationError, Interrupted
from schemas.envelope import Text

TEXT_LENGTH_MAX: int = get_args(Text)[1].max_length


def author() -> str:
    """Who types, as it is kept for good: no longer than the contract takes, empty where the user has no name."""
    try:
        return getpass.getuser()[:TEXT_LENGTH_MAX]
    except (KeyError, OSError):
        return ""  # A container's user often has no name.


def confirmed(question: str, *, yes: bool, done: str) -> bool:
    """Whether to go on: said already, or asked now.

    Raises `ConfigurationError` where nobody can be asked, and `Interrupted` at Ctrl-C; `done` is what was not done then
    ("published").
    """
    if yes:
        return True
    if not sys.stdin.isatty():
        raise ConfigurationError(
            f"Nothing was {done}, because nobody can be asked here. Say --yes, or --dry-run to only look"
        )
    try:
        return typer.confirm(question)
    except typer.Abort:
        print()  # Behind the question.
        raise Interrupted(f"interrupted: nothing was {done}") from None


def told_to_people(as_json: bool) -> AbstractContextManager[object]:
    """For as long as the block lasts, what a person reads goes to stderr where a program reads stdout."""
    return redirect_stdout(sys.stderr) if as_json else nullcontext()


def wait_seconds(wait: str) -> float:
    """The value of --wait; "0" is not to wait."""
    try:
        return 0.0 if wait == "0" else float(values.duration_seconds(wait))
    except values.BadValueError as fault:
        raise ConfigurationError(f'--wait "{wait}" {fault}') from None
