"""What a panel answers in a story: each asks a Prometheus with made-up series, as promtool has it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from infra.grafana.files import dashboards
from infra.grafana.queries import Window, filled_in
from infra.prometheus.tools import Tools
from tests.infra.grafana.names import metric_and_label, query_panels
from tests.infra.prometheus.case import with_job
from tests.infra.prometheus.test_rules import promtool

HOUR_S = 3_600
SCRAPES_S = 30
UP = {'up{instance="a"}': "1x400", 'up{instance="b"}': "1x400"}
ALL = {each.uid: each for each in dashboards()}


class Asked:
    """A Prometheus that has scraped these series twice a minute."""

    def __init__(self, tools: Tools, directory: Path) -> None:
        self._tools = tools
        self._file = directory / "story.yaml"

    def answers(
        self, dashboard: str, title: str, series: Mapping[str, str], at: str, expected: Mapping[str, float]
    ) -> None:
        """The first query of the panel answers so, by labels."""
        (panel,) = (each for each in query_panels(ALL[dashboard]) if each.title == title)
        expression = filled_in(panel.targets[0].expr, Window(0, HOUR_S, SCRAPES_S, SCRAPES_S))
        self._expect(expression, series, at, expected)

    def has_nothing_to_divide_by(
        self, dashboard: str, title: str, series: Mapping[str, str], at: str
    ) -> None:
        """The only answer is "not a number", for which the panel has words."""
        (panel,) = (each for each in query_panels(ALL[dashboard]) if each.title == title)
        expression = filled_in(panel.targets[0].expr, Window(0, HOUR_S, SCRAPES_S, SCRAPES_S))
        self._expect(f"({expression}) == ({expression})", series, at, {})
        self._expect(f"count({expression})", series, at, {"{}": 1})

    def _expect(
        self, expression: str, series: Mapping[str, str], at: str, expected: Mapping[str, float]
    ) -> None:
        samples = [{"labels": labels, "value": value} for labels, value in expected.items()]
        told = [{"series": with_job(name), "values": values} for name, values in (UP | dict(series)).items()]
        test = {
            "interval": f"{SCRAPES_S}s",
            "input_series": told,
            "promql_expr_test": [{"expr": expression, "eval_time": at, "exp_samples": samples}],
        }
        self._file.write_text(json.dumps({"tests": [test]}), encoding="utf-8")
        promtool(self._tools, "test", "rules", self._file)


@pytest.fixture
def asked(prometheus_tools: Tools, tmp_path: Path) -> Asked:
    return Asked(prometheus_tools, tmp_path)


def deliveries(due: str, on_time: str, told: str) -> dict[str, str]:
    values = {"due": due, "on_time": on_time, "told": told}
    return {
        f'sluice_carrier_delivery_{name}_total{{instance="a", carrier="dhl"}}': each
        for name, each in values.items()
    } | {
        f'sluice_channel_delivery_{name}_total{{instance="a", channel="web"}}': each
        for name, each in values.items()
    }


BY_CARRIER = ("sluice-network", "Which carrier keeps its days?")
OF_CHANNELS = ("sluice-business", "Do packages arrive as promised?")


def test_a_first_burst_of_dead_letters_is_shown(asked: Asked) -> None:
    burst = 'sluice_dead_letters_total{instance="a", topic="orders", reason="unknown_channel"}'
    panel = ("sluice-flow", "Is something refused?")
    label = '{topic="orders", reason="unknown_channel"}'
    asked.answers(*panel, {burst: "_x19 500x40"}, "10m", {label: 500, '{topic="none"}': 0})
    asked.answers(*panel, {burst: "_x19 500x40"}, "20m", {label: 0, '{topic="none"}': 0})
    # A scrape fails, and its life before is no news.
    asked.answers(
        *panel,
        {'up{instance="a"}': "1x16 0 1x40", burst: "500x16 stale 500x40"},
        "10m30s",
        {label: 0, '{topic="none"}': 0},
    )


def test_a_carrier_that_brings_everything_late_has_no_package_in_time(asked: Asked) -> None:
    late = deliveries("0+2x400", "0x400", "0+2x400")
    asked.answers(*BY_CARRIER, late, "2h", {'{carrier="dhl"}': 0})
    asked.answers(*OF_CHANNELS, late, "2h", {"{}": 0})


def test_a_restart_of_the_router_does_not_make_a_carrier_one_that_never_scans(asked: Asked) -> None:
    restarted = deliveries("0+2x200 0x100", "0+1x200 0x100", "0+1x200 0x100")
    asked.answers(*BY_CARRIER, restarted, "150m", {'{carrier="dhl"}': 0.5})


def test_a_carrier_that_stops_scanning_falls_to_nothing_and_one_that_never_scans_is_unknown(
    asked: Asked,
) -> None:
    stopped = deliveries("0+2x400", "0+1x20 20x400", "0+2x20 40x400")
    asked.answers(*BY_CARRIER, stopped, "2h", {'{carrier="dhl"}': 0})
    never = deliveries("0+2x400", "0x400", "0x400")
    asked.has_nothing_to_divide_by(*BY_CARRIER, never, "2h")
    asked.has_nothing_to_divide_by(*OF_CHANNELS, never, "2h")


def test_a_process_that_hangs_is_not_said_to_decide(asked: Asked) -> None:
    """It answers, and what it says stands still: whoever looks would see nothing but green."""
    routers = {
        'sluice_partitions{instance="a"}': "2x400",
        'sluice_partition_live{instance="a", partition="0"}': "1x400",
        'sluice_partition_live{instance="b", partition="1"}': "1x400",
        'sluice_last_poll_timestamp_seconds{instance="a"}': "30+30x20 630x400",
        'sluice_last_poll_timestamp_seconds{instance="b"}': "0+30x400",
    }
    share = ("sluice-now", "Does every partition decide?")
    each = ("sluice-flow", "Which partitions are decided for?")
    asked.answers(*share, routers, "10m", {"{}": 1})
    asked.answers(*share, routers, "13m", {"{}": 0.5})
    asked.answers(*each, routers, "13m", {'{partition="1"}': 1})
    alone = {name: values for name, values in routers.items() if '"b"' not in name}
    asked.answers(*share, alone | {'up{instance="b"}': "_x400"}, "13m", {"{}": 0})


def test_a_silent_pool_is_not_hidden_behind_one_of_its_name_in_another_network(asked: Asked) -> None:
    pools = {
        'sluice_stock_event_timestamp_seconds{instance="a", pool="dc1"}': "0x400",
        'sluice_stock_event_timestamp_seconds{instance="b", pool="dc1"}': "0+30x400",
        'sluice_stock_freshness_limit_seconds{instance="a"}': "900x400",
    }
    asked.answers(
        "sluice-network", "How long ago did we hear from each pool?", pools, "1h", {'{pool="dc1"}': HOUR_S}
    )
    asked.answers("sluice-now", "Do we hear from every pool?", pools, "1h", {"{}": 0})


def test_no_pool_is_called_silent_because_its_router_is_behind(asked: Asked) -> None:
    pools = {
        'sluice_stock_event_timestamp_seconds{instance="a", pool="dc1"}': "0x40 30+30x400",
        'sluice_stock_freshness_limit_seconds{instance="a"}': "900x400",
    }
    panel = ("sluice-now", "Do we hear from every pool?")
    asked.answers(*panel, pools, "1h", {"{}": 0})
    behind = pools | {'sluice_lag_seconds{instance="a", partition="0"}': "0+30x40 1200x400"}
    asked.answers(*panel, behind, "1h", {"{}": 1})


def test_a_paused_pool_that_misses_its_trucks_needs_a_look_before_one_that_is_well(asked: Asked) -> None:
    """Nobody waits to hear of its stock, so it has no age of that."""
    pools = {
        'sluice_stock_event_timestamp_seconds{instance="a", pool="lille"}': "0+30x400",
        'sluice_stock_event_timestamp_seconds{instance="a", pool="lyon"}': "0+30x20 stale",
        'sluice_stock_freshness_limit_seconds{instance="a"}': "900x400",
    }
    for name, missed in (("lille", 0), ("lyon", 1)):
        labels = f'{{instance="a", pool="{name}"}}'
        pools |= {
            f"sluice_dispatch_due_total{labels}": "0+1x400",
            f"sluice_cutoffs_missed_total{labels}": f"0+{missed}x400",
            f"sluice_promises_withdrawn_total{labels}": "0x400",
            f"sluice_rejected_shipments_total{labels}": "0x400",
        }
    asked.answers(
        "sluice-network",
        "Which pools need a look first?",
        pools,
        "90m",
        {'{pool="lyon"}': 120, '{pool="lille"}': 0},
    )


def test_every_pool_in_force_can_be_chosen_even_one_that_nobody_waits_to_hear_from() -> None:
    (variable,) = (each for each in ALL["sluice-network"].templating.entries if each.name == "pool")
    assert metric_and_label(variable) == ("sluice_dispatch_due_total", "pool")


def test_a_process_that_has_not_polled_yet_has_not_waited_for_decades(asked: Asked) -> None:
    polls = {
        'sluice_last_poll_timestamp_seconds{instance="a"}': "0x400",
        'sluice_last_poll_timestamp_seconds{instance="b"}': "0+30x400",
    }
    asked.answers(
        "sluice-flow", "When did each process last poll?", polls, "1h", {'{job="sluice", instance="b"}': 0}
    )
