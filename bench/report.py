"""The results as a person and as a program reads them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from bench.core import Speed
from bench.latency import AtRate, latency_lines
from bench.machine import Machine, machine_line
from bench.metrics_cost import Cost, cost_table
from bench.page import DOCUMENTS, replace_between
from bench.restore import Restores, restore_lines
from bench.steps import Steps, steps_table, variants_table
from bench.takeover import TakeOvers, takeover_lines
from bench.throughput import Throughput, throughput_lines

RESULTS = Path(__file__).with_name("results.json")
PAGE = DOCUMENTS / "benchmarks.md"
END = "<!-- end of measured -->"


class Results(Struct, frozen=True, kw_only=True):
    """All that was measured; None for what was left out."""

    machine: Machine
    measured_on: str
    is_quick: bool
    throughput: Throughput | None = None
    latency: list[AtRate] | None = None
    restore: Restores | None = None
    takeover: TakeOvers | None = None
    steps: Steps | None = None
    variants: list[Speed] | None = None
    metrics: list[Cost] | None = None


class Section(Struct, frozen=True):
    """What one measurement found, as a person reads it; `name` is its place on the page."""

    name: str
    title: str
    lines: list[str]


MEASURED: tuple[tuple[str, str, Callable[[Any], list[str]]], ...] = (
    ("throughput", "Throughput, Kafka to Kafka, exactly once", throughput_lines),
    ("latency", "Latency, produce to warehouse consumer", latency_lines),
    ("restore", "Restore", restore_lines),
    ("takeover", "Take-over", takeover_lines),
    ("steps", "Microseconds by step, core alone", steps_table),
    ("variants", "Other bundle sizes and wider networks, core alone", variants_table),
    ("metrics", "What all metrics cost", cost_table),
)
"""Each by its name among the results, in the page's order."""


def sections(results: Results) -> list[Section]:
    """One for each measurement that was made."""
    return [
        Section(name, title, lines_of(measured))
        for name, title, lines_of in MEASURED
        if (measured := getattr(results, name)) is not None
    ]


def text(results: Results) -> str:
    parts = [machine_line(results.machine)]
    if results.is_quick:
        parts.append("A quick run: it shows that everything works, its numbers mean nothing.")
    parts += [
        "\n".join([section.title, *(f"  {line}" for line in section.lines)]) for section in sections(results)
    ]
    return "\n\n".join(parts)


def save(results: Results, path: Path = RESULTS) -> None:
    """For programs: every single run, from which the medians follow."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(results), indent=1))


def paste(results: Results, page: Path = PAGE) -> None:
    """Replace the sections of what was measured in the documentation, and nothing else of it."""
    measured = f"{results.measured_on}: {machine_line(results.machine)}."
    replace_between(
        page,
        [
            (
                f"<!-- measured: {section.name} -->\n",
                END,
                "\n".join([f"### {section.title}", "", measured, "", "```text", *section.lines, "```", ""]),
            )
            for section in sections(results)
        ],
    )
