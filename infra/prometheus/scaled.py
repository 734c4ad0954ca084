"""Writes the rule files: as they are, for a deployment's own documents, or with every duration scaled for a drill.

    python -m infra.prometheus.scaled                                        # infra/prometheus/rules, as it is deployed
    python -m infra.prometheus.scaled --factor 60 --scrape-interval 1 --to DIRECTORY
    python -m infra.prometheus.scaled --runbooks https://wiki.example/sluice/ --to DIRECTORY

With a factor of 60 an hour is a minute. Windows and waiting times are divided, thresholds are not. Nothing is made
shorter than the scrape interval, and no window shorter than four of them.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from infra.prometheus.durations import Scale
from infra.prometheus.rule import RUNBOOKS
from infra.prometheus.rules import GROUPS
from infra.prometheus.yaml_text import yaml_text

RULES = Path(__file__).with_name("rules")
HEADER = "# Written by `make rules` from the Python files beside this folder: change those.\n"


def rule_files(
    factor: float = 1.0, scrape_interval_s: float = 0.0, runbooks: str = RUNBOOKS
) -> dict[str, str]:
    """The text of every rule file by its name."""
    scale = Scale(factor, round(scrape_interval_s * 1000))
    return {f"{group.name}.yaml": HEADER + yaml_text(group.as_mapping(scale, runbooks)) for group in GROUPS}


def write_rules(
    directory: Path, factor: float = 1.0, scrape_interval_s: float = 0.0, runbooks: str = RUNBOOKS
) -> list[Path]:
    """Write every rule file into the directory; returns their paths, for Prometheus' `rule_files`."""
    directory.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, text in rule_files(factor, scrape_interval_s, runbooks).items():
        path = directory / name
        path.write_text(text, encoding="utf-8")
        paths.append(path)
    return paths


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m infra.prometheus.scaled", description="Write the rule files."
    )
    parser.add_argument("--factor", type=float, default=1.0, help="divide every duration by this (default 1)")
    parser.add_argument(
        "--scrape-interval",
        type=float,
        default=0.0,
        metavar="SECONDS",
        help="no duration is shorter than this",
    )
    parser.add_argument(
        "--runbooks", default=RUNBOOKS, help=f"what the runbooks' addresses start with ({RUNBOOKS})"
    )
    parser.add_argument("--to", type=Path, default=RULES, help="the directory to write to")
    given = parser.parse_args(arguments)
    if given.factor <= 0:
        parser.error(f"--factor {given.factor:g}: expected more than 0")
    if given.to == RULES and given.factor != 1:
        parser.error("rules for a drill are not those of a deployment: name another directory with --to")
    for path in write_rules(given.to, given.factor, given.scrape_interval, given.runbooks):
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
