"""The dashboards' files, as the builders make them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from infra.grafana import business, flow, network, now, runbooks
from infra.grafana.model.dashboard import Dashboard

DIRECTORY = Path(__file__).parent


def dashboards() -> list[Dashboard]:
    """The four of them, in the order in which a person opens them."""
    return [now.build(), flow.build(), network.build(), business.build()]


def text_of(dashboard: Dashboard) -> str:
    """The JSON of its file."""
    return msgspec.json.format(msgspec.json.encode(dashboard), indent=2).decode() + "\n"


def files() -> Iterator[tuple[Path, str]]:
    """Every file, and what belongs into it."""
    for folder, found in (("dashboards", dashboards()), ("runbooks", runbooks.build_all())):
        for dashboard in found:
            yield DIRECTORY / folder / f"{dashboard.uid}.json", text_of(dashboard)
