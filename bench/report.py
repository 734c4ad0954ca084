"""The results as a person and as a program reads them."""

from __future__ import annotations

from pathlib import Path

import msgspec
from msgspec import Struct

from bench.core import Speed
from bench.latency import RATIO_MAX, AtRate, latency_lines
from bench.machine import Machine, machine_line
from bench.metrics_cost import COST_US_MAX, Cost, cost_table
from bench.restore import SECONDS_MAX, Restores, restore_lines
from bench.steps import Steps, steps_table, variants_table
from bench.takeover import COLD_SECONDS_MAX, WARM_SECONDS_MAX, TakeOvers, takeover_lines
from bench.throughput import RATIO_MIN, Throughput, throughput_lines

RESULTS = Path(__file__).with_name("results.json")
PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"
BEGIN = "<!-- numbers: begin, written by `make bench PASTE=1` -->"
END = "<!-- numbers: end -->"


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
    metrics: list[Cost] | None = None
    variants: list[Speed] | None = None


def sections(results: Results) -> list[tuple[str, list[str]]]:
    """Title and lines of each measurement that was made."""
    found: list[tuple[str, list[str]]] = []
    if results.throughput is not None:
        found.append(("Throughput, Kafka to Kafka, exactly once", throughput_lines(results.throughput)))
    if results.latency is not None:
        found.append(("Latency, produce to warehouse consumer", latency_lines(results.latency)))
    if results.restore is not None:
        found.append(("Restore", restore_lines(results.restore)))
    if results.takeover is not None:
        found.append(("Take-over", takeover_lines(results.takeover)))
    if results.steps is not None:
        found.append(("Microseconds by step, core alone", steps_table(results.steps)))
    if results.metrics is not None:
        found.append(("What all metrics cost", cost_table(results.metrics)))
    if results.variants is not None:
        found.append(("Other bundle sizes and wider networks, core alone", variants_table(results.variants)))
    return found


def verdicts(results: Results) -> list[str]:
    """Each target beside what was measured."""
    lines: list[str] = []
    if results.throughput is not None:
        ratio = results.throughput.ratio
        lines.append(_verdict(ratio >= RATIO_MIN, f"throughput {ratio:.2f} of the pass-through", RATIO_MIN))
    for each in results.latency or ():
        sentence = f"p99 at {each.per_second:,} orders/s {each.ratio:.2f} x the pass-through's"
        lines.append(_verdict(each.ratio <= RATIO_MAX, sentence, RATIO_MAX))
    if results.restore is not None:
        seconds = results.restore.seconds
        lines.append(_verdict(seconds <= SECONDS_MAX, f"restore in {seconds:.1f} s", SECONDS_MAX))
    if results.takeover is not None:
        cold_s, warm_s = results.takeover.cold_s, results.takeover.warm_s
        cold, warm = (
            f"{kind} take-over in at most {s:.1f} s" for kind, s in (("cold", cold_s), ("warm", warm_s))
        )
        lines.append(_verdict(cold_s <= COLD_SECONDS_MAX, cold, COLD_SECONDS_MAX))
        lines.append(_verdict(warm_s <= WARM_SECONDS_MAX, warm, WARM_SECONDS_MAX))
    for cost in results.metrics or ():
        sentence = f"metrics in {cost.at_once_us:.2f} us an order, bundles of {cost.bundle_records}"
        lines.append(_verdict(cost.at_once_us <= COST_US_MAX, sentence, COST_US_MAX))
    return lines


def _verdict(is_met: bool, sentence: str, target: float) -> str:
    return f"{'met   ' if is_met else 'MISSED'}  {sentence} (target {target:g})"


def text(results: Results) -> str:
    """For the terminal."""
    parts = [machine_line(results.machine)]
    if results.is_quick:
        parts.append("A quick run: it shows that everything works, its numbers mean nothing.")
    parts += ["\n".join([title, *(f"  {line}" for line in lines)]) for title, lines in sections(results)]
    parts.append("\n".join(["Targets", *(f"  {line}" for line in verdicts(results))]))
    return "\n\n".join(parts)


def save(results: Results, path: Path = RESULTS) -> None:
    """For programs: every single run, from which the medians follow."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(results), indent=1))


def paste(results: Results, page: Path = PAGE) -> None:
    """Replace the numbers in the documentation, and nothing else of it."""
    before, begin, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{page} has no place for the numbers: {BEGIN} ... {END}")
    blocks = [f"Measured on {results.measured_on}: {machine_line(results.machine)}."]
    for title, lines in [*sections(results), ("Targets", verdicts(results))]:
        blocks.append("\n".join([f"### {title}", "", "```text", *lines, "```"]))
    page.write_text(before + begin + "\n\n" + "\n\n".join(blocks) + "\n\n" + end + after, encoding="utf-8")
