"""The results as a person and as a program reads them."""

from __future__ import annotations

from pathlib import Path

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


def sections(results: Results) -> list[Section]:
    """One for each measurement that was made, in the page's order."""
    found: list[Section] = []
    if results.throughput is not None:
        title = "Throughput, Kafka to Kafka, exactly once"
        found.append(Section("throughput", title, throughput_lines(results.throughput)))
    if results.latency is not None:
        title = "Latency, produce to warehouse consumer"
        found.append(Section("latency", title, latency_lines(results.latency)))
    if results.restore is not None:
        found.append(Section("restore", "Restore", restore_lines(results.restore)))
    if results.takeover is not None:
        found.append(Section("takeover", "Take-over", takeover_lines(results.takeover)))
    if results.steps is not None:
        found.append(Section("steps", "Microseconds by step, core alone", steps_table(results.steps)))
    if results.variants is not None:
        title = "Other bundle sizes and wider networks, core alone"
        found.append(Section("variants", title, variants_table(results.variants)))
    if results.metrics is not None:
        found.append(Section("metrics", "What all metrics cost", cost_table(results.metrics)))
    return found


def text(results: Results) -> str:
    """For the terminal."""
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
