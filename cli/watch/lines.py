"""The figures of a moment in a few words: for a line of plain text, and for the head of the live view."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from cli.watch.moment import Moment
from cli.words.counting import counted, some_of
from schemas.kinds import DEAD_LETTERS, DECISIONS, EXCEPTIONS, INVENTORY
from schemas.times import EPOCH, MILLISECOND

UNKNOWN = "-"
POOLS_NAMED = 3


def clock_face(moment: Moment) -> str:
    """`14:02:31`, UTC."""
    return f"{EPOCH + moment.at_ms * MILLISECOND:%H:%M:%S}"


def routers_in_words(moment: Moment) -> str:
    """How many of the routers answer and are ready; why not, for the others."""
    away = [f"router {each.address} does not answer: {each.away}" for each in moment.routers if each.away]
    unready = [
        f"router {each.address} is not ready: {'; '.join(each.reasons)}"
        for each in moment.routers
        if not each.away and not each.is_ready
    ]
    ready = len(moment.routers) - len(away) - len(unready)
    told = [f"{counted(ready, 'router')} ready"] if ready else []
    return ", ".join([*told, *away, *unready])


def phases_in_words(moment: Moment) -> str:
    """`4 live`, or `3 live, 1 restoring, nobody decides 2`."""
    phases = Counter(state.phase for reading in moment.routers for state in reading.partitions.values())
    told = [f"{count} {phase}" for phase, count in phases.most_common()]
    return ", ".join([*told, *filter(None, [undecided_in_words(moment)])]) or UNKNOWN


def undecided_in_words(moment: Moment) -> str:
    """`nobody decides 2, 3`; where one router was asked, another may decide what this one does not."""
    numbers = moment.totals.undecided_partitions
    who = "this router does not decide" if len(moment.routers) == 1 else "nobody decides"
    return f"{who} {', '.join(map(str, numbers))}" if numbers else ""


def age_in_words(moment: Moment) -> str:
    """`p50 9 ms, p99 31 ms`; dashes while no order was decided."""
    p50, p99 = moment.totals.age_p50_ms, moment.totals.age_p99_ms
    return f"p50 {number(p50, 'ms')}, p99 {number(p99, 'ms')}"


def lag_in_words(moment: Moment) -> str:
    """`12 records, 0.1 s`, or `unknown` while a partition is not decided."""
    records, seconds = moment.totals.lag_records, moment.totals.lag_seconds
    return (
        "unknown" if records is None or seconds is None else f"{counted(records, 'record')}, {seconds:,.1f} s"
    )


def number(value: float | None, unit: str = "") -> str:
    """A whole number with its unit; a dash where nobody said it."""
    return UNKNOWN if value is None else f"{value:,.0f}{f' {unit}' if unit else ''}"


def ignored_in_words(records: Mapping[str, int]) -> str:
    """`lyon 12, turin 3 and 4 more`: the pools of which most was ignored."""
    most = sorted(records.items(), key=lambda each: (-each[1], each[0]))
    return some_of([f"{pool} {count:,}" for pool, count in most], POOLS_NAMED)


def plain_line(moment: Moment) -> str:
    """One moment in one line."""
    figures = moment.totals
    parts = [
        clock_face(moment),
        routers_in_words(moment),
        f"{number(figures.decisions_per_second)} decisions/s",
        f"age {age_in_words(moment)}",
        f"lag {lag_in_words(moment)}",
        f"partitions {phases_in_words(moment)}",
        f"waiting {number(figures.waiting_orders)}, overdue {number(figures.overdue_orders)}",
    ]
    for kind, word in (
        (EXCEPTIONS, "exception"),
        (DEAD_LETTERS, "dead letter"),
        (INVENTORY, "stock event"),
    ):
        if moment.counts.get(kind):
            parts.append(counted(moment.counts[kind], word))
    if figures.ignored_stock:
        parts.append(f"stock ignored: {ignored_in_words(figures.ignored_stock)}")
    if moment.kafka_fault:
        parts.append(f"Kafka: {moment.kafka_fault}")
    latest = moment.latest[DECISIONS]
    if latest:
        parts.append(f"latest: {latest[-1].text}")
    return "  |  ".join(parts)
