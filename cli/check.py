"""`sluice check`: find every fault of a network directory at once."""

import json
import shlex
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from cli.network_dir.reading import Reading, read_network
from cli.network_dir.summary import counts, reached, summary
from cli.shared.options import AsJson
from cli.words.counting import counted


def command(
    directory: Annotated[Path, typer.Argument(help="The network directory: TOML and CSV.")],
    as_json: AsJson = False,
) -> None:
    """Read a network directory and say everything that is wrong with it, with file, line and remedy.

    Exit code 2 when there is a fault; warnings refuse nothing.

    Example:

        sluice check my-network
    """
    reading = read_network(directory, datetime.now(UTC).date())
    if as_json:
        print(json.dumps(_report(reading), indent=2, ensure_ascii=False))
    else:
        _print_text(directory, reading)
    raise typer.Exit(2 if reading.faults else 0)


def _report(reading: Reading) -> dict[str, object]:
    network = reading.network
    return {
        "network": network.name if network else None,
        "faults": msgspec.to_builtins(reading.faults),
        "warnings": msgspec.to_builtins(reading.warnings),
        "holds": counts(network) | reached(network) if network else None,
    }


def _print_text(directory: Path, reading: Reading) -> None:
    for fault in reading.faults + reading.warnings:
        print(fault.text, file=sys.stderr)
    warnings = f", {counted(len(reading.warnings), 'warning')}" if reading.warnings else ""
    if reading.network is None:
        print(f"{counted(len(reading.faults), 'fault')}{warnings} in {directory}", file=sys.stderr)
        return
    print(f"{summary(reading.network)}{warnings}")
    print(f"Next: sluice apply {shlex.quote(str(directory))}")
