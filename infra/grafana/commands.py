"""From a figure to the orders behind it: the commands, with the time and the pools that a dashboard shows filled in.

A metric carries no order, so a figure cannot link to one.  `sluice orders` finds them on the topics by what the figure
counts, and `sluice explain` tells the rest.
"""

from __future__ import annotations

from infra.grafana.model.panels import Text
from infra.grafana.panels import text

TIMES = "--since ${__from:date:iso} --until ${__to:date:iso}"
POOL = "--pool '${pool:regex}'"
CHANNEL = "--channel '${channel:regex}'"
TITLE = "Which orders are behind a figure?"
DESCRIPTION = (
    "Each command lists the orders that a figure counts, for the time and the choices above, newest last. They "
    "read the topics and change nothing. `--kafka HOST:PORT` names the cluster."
)
AFTER = "Then, for each of them: `sluice explain ORDER` tells every decision, what it cost, and why not another pool."


Rows = list[tuple[str, str]]
"""Figure and command."""

OF_NOW: Rows = [
    ("orders overdue", "sluice orders --overdue"),
    ("orders that wait", "sluice orders --waiting"),
    ("promises withdrawn", f"sluice orders --cause stock_gone {POOL} {TIMES}"),
    ("units at risk", f"sluice orders --at-risk {POOL}"),
    ("cut-offs missed", f"sluice orders --late {POOL}"),
]
OF_FLOW: Rows = [
    ("decisions, by cause", f"sluice orders --cause cut_off_passed {TIMES}"),
    ("exceptions, by kind", f"sluice orders --exception unknown_item {TIMES}"),
    ("dead letters", "sluice dead-letters list --reason unknown_pool"),
    ("a partition that does not decide", "sluice doctor"),
]
OF_NETWORK: Rows = [
    ("rejected", f"sluice orders --cause shipment.rejected {POOL} {TIMES}"),
    ("picked short", f"sluice orders --cause line.short_picked {POOL} {TIMES}"),
    ("promises withdrawn", f"sluice orders --cause stock_gone {POOL} {TIMES}"),
    ("cut-offs missed", f"sluice orders --late {POOL}"),
    ("units at risk", f"sluice orders --at-risk {POOL}"),
    ("not delivered in time", f"sluice orders --undelivered {POOL}"),
]
OF_BUSINESS: Rows = [
    ("backorders", f"sluice orders --cause order.placed --outcome waiting {CHANNEL} {TIMES}"),
    ("backorders in part", f"sluice orders --cause order.placed --outcome partly_waiting {CHANNEL} {TIMES}"),
    ("splits", f"sluice orders --outcome split {CHANNEL} {TIMES}"),
    ("units not filled", f"sluice orders --late {CHANNEL}"),
    ("not delivered in time", f"sluice orders --undelivered {CHANNEL}"),
    ("cost of a path", f"sluice orders {CHANNEL} {POOL} {TIMES}"),
]


def commands(rows: Rows, width: int, height: int) -> Text:
    """The panel of one dashboard."""
    lines = [
        "| figure | command |",
        "|---|---|",
        *(f"| {figure} | `{command}` |" for figure, command in rows),
    ]
    return text(TITLE, DESCRIPTION, "\n".join([*lines, "", AFTER, ""]), width=width, height=height)
