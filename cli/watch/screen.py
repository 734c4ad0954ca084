"""The live view: figures on top, below them what happened last, newest first."""

from __future__ import annotations

from collections import Counter, deque

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from cli.watch.happenings import Happening
from cli.watch.lines import (
    age_in_words,
    clock_face,
    ignored_in_words,
    lag_in_words,
    number,
    phases_in_words,
    routers_in_words,
)
from cli.watch.moment import Moment
from cli.watch.tails import KINDS
from schemas.kinds import DEAD_LETTERS, DECISIONS, EXCEPTIONS, INVENTORY

TITLES = {
    DECISIONS: "latest decisions",
    EXCEPTIONS: "for a person to look at",
    DEAD_LETTERS: "dead letters",
    INVENTORY: "stock events",
}
SHARES = {DECISIONS: 0.4, EXCEPTIONS: 0.2, DEAD_LETTERS: 0.2, INVENTORY: 0.2}
"""How the lines of the terminal are shared out."""
AROUND = 16
"""Lines that frames and figures take."""
LINES_MIN = 2
AGE_OBJECTIVE_MS = 500
HISTORY = 60


class Screen:
    """Remembers what was shown, so that a quiet second does not empty the view."""

    def __init__(self) -> None:
        self._shown: dict[str, deque[Happening]] = {kind: deque(maxlen=HISTORY) for kind in KINDS}
        self._counts = dict.fromkeys(KINDS, 0)
        self._ignored: Counter[str] = Counter()

    def render(self, moment: Moment, console: Console) -> RenderableType:
        """The whole view as of this moment."""
        for kind in KINDS:
            self._shown[kind].extend(moment.latest[kind])
            self._counts[kind] += moment.counts.get(kind, 0)
        self._ignored.update(moment.totals.ignored_stock)
        room = max(0, console.height - AROUND)
        panels = [self._panel(kind, max(LINES_MIN, int(room * share))) for kind, share in SHARES.items()]
        return Group(_head(moment), _figures(moment), *panels)

    def _panel(self, kind: str, lines: int) -> Panel:
        text = Text(no_wrap=True, overflow="ellipsis")
        newest_first = list(self._shown[kind])[::-1][:lines]
        text.append("\n".join(each.text for each in newest_first) or "none since this view was opened", "")
        title = f"{TITLES[kind]} ({self._counts[kind]:,})"
        if kind == INVENTORY and self._ignored:
            title += f", ignored: {ignored_in_words(self._ignored)}"
        is_bad = kind == DEAD_LETTERS and bool(self._counts[kind])
        return Panel(
            text, title=title, title_align="left", height=lines + 2, border_style="red" if is_bad else "dim"
        )


def _head(moment: Moment) -> Text:
    is_well = all(not each.away and each.is_ready for each in moment.routers)
    text = Text(f"{clock_face(moment)} UTC   ", style="dim")
    text.append(routers_in_words(moment), style="green" if is_well else "bold red")
    if moment.kafka_fault:
        text.append(f"   Kafka: {moment.kafka_fault}", style="bold red")
    return text


def _figures(moment: Moment) -> Table:
    figures = moment.totals
    table = Table(box=None, padding=(0, 3, 0, 0), show_header=False)
    rows = (
        ("decisions", f"{number(figures.decisions_per_second)} a second", "lag", lag_in_words(moment)),
        ("decision age", _age(moment), "partitions", _partitions(moment)),
        ("orders waiting", number(figures.waiting_orders), "overdue", _overdue(moment)),
    )
    for left, one, right, two in rows:
        table.add_row(Text(left, style="dim"), one, Text(right, style="dim"), two)
    return table


def _age(moment: Moment) -> Text:
    p99 = moment.totals.age_p99_ms
    return Text(age_in_words(moment), style="bold red" if p99 is not None and p99 > AGE_OBJECTIVE_MS else "")


def _partitions(moment: Moment) -> Text:
    return Text(phases_in_words(moment), style="bold red" if moment.totals.undecided_partitions else "")


def _overdue(moment: Moment) -> Text:
    overdue = moment.totals.overdue_orders
    return Text(number(overdue), style="bold red" if overdue else "")
