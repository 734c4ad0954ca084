"""When a router is away, or there as far as anybody can see and hangs."""

from tests.infra.prometheus.case import WITHOUT_OBJECTIVES, Case, Fires
from tests.infra.prometheus.healthy import LAG, LAST_COMMIT, LIVE
from tests.infra.prometheus.told import down, hangs, not_deciding, restarts, undecided

LAST_POLL = 'sluice_last_poll_timestamp_seconds{instance="b:9464"}'

ROUTERS_CASES = [
    Case(
        story="Prometheus has no router to ask",
        healthy=False,
        series={"up_elsewhere{}": "1x30"},
        at="12m",
        fires=[
            Fires(
                "RoutersAbsent",
                {"job": "sluice"},
                "Prometheus knows of no router, so nothing can be said about any customer.",
                'No target of the job "sluice": none was ever configured, or service discovery has lost them all.',
            )
        ],
    ),
    Case(
        story="service discovery hiccups",
        healthy=False,
        series={"up_elsewhere{}": "1x30"},
        at="8m",
        nearly=["RoutersAbsent"],
    ),
    Case(
        story="one router dies, and the other one takes its partitions over",
        dead={"a:9464": 31},
        series={
            'sluice_partition_live{instance="b:9464", partition="0"}': "_x31 1x60",
            'sluice_partition_live{instance="b:9464", partition="1"}': "_x31 1x60",
        },
        at="20m",
        fires=[down("a:9464")],
        nearly=["RoutingAvailabilityBurnsFast", "PartitionsNotDeciding"],
    ),
    Case(
        # Its supervisor starts it again within seconds: it is never away for long, and never there for long.
        story="a router ends each time that it has restored, and gets its partitions back",
        series={
            'up{instance="b:9464"}': "1x9" + 11 * " 0 1",
            'process_start_time_seconds{instance="b:9464"}': (
                "0x9 " + " ".join(f"stale {started}" for started in range(300, 901, 60))
            ),
            LIVE % "2": "1x9" + 11 * " stale 0",
            LIVE % "3": "1x9" + 11 * " stale 0",
        },
        at="15m",
        fires=[restarts("b:9464", "10"), undecided("Fast", "8.678%"), not_deciding("2")],
        nearly=["RouterDown", "PartitionStopped"],
        evaluated_every="30s",
    ),
    Case(
        story="two releases are deployed within half an hour, the second one because of the first",
        groups=WITHOUT_OBJECTIVES,
        series={
            f'process_start_time_seconds{{instance="{router}"}}': "0x19 600x19 1200x40"
            for router in ("a:9464", "b:9464")
        },
        at="28m",
        nearly=["RouterRestarts"],
    ),
    Case(
        story="a scrape fails",
        groups=WITHOUT_OBJECTIVES,
        series={'up{instance="a:9464"}': "1x10 0x2 1x40"},
        at="7m",
        nearly=["RouterDown"],
    ),
    Case(
        story="the flow of a router hangs in a quiet hour: its lag stays at none, and its partitions stay live",
        series={
            LAST_POLL: "0+30x4 120x40",
            LAST_COMMIT % "2": "0+30x4 120x40",
            LAST_COMMIT % "3": "0+30x4 120x40",
            LAG: "0x60",
            LAG.replace('"2"', '"3"'): "0x60",
        },
        at="8m",
        fires=[hangs("b:9464", "6m 0s"), undecided("Fast", "4.098%"), not_deciding("2")],
        nearly=["CommitsStandStill"],
    ),
    Case(
        story="the flow of a router stands still for three minutes and goes on",
        groups=WITHOUT_OBJECTIVES,
        series={LAST_POLL: "0+30x4 120x4 300+30x40"},
        at="5m",
        nearly=["RouterHangs"],
    ),
    Case(
        story="a router starts, waits for its brokers, and has not asked for input yet",
        groups=WITHOUT_OBJECTIVES,
        series={
            'up{instance="c:9464"}': "1x40",
            'sluice_last_poll_timestamp_seconds{instance="c:9464"}': "0x40",
        },
        at="10m",
        nearly=["RouterHangs"],
    ),
    Case(
        story="a router hangs and still tells of pools that another one has long taken over",
        series={
            'sluice_last_poll_timestamp_seconds{instance="a:9464"}': "0+30x4 120x60",
            LIVE % "0": "_x7 1x60",
            LIVE % "1": "_x7 1x60",
            'sluice_lag_records{instance="a:9464", topic="orders", partition="0"}': "0x60",
            'sluice_lag_records{instance="a:9464", topic="orders", partition="1"}': "0x60",
            'sluice_stock_event_timestamp_seconds{instance="a:9464", pool="lille"}': "0+30x4 120x60",
            'sluice_stock_event_timestamp_seconds{instance="a:9464", pool="turin"}': "0+30x4 120x60",
        },
        at="25m",
        fires=[hangs("a:9464", "23m 0s")],
        nearly=["StockFeedSilent", "StockFreshnessBurnsFast", "RoutingAvailabilityBurnsFast"],
    ),
]
