"""What the rules cost Prometheus: how long each group takes, in a large deployment with its whole past.

python -m bench.rules_cost

A real Prometheus is given what the routers would have told it, sampled every 15 s for as long as the rules look back,
and then the rules, evaluated every 15 s as in a deployment.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from urllib.request import Request, urlopen

from msgspec import Struct

from bench.past import samples, series, write
from infra.prometheus.causes import SHIPMENTS_ANSWERED, SHIPMENTS_TOLD
from infra.prometheus.client import PrometheusClient, RuleGroup
from infra.prometheus.local import JOB, configured_prometheus
from infra.prometheus.objectives import DECIDING, EVALUATION_INTERVAL, PARTITIONS_UNAVAILABLE, POOLS_SILENT
from infra.prometheus.scaled import RULES
from infra.prometheus.symptoms import ORDERS_PLACED_RECENTLY, ORDERS_WITHOUT_PLACE_RATIO

INTERVAL_S = 15
HOUR_S, DAY_S = 3600, 86_400
SLOT_S = HOUR_S
"""So much of all series is written before what came later: Prometheus takes nothing that is older by more than this."""
SERIES_AT_ONCE = 200
DEAREST = 5
TIMEOUT_S = 300


class Size(Struct, frozen=True):
    """How large a deployment is; pools and partitions are dealt out over the routers."""

    routers: int = 50
    partitions: int = 200
    pools: int = 2_000
    carriers: int = 10
    """Of each router's networks."""
    channels: int = 4
    """Of each router's networks, too; those of one name are one channel."""
    reasons: int = 10
    """For which each router has refused input on each topic."""


class Told(Struct, frozen=True):
    """Alike series, and how long ago the rules still ask for them."""

    names: Sequence[str]
    labels: Sequence[Mapping[str, str]]
    back_s: int
    step: float
    """How much each sample is more than the one before."""
    first: float = 0.0


def told(size: Size, now_s: float) -> list[Told]:
    """All that the rules ask for, and what they recorded before."""
    routers = [{"instance": f"router-{number}:9464"} for number in range(size.routers)]
    partitions = _dealt(size.partitions, routers, "partition", "")
    pools = _dealt(size.pools, routers, "pool", "pool-")
    topics = ("orders", "inventory", "fulfilment")
    ages = [{**router, "topic": topic} for router in routers for topic in topics]
    carriers = [
        {**router, "carrier": f"carrier-{number}"} for router in routers for number in range(size.carriers)
    ]
    channels = [{"channel": f"channel-{number}"} for number in range(size.channels)]
    ordered = [{**router, **channel} for router in routers for channel in channels]
    refused = [{**age, "reason": f"reason-{number}"} for age in ages for number in range(size.reasons)]
    by_topic = [{**partition, "topic": topic} for partition in partitions for topic in topics]
    return [
        Told(["up", "sluice_partitions"], routers, 3 * DAY_S, 0, size.partitions),
        Told(["process_start_time_seconds"], routers, 3 * DAY_S, 0, now_s - 30 * DAY_S),
        Told(["sluice_decision_age_seconds_count"], ages, 3 * DAY_S, 1_501),
        Told(
            ["sluice_decision_age_seconds_bucket"], [{**age, "le": "0.5"} for age in ages], 3 * DAY_S, 1_499
        ),
        Told([PARTITIONS_UNAVAILABLE.name, POOLS_SILENT.name], [{}], 3 * DAY_S, 0),
        Told([EVALUATION_INTERVAL.name], [{}], 3 * DAY_S, 0, INTERVAL_S),
        Told(["sluice_carrier_delivery_told_total"], carriers, 7 * DAY_S, 0.25),
        Told([f"sluice_carrier_delivery_{what}_total" for what in ("due", "on_time")], carriers, DAY_S, 0.25),
        Told([ORDERS_WITHOUT_PLACE_RATIO.name], channels, DAY_S, 0, 0.02),
        Told([ORDERS_PLACED_RECENTLY.name], channels, 15 * DAY_S, 0, 6_000),
        # Of two weeks ago there would be more than a hundred million; it takes but twelve to look at each pool's.
        Told([SHIPMENTS_TOLD.name, SHIPMENTS_ANSWERED.name], _by("pool", pools), 8 * HOUR_S, 0, 50),
        Told(["sluice_released_shipments_total", "sluice_answered_shipments_total"], pools, HOUR_S, 0.75),
        Told(["sluice_calendars_end_timestamp_seconds"], [{"network": "eu"}], HOUR_S, 0, now_s + 300 * DAY_S),
        Told([DECIDING.name], _by("partition", partitions), HOUR_S, 0, 1),
        Told(["sluice_orders_total"], ordered, HOUR_S, 300),
        Told(["sluice_backordered_orders_total"], ordered, HOUR_S, 6),
        Told(["sluice_standby_rows", "sluice_standby_lag_records"], partitions, DAY_S, 0.5, 100_000),
        Told(["process_resident_memory_bytes"], routers, 6 * HOUR_S, 0, 2e9),
        Told(["sluice_rows", "sluice_packed_rows"], partitions, 6 * HOUR_S, 0.5, 100_000),
        Told([f"sluice_dispatch_{what}_total" for what in ("due", "on_time")], pools, HOUR_S, 0.75),
        Told(
            ["sluice_cutoffs_missed_total", "sluice_promises_withdrawn_total", "sluice_stock_ignored_total"],
            pools,
            HOUR_S,
            0.01,
        ),
        Told(["sluice_units_at_risk"], pools, HOUR_S, 0),
        Told(["sluice_stock_event_timestamp_seconds"], pools, HOUR_S, INTERVAL_S, now_s - HOUR_S),
        Told(["sluice_stock_freshness_limit_seconds"], routers, HOUR_S, 0, 900),
        Told(["sluice_last_poll_timestamp_seconds"], routers, HOUR_S, INTERVAL_S, now_s - HOUR_S),
        Told(["sluice_commit_seconds_count"], routers, HOUR_S, 30),
        Told(
            ["sluice_broker_errors_total"],
            [{**router, "kind": "_TRANSPORT"} for router in routers],
            HOUR_S,
            0,
        ),
        Told(["sluice_setbacks_total"], [{**router, "remedy": "restore"} for router in routers], HOUR_S, 0),
        Told(["sluice_dead_letters_total"], refused, HOUR_S, 0.01),
        Told(["sluice_lag_records", "sluice_stable_gap_records"], by_topic, HOUR_S, 0),
        Told(["sluice_last_commit_timestamp_seconds"], partitions, HOUR_S, INTERVAL_S, now_s - HOUR_S),
        Told(["sluice_partition_live"], partitions, HOUR_S, 0, 1),
        Told(
            ["sluice_partition_stopped", "sluice_lag_seconds", "sluice_overdue_orders"], partitions, HOUR_S, 0
        ),
    ]


def _dealt(count: int, routers: Sequence[Mapping[str, str]], label: str, prefix: str) -> list[dict[str, str]]:
    return [{**routers[number % len(routers)], label: f"{prefix}{number}"} for number in range(count)]


def _by(label: str, all_labels: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """As a rule has them that sums by this label."""
    return [{label: labels[label]} for labels in all_labels]


def slots(all_told: Sequence[Told], now_s: float) -> Iterator[tuple[int, list[bytes]]]:
    """The whole past, oldest first: numbers of samples, and the series that hold them."""
    # Half an hour more than is asked for, because an offset looks for the sample before it.
    longest_s = max(each.back_s for each in all_told) + HOUR_S // 2
    for start in range(-longest_s, 1, SLOT_S):
        for each in all_told:
            ages = range(max(start, -each.back_s - HOUR_S // 2), min(start + SLOT_S, 1), INTERVAL_S)
            if not ages:
                continue
            body = samples(
                [each.first + (age + each.back_s + HOUR_S) // INTERVAL_S * each.step for age in ages],
                [round((now_s + age) * 1000) for age in ages],
            )
            lines = [
                series(name, {"job": JOB, **labels} if labels else {}, body)
                for name in each.names
                for labels in each.labels
            ]
            for at in range(0, len(lines), SERIES_AT_ONCE):
                some = lines[at : at + SERIES_AT_ONCE]
                yield len(some) * len(ages), some


def measure(size: Size, evaluations: int, tell: Callable[[str], None] = print) -> list[list[RuleGroup]]:
    """The groups as each of so many evaluations left them."""
    with tempfile.TemporaryDirectory(prefix="sluice-rules-") as name:
        configuration = Path(name) / "prometheus.yml"
        configuration.write_text(_configuration([]))
        receiver = ("--web.enable-remote-write-receiver", "--web.enable-lifecycle")
        with configured_prometheus(configuration, receiver) as prometheus:
            now_s = time.time()
            written = 0
            for count, some in slots(told(size, now_s), now_s):
                write(prometheus.url, some)
                written += count
            tell(f"{written:,} samples written in {time.time() - now_s:.0f} s")
            # Only now: what they record is of now, and Prometheus takes nothing older after it.
            configuration.write_text(_configuration(sorted(RULES.glob("*.yaml"))))
            urlopen(Request(f"{prometheus.url}/-/reload", method="POST"), timeout=TIMEOUT_S).close()
            return list(_evaluated(prometheus, evaluations))


def _evaluated(prometheus: PrometheusClient, times: int) -> Iterator[list[RuleGroup]]:
    seen: set[tuple[str, ...]] = set()
    deadline_s = time.monotonic() + TIMEOUT_S
    while len(seen) < times and time.monotonic() < deadline_s:
        groups = prometheus.rule_groups()
        at = tuple(group.last_evaluation for group in groups)
        if all(group.evaluation_s for group in groups) and at not in seen:
            seen.add(at)
            yield groups
        time.sleep(1)


def _configuration(rules: Sequence[Path]) -> str:
    return json.dumps(
        {
            "global": {"evaluation_interval": f"{INTERVAL_S}s"},
            "rule_files": [str(path.absolute()) for path in rules],
        }
    )


def cost_lines(evaluated: Sequence[Sequence[RuleGroup]]) -> list[str]:
    lines = [f"{'group':<20}{'median':>9}{'most':>9}   seconds, every {INTERVAL_S} s"]
    for groups in zip(*evaluated, strict=True):
        took_s = [group.evaluation_s for group in groups]
        lines.append(f"{groups[0].name:<20}{median(took_s):>9.3f}{max(took_s):>9.3f}")
    rules = sorted(
        (rule for group in evaluated[-1] for rule in group.rules), key=lambda rule: -rule.evaluation_s
    )
    return [*lines, *(f"  {rule.name:<50}{rule.evaluation_s:>8.3f}" for rule in rules[:DEAREST])]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.rules_cost", description=__doc__.splitlines()[0])
    parser.add_argument("--routers", type=int, default=Size().routers, help="how many (default %(default)s)")
    parser.add_argument("--pools", type=int, default=Size().pools, help="how many (default %(default)s)")
    parser.add_argument(
        "--evaluations", type=int, default=5, help="the median of so many (default %(default)s)"
    )
    given = parser.parse_args()
    evaluated = measure(Size(given.routers, pools=given.pools), given.evaluations)
    print("\n".join(cost_lines(evaluated)))


if __name__ == "__main__":
    main()
