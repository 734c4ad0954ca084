"""Whose orders nobody decides: the networks of a partition that stands still, has stopped or is out."""

from tests.infra.prometheus.case import WITHOUT_OBJECTIVES, Case, Fires
from tests.infra.prometheus.healthy import LAST_COMMIT, LIVE, ROUTERS
from tests.infra.prometheus.told import broker_away, not_deciding, stands_still, undecided


def partitions(count: int) -> dict[str, str]:
    """So many partitions in all, of which those beyond the healthy four decide as well."""
    return {
        **{f'sluice_partitions{{instance="{router}"}}': f"{count}x200" for router in ROUTERS},
        **{LIVE % str(partition): "1x200" for partition in range(4, count)},
    }


STOPPED = Fires(
    "PartitionStopped",
    {"instance": "b:9464", "partition": "3"},
    "Partition 3 has stopped for good: no order of its networks is decided.",
    "Router b:9464 has tried again and given up, or has found what it must not skip. It does not mend "
    "itself; the last error of its log says what to do.",
)

UNDECIDED_CASES = [
    Case(
        story="a live partition commits nothing while records wait",
        groups=WITHOUT_OBJECTIVES,
        series={LAST_COMMIT % "2": "0+30x4 120x40"},
        at="8m",
        fires=[stands_still("b:9464", "2", "6m 0s")],
        nearly=["BrokerAway"],
    ),
    Case(
        story="a live partition commits nothing because nothing waits",
        groups=WITHOUT_OBJECTIVES,
        series={
            LAST_COMMIT % "2": "0+30x4 120x40",
            'sluice_lag_records{instance="b:9464", topic="orders", partition="2"}': "0x40",
        },
        at="8m",
        nearly=["CommitsStandStill"],
    ),
    Case(
        story="in a quiet hour the broker is away: the router has nothing to fail with, and stays live",
        groups=WITHOUT_OBJECTIVES,
        series={
            LAST_COMMIT % "2": "0+30x4 120x40",
            LAST_COMMIT % "3": "0+30x4 120x40",
            'sluice_lag_records{instance="b:9464", topic="orders", partition="2"}': "0x40",
            'sluice_lag_records{instance="b:9464", topic="orders", partition="3"}': "0x40",
            'sluice_commit_seconds_count{instance="b:9464"}': "0+300x4 1200x40",
            'sluice_broker_errors_total{instance="b:9464", kind="_TRANSPORT"}': "3x4 4+1x40",
        },
        at="8m",
        fires=[
            stands_still("b:9464", "2", "6m 0s"),
            stands_still("b:9464", "3", "6m 0s"),
            broker_away("b:9464", "2"),
        ],
    ),
    Case(
        story="in a quiet hour a connection is lost once, and mends itself",
        groups=WITHOUT_OBJECTIVES,
        series={
            LAST_COMMIT % "2": "0+30x1 30x40",
            LAST_COMMIT % "3": "0+30x1 30x40",
            'sluice_lag_records{instance="b:9464", topic="orders", partition="2"}': "0x40",
            'sluice_lag_records{instance="b:9464", topic="orders", partition="3"}': "0x40",
            'sluice_commit_seconds_count{instance="b:9464"}': "0+300x1 300x40",
            'sluice_broker_errors_total{instance="b:9464", kind="_TRANSPORT"}': "3x7 4x40",
        },
        at="5m",
        nearly=["CommitsStandStill", "BrokerAway"],
    ),
    Case(
        story="brokers are restarted one after the other, and a partition without any network has nothing to commit",
        groups=WITHOUT_OBJECTIVES,
        series={
            LAST_COMMIT % "3": "0x40",
            'sluice_rows{instance="b:9464", partition="3"}': "0x40",
            'sluice_lag_records{instance="b:9464", topic="orders", partition="3"}': "0x40",
            'sluice_broker_errors_total{instance="b:9464", kind="_TRANSPORT"}': "3+1x40",
        },
        at="8m",
        nearly=["CommitsStandStill", "BrokerAway"],
    ),
    Case(
        story="with orders coming in the broker goes away: every partition breaks and tries again",
        series={
            'sluice_partition_live{instance="b:9464", partition="2"}': "1x4 0x40",
            'sluice_partition_live{instance="b:9464", partition="3"}': "1x4 stale",
            'sluice_commit_seconds_count{instance="b:9464"}': "0+300x4 1200x40",
            'sluice_broker_errors_total{instance="b:9464", kind="_TRANSPORT"}': "3x4 4+1x40",
        },
        at="6m",
        fires=[undecided("Fast", "3.279%"), not_deciding("2"), broker_away("b:9464", "2")],
        nearly=["RestoreSlow"],
    ),
    Case(
        story="the client reconnects now and then while commits go on",
        groups=WITHOUT_OBJECTIVES,
        series={'sluice_broker_errors_total{instance="b:9464", kind="_TRANSPORT"}': "3+1x40"},
        at="8m",
        nearly=["BrokerAway", "CommitsStandStill"],
    ),
    Case(
        story="a partition stops, because only a person can mend it",
        series={
            'sluice_partition_live{instance="b:9464", partition="3"}': "1x4 0x40",
            'sluice_partition_stopped{instance="b:9464", partition="3"}': "0x4 1x40",
        },
        at="10m",
        fires=[
            STOPPED,
            undecided("Fast", "3.279%"),
            not_deciding("1"),
        ],
        nearly=["RestoreSlow"],
    ),
    Case(
        story="a partition had stopped and was mended seven minutes ago",
        groups=WITHOUT_OBJECTIVES,
        series={'sluice_partition_stopped{instance="b:9464", partition="3"}': "0x4 1x4 0x40"},
        at="12m",
        nearly=["PartitionStopped"],
    ),
    *(
        Case(
            story=f"of {count} partitions nobody takes one for {at}: that pages once",
            series=partitions(count) | {LIVE % "3": "1x4 stale"},
            at=at,
            fires=[undecided("Fast", share), not_deciding("1")],
        )
        for count, at, share in (
            (4, "22m", "8.197%"),
            (20, "18m", "5%"),
            (20, "50m", "3.934%"),
            (69, "18m", "1.449%"),
            (69, "70m", "1.449%"),
            (200, "18m", "0.5%"),
        )
    ),
    Case(
        story="of two hundred partitions some one always waits, while routers are restarted one after the other",
        series=partitions(200)
        | {
            'sluice_partition_live{instance="a:9464", partition="0"}': "1x9 0x9 1x60",
            'sluice_partition_live{instance="a:9464", partition="1"}': "1x19 0x9 1x60",
            LIVE % "2": "1x29 0x9 1x60",
            LIVE % "3": "1x39 0x9 1x60",
        },
        at="24m",
        fires=[not_deciding("1")],
        nearly=["RoutingAvailabilityBurnsFast"],
    ),
    Case(
        story="of two hundred partitions one has stopped, which pages by itself and no second time",
        series=partitions(200)
        | {
            LIVE % "3": "1x4 0x60",
            'sluice_partition_stopped{instance="b:9464", partition="3"}': "0x4 1x60",
        },
        at="20m",
        fires=[STOPPED, not_deciding("1")],
        nearly=["RoutingAvailabilityBurnsFast"],
    ),
    Case(
        story="a deployment starts together with its Prometheus, and restores for nine minutes",
        series=partitions(200)
        | {
            'sluice_partition_live{instance="a:9464", partition="0"}': "0x18 1x60",
            LIVE % "3": "0x18 1x60",
        },
        at="10m",
        nearly=["RoutingAvailabilityBurnsFast"],
    ),
    Case(
        story="nobody takes a partition",
        series={'sluice_partition_live{instance="b:9464", partition="3"}': "1x4 stale"},
        at="10m",
        fires=[undecided("Fast", "3.279%"), not_deciding("1")],
    ),
]
