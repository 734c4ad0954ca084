"""The pictures in the documentation are those of the dashboards as they are."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from msgspec.structs import replace

from infra.grafana.files import dashboards
from infra.grafana.model.dashboard import Dashboard
from infra.grafana.model.panels import Row, Text
from infra.grafana.pictures import DIRECTORY, digest

ALL = {each.uid: each for each in dashboards()}


@pytest.mark.parametrize("dashboard", ALL.values(), ids=ALL)
def test_a_picture_shows_the_panels_that_there_are(dashboard: Dashboard) -> None:
    drawn = ElementTree.parse(DIRECTORY / f"{dashboard.uid}.svg").getroot()
    assert drawn.findtext("{*}title") == dashboard.title
    assert drawn.findtext("{*}desc") == f"Panels {digest(dashboard)}", (
        "remedy: python -m infra.grafana.pictures"
    )


def test_no_picture_is_left_over() -> None:
    assert {path.stem for path in DIRECTORY.glob("*.svg")} == ALL.keys()


def test_a_picture_is_stale_when_a_query_a_title_or_a_place_changes_and_not_when_a_link_does() -> None:
    now = ALL["sluice-now"]
    place = next(at for at, panel in enumerate(now.panels) if not isinstance(panel, Row | Text))
    panel = now.panels[place]
    assert not isinstance(panel, Row | Text)

    def digest_with(**changed: object) -> str:
        panels = [*now.panels[:place], replace(panel, **changed), *now.panels[place + 1 :]]
        return digest(replace(now, panels=panels))

    (target,) = panel.targets
    assert digest_with() == digest(now) == digest_with(description="Otherwise said.")
    defaults = replace(panel.field_config.defaults, links=[])
    assert digest_with(field_config=replace(panel.field_config, defaults=defaults)) == digest(now)
    for changed in (
        {"title": "Otherwise?"},
        {"targets": [replace(target, expr="up")]},
        {"grid_pos": replace(panel.grid_pos, w=7)},
    ):
        assert digest_with(**changed) != digest(now)
