"""A command that the output names asks the deployment that this one asked."""

from __future__ import annotations

import shlex

import pytest
import typer
from typer.testing import CliRunner

from cli.shared.options import Config, Kafka, Prefix
from cli.shared.own_name import next_command, own_name, with_deployment


def told(*options: str) -> str:
    """What a verb with these options says of the next one."""
    app = typer.Typer()

    @app.command()
    def verb(kafka: Kafka = None, config: Config = None, prefix: Prefix = None) -> None:
        print(next_command("explain", "O 1"))

    return CliRunner().invoke(app, options).stdout.removesuffix("\n")


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["--kafka", "kafka.example:9092"],
        ["--kafka", "a:1,b:2", "--config", "my settings.toml", "--prefix", "it's."],
    ],
)
def test_the_next_command_has_the_options_that_were_given_and_no_others(options: list[str]) -> None:
    assert shlex.split(told(*options)) == [own_name(), "explain", "O 1", *options]


def test_what_one_command_line_said_the_next_one_does_not_repeat() -> None:
    told("--kafka", "kafka.example:9092")
    told()
    assert with_deployment("topics") == "topics"
