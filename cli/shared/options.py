"""The options that several verbs share, so that they are spelled and explained the same everywhere."""

from pathlib import Path
from typing import Annotated, Any

import typer

from cli.shared.own_name import note_option
from infra.errors import ConfigurationError
from schemas.kinds import INPUT_TOPICS


def text_of(parameter: typer.CallbackParam, value: str | None) -> str | None:
    """What was typed, when it is text: no name that a topic holds has bytes that are not UTF-8."""
    try:
        (value or "").encode()
    except UnicodeEncodeError:
        named = (value or "").encode(errors="backslashreplace").decode()
        raise ConfigurationError(f'{parameter.name} "{named}" is no text in UTF-8') from None
    return value


def where(parameter: typer.CallbackParam, value: Any) -> Any:
    """Commands that the output names ask the same deployment."""
    note_option(str(parameter.name), value)
    return value


def require_input_topic(topic: str | None) -> None:
    """Refuse a --topic that events are not sent to."""
    if topic not in (None, *INPUT_TOPICS):
        raise ConfigurationError(f'--topic "{topic}" is no input topic; there are {", ".join(INPUT_TOPICS)}')


Kafka = Annotated[
    str | None,
    typer.Option(
        "--kafka", metavar="HOST:PORT", callback=where, help="The cluster to use. Default: the local broker."
    ),
]
Config = Annotated[
    Path | None,
    typer.Option(
        "--config", metavar="FILE", callback=where, help="Settings. Default: sluice.toml, when it is there."
    ),
]
Prefix = Annotated[
    str | None,
    typer.Option(
        "--prefix", metavar="TEXT", callback=where, help="What every topic name starts with. Default: sluice."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Since = Annotated[str | None, typer.Option(metavar="TIME", help="Not before, in UTC, or how long ago: 90m.")]
Network = Annotated[
    str | None,
    typer.Option(
        "--network",
        metavar="NAME",
        callback=text_of,
        help="Read this network's partition only. Default: all.",
    ),
]
