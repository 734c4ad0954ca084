"""The files that Grafana reads: current, valid, and without a question that cannot be answered."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
import pytest
from ruamel.yaml import YAML

from flows.metrics import Metrics
from flows.metrics.catalogue import OTHER
from infra.grafana import runbooks
from infra.grafana.figures import PROMETHEUS, Query
from infra.grafana.files import DIRECTORY, dashboards, files, text_of
from infra.grafana.layout import GRID_WIDTH, Section, placed
from infra.grafana.links import RUNBOOK_LINK, uid_of
from infra.grafana.model.dashboard import Dashboard
from infra.grafana.model.panels import AnyPanel, BarGauge, Row, Stat, Table, Text
from infra.grafana.panels import stat
from infra.grafana.promql import LISTED
from infra.grafana.thresholds import plain
from infra.prometheus.rules import ALERTS
from tests.infra.grafana.names import expression_of, metric_and_label, metrics_of, query_panels, targets
from tests.infra.typed import parsed, typed_in

ALL = dashboards()
FILES = dict(files())
PROMETHEUS_CONFIGURATION = DIRECTORY.parent / "prometheus" / "prometheus.yml"
MOUNTED = Path("/etc/sluice/grafana")
"""Where `infra/grafana` is inside the container."""
UID_LENGTH_MAX = 40
"""Grafana takes no longer ones."""
each_dashboard = pytest.mark.parametrize("dashboard", ALL, ids=lambda dashboard: dashboard.uid)

MADE_BY_PROCESS_COLLECTOR = {"process_start_time_seconds"}
"""Beside what our own list of metrics names."""


def known_metrics() -> set[str]:
    names = set(MADE_BY_PROCESS_COLLECTOR)
    for entry in Metrics().book.entries:
        names |= {entry.name}
        if entry.kind == "histogram":
            names |= {f"{entry.name}_{part}" for part in ("bucket", "count", "sum")}
    return names


@pytest.mark.parametrize(("path", "text"), FILES.items(), ids=[path.name for path in FILES])
def test_what_is_committed_is_what_the_builders_write(path: Path, text: str) -> None:
    assert path.read_text(encoding="utf-8") == text, "stale; remedy: python -m infra.grafana"


def test_no_file_is_left_over() -> None:
    assert set(DIRECTORY.rglob("*.json")) == set(FILES)


@pytest.mark.parametrize(
    "path", [path for path in FILES if path.suffix == ".json"], ids=lambda path: path.stem
)
def test_a_file_has_no_field_that_the_model_does_not_know(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    read = msgspec.json.decode(text, type=Dashboard)
    assert text_of(read) == text
    assert path.stem == read.uid
    assert len(read.uid) <= UID_LENGTH_MAX
    with pytest.raises(msgspec.ValidationError, match="editible"):
        msgspec.json.decode(text.replace('"editable"', '"editible"', 1), type=Dashboard)


@each_dashboard
def test_every_metric_that_is_asked_for_exists(dashboard: Dashboard) -> None:
    asked = {name for _, target in targets(dashboard) for name in metrics_of(expression_of(target))}
    asked |= {name for each in dashboard.annotations.entries for name in metrics_of(expression_of(each))}
    asked |= {metric_and_label(each)[0] for each in dashboard.templating.entries}
    assert asked
    assert asked <= known_metrics()


@each_dashboard
def test_a_choice_of_names_says_what_other_is(dashboard: Dashboard) -> None:
    for each in dashboard.templating.entries:
        _, label = metric_and_label(each)
        # Processes are never counted together.
        assert (f"`{OTHER}`" in each.description) is (label != "instance")


@each_dashboard
def test_every_panel_says_what_it_asks_and_what_to_make_of_the_answer(dashboard: Dashboard) -> None:
    for panel in dashboard.panels:
        assert panel.title
        if not isinstance(panel, Row):
            assert len(panel.description) > 30, panel.title
    for shown in query_panels(dashboard):
        defaults = shown.field_config.defaults
        assert isinstance(defaults.unit, str) or shown.field_config.overrides, shown.title
        assert isinstance(defaults.thresholds, msgspec.Struct), shown.title


@each_dashboard
def test_titles_and_numbers_are_unique(dashboard: Dashboard) -> None:
    for values in (
        [panel.id for panel in dashboard.panels],
        [panel.title for panel in dashboard.panels],
        [target.ref_id + str(panel.id) for panel, target in targets(dashboard)],
    ):
        assert [value for value, count in Counter(values).items() if count > 1] == []


@each_dashboard
def test_a_single_figure_asks_for_now_and_says_when_there_is_none(dashboard: Dashboard) -> None:
    for panel in query_panels(dashboard):
        if isinstance(panel, Stat | BarGauge):
            assert all(target.instant for target in panel.targets), panel.title
            assert panel.options.reduce_options.calcs == ["last"]
            mappings = msgspec.to_builtins(panel.field_config.defaults.mappings)
            words = {each["options"]["match"]: each["options"]["result"] for each in mappings}
            assert words["null"] == {"text": "no data", "color": "red", "index": 0}, panel.title
            assert words["nan"]["color"] == "text", panel.title


@each_dashboard
def test_of_2000_pools_those_are_listed_that_matter_most(dashboard: Dashboard) -> None:
    for panel, target in targets(dashboard):
        if isinstance(panel, Table):
            steps = {step.id: step.options for step in panel.transformations or ()}
            assert "by (pool)" not in target.expr or steps["limit"] == {"limitField": LISTED}, panel.title
        elif "{{pool}}" in target.legend_format:
            assert re.search(rf"(?:topk|bottomk)\({LISTED}, ", target.expr), panel.title


def overlap(one: AnyPanel, other: AnyPanel) -> bool:
    a, b = one.grid_pos, other.grid_pos
    return a.x < b.x + b.w and b.x < a.x + a.w and a.y < b.y + b.h and b.y < a.y + a.h


@each_dashboard
def test_no_panel_covers_another_or_leaves_the_grid(dashboard: Dashboard) -> None:
    for place, panel in enumerate(dashboard.panels):
        assert panel.grid_pos.x + panel.grid_pos.w <= GRID_WIDTH
        assert not [each.title for each in dashboard.panels[:place] if overlap(panel, each)], panel.title


def test_panels_of_different_heights_do_not_share_a_line() -> None:
    def panel(height: int) -> Stat:
        return stat("a", "b", Query("up"), "none", plain(), width=12, height=height)

    with pytest.raises(ValueError, match="give a line one height"):
        placed([Section("s", [panel(4), panel(6)])])
    assert [each.grid_pos.y for each in placed([Section("s", [panel(4), panel(4), panel(6)])])] == [
        0,
        1,
        1,
        5,
    ]


@each_dashboard
def test_links_lead_to_dashboards_and_variables_that_exist(dashboard: Dashboard) -> None:
    variables = {each.uid: {variable.name for variable in each.templating.entries} for each in ALL}
    found = re.findall(r'/d/(sluice-[\w-]+)\?([^"]*)', text_of(dashboard))
    for uid, query in found:
        assert uid in variables
        assert "${__url_time_range}" in query
        assert set(re.findall(r"var-(\w+)=", query)) <= variables[uid]
    assert set(re.findall(r"/d/runbook-(\w+)\?", text_of(dashboard))) <= ALERTS.keys()
    # The four of them, above the panels, with the time and the variables kept.
    (link,) = dashboard.links
    assert link.keep_time
    assert link.include_vars
    assert set(link.tags) <= set(dashboard.tags)


@each_dashboard
def test_whatever_is_told_apart_by_pool_channel_or_process_leads_to_where_that_one_is_looked_at(
    dashboard: Dashboard,
) -> None:
    for panel, target in targets(dashboard):
        for label in re.findall(r"\{\{(pool|channel|instance)}}", target.legend_format):
            links = panel.field_config.defaults.links or ()
            assert any(f"var-{label}=${{__field.labels.{label}}}" in link.url for link in links), panel.title


def test_every_figure_that_is_judged_leads_on() -> None:
    for dashboard in ALL:
        for panel in query_panels(dashboard):
            if isinstance(panel, Stat) and panel.options.color_mode == "background":
                assert panel.field_config.defaults.links, panel.title


@each_dashboard
def test_commands_in_a_dashboard_exist(dashboard: Dashboard) -> None:
    words = [panel.options.content for panel in dashboard.panels if isinstance(panel, Text)]
    commands = typed_in("\n".join(words))
    assert "explain ORDER" in commands
    for command in commands:
        parsed(command)
    names = {f"${{{variable.name}" for variable in dashboard.templating.entries} | {"${__from", "${__to"}
    assert set(re.findall(r"\$\{\w+", "\n".join(words))) <= names


@each_dashboard
def test_everything_is_asked_of_the_one_data_source(dashboard: Dashboard) -> None:
    uids = re.findall(r'"datasource": \{\s*"type": "(\w+)",\s*"uid": "([\w-]+)"', text_of(dashboard))
    assert set(uids) == {(PROMETHEUS.kind, PROMETHEUS.uid)}
    assert len(uids) == text_of(dashboard).count('"datasource"')


def test_every_alert_has_a_page_that_its_row_in_now_leads_to() -> None:
    assert {path.stem for path in FILES if path.parent.name == "runbooks"} == {
        uid_of(name) for name in ALERTS
    }
    assert RUNBOOK_LINK.url.startswith("/d/" + uid_of("${__data.fields.alertname}"))


def test_a_page_is_the_text_of_its_runbook_and_how_to_type_with_links_to_files_taken_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runbooks, "PAGES", tmp_path)
    name = next(iter(ALERTS))
    (tmp_path / f"{name}.md").write_text("See [the metrics](../metrics.md), then `sluice watch`.\n")
    (tmp_path / "README.md").write_text("# Runbooks\n\n## How to type a command\n\nAs [here](x.md).\n")
    page = next(each for each in runbooks.build_all() if each.uid == uid_of(name))
    (words,) = [panel.options.content for panel in page.panels if isinstance(panel, Text)]
    assert words == "See the metrics, then `sluice watch`.\n\n## How to type a command\n\nAs here.\n"


def provisioned(kind: str) -> dict[str, Any]:
    """The settings that Grafana reads at its start."""
    text = (DIRECTORY / "provisioning" / kind / "sluice.yaml").read_text(encoding="utf-8")
    settings: dict[str, Any] = YAML(typ="safe", pure=True).load(text)
    return settings


def test_grafana_is_told_of_one_data_source_that_scrapes_as_prometheus_does() -> None:
    (source,) = provisioned("datasources")["datasources"]
    assert (source["uid"], source["type"]) == (PROMETHEUS.uid, PROMETHEUS.kind)
    scraped = f"scrape_interval: {source['jsonData']['timeInterval']}"
    assert scraped in PROMETHEUS_CONFIGURATION.read_text("utf-8")


def test_nobody_can_change_a_dashboard_but_in_its_file() -> None:
    folders = provisioned("dashboards")["providers"]
    paths = [Path(each["options"]["path"]) for each in folders]
    assert paths == [MOUNTED / "dashboards", MOUNTED / "runbooks"]
    assert all((DIRECTORY / path.name).is_dir() for path in paths)
    assert [each["allowUiUpdates"] for each in folders] == [False, False]
