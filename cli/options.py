"""The options that several verbs share, so that they are spelled and explained the same everywhere."""

from pathlib import Path
from typing import Annotated

import typer

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
    typer.Option("--network", metavar="NAME", help="Read this network's partition only. Default: all."),
]
