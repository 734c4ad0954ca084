"""The options that several verbs share, so that they are spelled and explained the same everywhere."""

from pathlib import Path
from typing import Annotated

import typer

from infra.errors import ConfigurationError


def text_of(parameter: typer.CallbackParam, value: str | None) -> str | None:
    """What was typed, when it is text: no name that a topic holds has bytes that are not UTF-8."""
    try:
        (value or "").encode()
    except UnicodeEncodeError:
        named = (value or "").encode(errors="backslashreplace").decode()
        raise ConfigurationError(f'{parameter.name} "{named}" is no text in UTF-8') from None
    return value


Kafka = Annotated[
    str | None,
    typer.Option("--kafka", metavar="HOST:PORT", help="The cluster to use. Default: the local broker."),
]
Config = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="Settings. Default: sluice.toml, when it is there."),
]
Prefix = Annotated[
    str | None,
    typer.Option("--prefix", metavar="TEXT", help="What every topic name starts with. Default: sluice."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Network = Annotated[
    str | None,
    typer.Option(
        "--network",
        metavar="NAME",
        callback=text_of,
        help="Read this network's partition only. Default: all.",
    ),
]
