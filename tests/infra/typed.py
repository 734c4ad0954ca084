"""Takes a command as a person types it, and asks the real command line whether it knows every word of it."""

from __future__ import annotations

import re
import shlex
from typing import Any

import typer
from typer.main import get_command

from cli.main import VERBS, _application

READS_ONLY = (
    "doctor",
    "watch",
    "orders",
    "explain",
    "stock",
    "audit",
    "dead-letters list",
    "topics --verify",
)
"""What can be typed without thinking."""

_CODE = re.compile(r"^```\w*\n(.*?)^```|`([^`\n]+)`", re.MULTILINE | re.DOTALL)
_TYPED = re.compile(r"(?:^|[ /])sluice ([a-z].*)$")


def typed_in(page: str) -> list[str]:
    """Every command of ours that stands in a page as code, from its verb on, in the order of the page."""
    lines = [line for block, inline in _CODE.findall(page) for line in (block or inline).splitlines()]
    return [found[1] for line in lines if (found := _TYPED.search(line))]


def parsed(command: str) -> dict[str, Any]:
    """The parameters that its verb would be given.

    Raises `AssertionError` with the command line's own words for what it does not take.
    """
    words = shlex.split(command)
    assert words[0] in VERBS, f"sluice {command}: there is no such verb"
    verb: Any = get_command(_application(wanted=words[0]))
    try:
        context = verb.make_context("sluice", list(words))
        # A verb may have verbs of its own, such as `dead-letters list`.
        while hasattr(verb, "resolve_command"):
            name, verb, rest = verb.resolve_command(context, [*context._protected_args, *context.args])
            context = verb.make_context(name, list(rest), parent=context)
    except typer.Exit:
        return {}  # --help
    except Exception as error:
        raise AssertionError(f"sluice {command}: {error}") from None
    parameters: dict[str, Any] = context.params
    return parameters
