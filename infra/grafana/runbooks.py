"""The runbooks inside Grafana: one page for each alert, so that whoever is woken needs no other address.

The text is that of docs/runbooks; until an alert has a page there, what its rule says of it.
"""

from __future__ import annotations

import re
from pathlib import Path

from infra.grafana.figures import Query
from infra.grafana.layout import Section
from infra.grafana.links import uid_of
from infra.grafana.model.dashboard import Dashboard
from infra.grafana.panels import curves, text
from infra.grafana.parts import dashboard
from infra.grafana.thresholds import below
from infra.prometheus.rule import RUNBOOKS, Alert
from infra.prometheus.rules import ALERTS

PAGES = Path(__file__).parents[2] / RUNBOOKS

HOW_TO_TYPE = "## How to type a command"

LINK = re.compile(r"\[([^\]]+)\]\((?!https?://)[^)]*\)")


def build_all() -> list[Dashboard]:
    return [_build(alert) for alert in ALERTS.values()]


def _build(alert: Alert) -> Dashboard:
    fires = curves(
        "Does it fire, and since when?",
        "1 and more while the alert fires: one for each pool, partition or process that it is about. It is over "
        "when this is 0 and stays so.",
        [Query(f'count(ALERTS{{alertname="{alert.name}", alertstate="firing"}}) or vector(0)', "firing")],
        thresholds=below(1),
        width=24,
        height=6,
    )
    page = text(
        f"What to do about {alert.name}",
        "What the customer feels, how to confirm it, likely causes in order, the command to run, and how to know "
        "that it is over.",
        _words(alert),
        height=26,
    )
    return dashboard(
        uid_of(alert.name),
        f"Runbook: {alert.name}",
        f"{alert.severity}: {_without_labels(alert.summary)}",
        [],
        [Section(alert.name, [fires, page])],
        tag="sluice-runbook",
    )


def _words(alert: Alert) -> str:
    page = PAGES / alert.page
    if page.exists():
        # Links lead to files beside it, which Grafana does not have.
        return LINK.sub(r"\1", page.read_text(encoding="utf-8") + "\n" + _how_to_type())
    return (
        f"**{_without_labels(alert.summary)}**\n\n{_without_labels(alert.description)}\n\n"
        f"First command: `{_without_labels(alert.command)}`\n"
    )


def _how_to_type() -> str:
    """That part of the overview: whoever is woken has Grafana open, and nothing else."""
    overview = (PAGES / "README.md").read_text(encoding="utf-8")
    return overview[overview.index(HOW_TO_TYPE) :]


def _without_labels(sentence: str) -> str:
    """Of `{{ $labels.pool }}` only that it is a pool is known here."""
    named = re.sub(r"\{\{ *\$labels\.(\w+) *\}\}", lambda found: found[1].upper(), sentence)
    return re.sub(r"\{\{[^}]*\}\}", "a share", named)
