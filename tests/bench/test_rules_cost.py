"""What the rules cost is measured on a past that Prometheus takes for its own."""

from pathlib import Path

from bench.past import samples, series, write
from bench.rules_cost import INTERVAL_S, SLOT_S, Size, Told, cost_lines, slots, told
from infra.prometheus.client import Rule, RuleGroup
from infra.prometheus.local import configured_prometheus
from infra.prometheus.rules import GROUPS
from infra.prometheus.tools import Tools
from tests.infra.prometheus.expressions import metrics_in

NOW_S = 1_800_000_000


def test_a_past_that_was_written_can_be_asked_for(prometheus_tools: Tools, tmp_path: Path) -> None:
    configuration = tmp_path / "prometheus.yml"
    configuration.write_text("{}")
    with configured_prometheus(configuration, ("--web.enable-remote-write-receiver",)) as prometheus:
        for days in (3, 1):
            at_ms = [(NOW_S - days * 86_400 + second) * 1000 for second in (0, 15)]
            body = samples([0.5, days], at_ms)
            write(prometheus.url, [series("water_metres", {"river": name}, body) for name in ("loire", "po")])
        found = prometheus.query('sum_over_time(water_metres{river="po"}[4d])', at_s=NOW_S)
        assert [sample.value for sample in found] == [0.5 + 3 + 0.5 + 1]


def test_every_series_goes_on_from_slot_to_slot_and_none_is_older_than_a_slot_says() -> None:
    back_s = 2 * SLOT_S
    written = list(slots([Told(["a"], [{"b": "c"}], back_s, 1)], NOW_S))
    assert sum(count for count, _ in written) == (back_s + SLOT_S // 2) // INTERVAL_S + 1
    assert all(count <= SLOT_S // INTERVAL_S for count, _ in written)


def test_every_figure_that_a_rule_asks_for_is_told() -> None:
    recorded = {rule.name for group in GROUPS for rule in group.rules}
    asked = {name for group in GROUPS for rule in group.rules for name in metrics_in(rule.expression)}
    assert asked - recorded <= {name for each in told(Size(), NOW_S) for name in each.names}


def test_the_dearest_rules_are_named() -> None:
    rules = [Rule("cheap", 0.1), Rule("dear", 0.9)]
    lines = cost_lines([[RuleGroup("causes", rules, seconds, "")] for seconds in (1.0, 3.0, 2.0)])
    assert "causes" in lines[1]
    assert lines[1].split()[1:] == ["2.000", "3.000"]
    assert [line.split()[0] for line in lines[2:]] == ["dear", "cheap"]
