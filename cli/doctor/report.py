"""The findings for a person: the worst group last, where the eye rests; then a verdict and what to do next."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable
from typing import Any

from rich.console import Console
from rich.markup import escape

from cli.doctor.findings import Finding, Located, Severity

STYLES = {Severity.OK: "green", Severity.UNKNOWN: "dim", Severity.WARN: "yellow", Severity.FAIL: "bold red"}
HEADS = {
    Severity.OK: "All is well",
    Severity.UNKNOWN: "Nothing wrong was seen",
    Severity.WARN: "It works, but",
    Severity.FAIL: "Something is wrong",
}
FOLLOWS_FROM_ROUTERS = {"group", "lag"}
"""Where a router that is dead shows, too: a partition without an owner, records that wait."""
WIDTH = 110
INDENT = " " * 11


def sorted_groups(located: Iterable[Located]) -> list[tuple[str, list[Finding]]]:
    """The groups, each with its findings; the worst group and the worst finding of each come last."""
    groups: dict[str, list[Finding]] = {}
    for each in located:
        groups.setdefault(each.check, []).append(each.finding)
    ordered = [(name, sorted(found, key=lambda finding: finding.severity)) for name, found in groups.items()]
    return sorted(ordered, key=lambda group: group[1][-1].severity)


def worst(located: Iterable[Located]) -> Finding | None:
    """The finding to begin with: the first of the worst ones, a cause before what follows from it."""
    # A stable sort: of one check, the first stays the first.
    ordered = sorted(located, key=lambda each: (-each.finding.severity, each.check in FOLLOWS_FROM_ROUTERS))
    return ordered[0].finding if ordered else None


def exit_code(located: Iterable[Located], *, is_strict: bool) -> int:
    """1 when something is wrong; with `is_strict` also for what will hurt one day."""
    limit = Severity.WARN if is_strict else Severity.FAIL
    return int(any(each.finding.severity >= limit for each in located))


def verdict(located: list[Located]) -> str:
    """All of it in one line."""
    counts = Counter(each.finding.severity for each in located)
    parts = [
        (counts[Severity.FAIL], "wrong"),
        (counts[Severity.WARN], "to look after"),
        (counts[Severity.UNKNOWN], "not known"),
        (counts[Severity.OK], "fine"),
    ]
    told = ", ".join(f"{count} {word}" for count, word in parts if count)
    return f"{HEADS[max(counts, default=Severity.OK)]}: {told}."


def print_text(located: list[Located], console: Console) -> None:
    """Colours only where the console is a terminal."""
    for name, findings in sorted_groups(located):
        console.print(f"[bold]{escape(name)}[/bold]")
        for finding in findings:
            for line in _lines(finding):
                console.print(line, highlight=False, soft_wrap=True)
    console.print()
    console.print(escape(verdict(located)), highlight=False, soft_wrap=True)
    first = worst(located)
    if first is not None and first.severity >= Severity.WARN:
        console.print(escape(f"Next: {first.command or first.remedy}"), highlight=False, soft_wrap=True)


def _lines(finding: Finding) -> Iterable[str]:
    style = STYLES[finding.severity]
    seen, *more = _wrapped(finding.seen)
    yield f"  [{style}]{finding.severity.word:<7}[/{style}]  {escape(seen)}"
    yield from (INDENT + escape(line) for line in more)
    for label, text in (
        ("expected", finding.expected),
        ("to do", finding.remedy),
        ("command", finding.command),
    ):
        if text:
            # A command is copied: it must stay on one line.
            told = [text] if label == "command" else _wrapped(text, len(INDENT) + 10)
            yield f"{INDENT}[dim]{label:<8}[/dim]  {escape(told[0])}"
            yield from (f"{INDENT}{'':<10}{escape(line)}" for line in told[1:])


def _wrapped(text: str, indent: int = len(INDENT)) -> list[str]:
    return textwrap.wrap(text, WIDTH - indent, break_long_words=False, break_on_hyphens=False) or [""]


def as_json(located: list[Located], *, is_strict: bool) -> dict[str, Any]:
    """For programs; the order of the checks is kept."""
    return {
        "ok": exit_code(located, is_strict=is_strict) == 0,
        "verdict": verdict(located),
        "findings": [
            {
                "check": each.check,
                "severity": each.finding.severity.word,
                "seen": each.finding.seen,
                "expected": each.finding.expected,
                "remedy": each.finding.remedy,
                "command": each.finding.command,
            }
            for each in located
        ],
    }
