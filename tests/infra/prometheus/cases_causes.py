"""When something is wrong inside: each cause, and what is nearly one."""

from tests.infra.prometheus.case import WITHOUT_OBJECTIVES, Case, Fires
from tests.infra.prometheus.cases_objectives import down, silent, undecided
from tests.infra.prometheus.cases_symptoms import LAST_COMMIT, not_deciding

GAP = 'sluice_stable_gap_records{instance="b:9464", topic="orders", partition="2"}'
LAG = 'sluice_lag_records{instance="b:9464", topic="orders", partition="2"}'
LAG_SECONDS = 'sluice_lag_seconds{instance="b:9464", partition="2"}'
SETBACKS = 'sluice_setbacks_total{instance="b:9464", remedy="abort"}'
LAST_POLL = 'sluice_last_poll_timestamp_seconds{instance="b:9464"}'
RESIDENT = 'process_resident_memory_bytes{instance="b:9464"}'
STANDBY_ROWS = 'sluice_standby_rows{instance="c:9464", partition="%s"}'


def standby(**values: str) -> dict[str, str]:
    """A standby's copies of all four partitions; some of them with other values, as `p1=...`."""
    return {STANDBY_ROWS % number: values.get(f"p{number}", "500000x60") for number in "0123"}


def hangs(router: str, since: str) -> Fires:
    return Fires(
        "RouterHangs",
        {"instance": router},
        f"Router {router} hangs: it answers, and asks for no input.",
        f"Its flow last asked Kafka for input {since} ago. Nobody decides what it owns until another process takes it "
        "over.",
    )


def copies_of_each_other(at_b: str) -> dict[str, str]:
    """Both routers hold warm copies of what the other one owns."""
    return {
        'sluice_standby_rows{instance="a:9464", partition="2"}': "500000x60",
        'sluice_standby_rows{instance="a:9464", partition="3"}': "500000x60",
        'sluice_standby_rows{instance="b:9464", partition="0"}': at_b,
        'sluice_standby_rows{instance="b:9464", partition="1"}': at_b,
    }


CAUSE_CASES = [
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
        fires=[hangs("b:9464", "6m 0s")],
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
            'sluice_lag_records{instance="a:9464", topic="orders", partition="0"}': "0x60",
            'sluice_lag_records{instance="a:9464", topic="orders", partition="1"}': "0x60",
            'sluice_stock_event_timestamp_seconds{instance="a:9464", pool="lille"}': "0+30x4 120x60",
            'sluice_stock_event_timestamp_seconds{instance="a:9464", pool="turin"}': "0+30x4 120x60",
        },
        at="25m",
        fires=[hangs("a:9464", "23m 0s")],
        nearly=["StockFeedSilent", "StockFreshnessBurnsFast"],
    ),
    Case(
        story="a pool is silent, and one of the same name in another network, in another process, is not",
        groups=WITHOUT_OBJECTIVES,
        series={'sluice_stock_event_timestamp_seconds{instance="a:9464", pool="lille"}': "0x80"},
        at="30m",
        fires=[silent("lille", "30m 0s")],
    ),
    Case(
        story="nobody takes a partition",
        series={'sluice_partition_live{instance="b:9464", partition="3"}': "1x4 stale"},
        at="10m",
        fires=[undecided("Fast", "3.279%"), not_deciding("1")],
    ),
    Case(
        story="a transaction on an input stays open",
        groups=WITHOUT_OBJECTIVES,
        series={GAP: "0x4 40x4 90x60"},
        at="12m",
        fires=[
            Fires(
                "StableGap",
                {"topic": "orders", "partition": "2"},
                "Somebody's open transaction holds back orders, partition 2.",
                "At least 90 records have waited for 5 minutes behind a transaction that a producer has neither "
                "committed nor aborted. No router may read past it.",
            )
        ],
    ),
    Case(
        story="a busy producer's transactions come and go, and a large one is nearly through",
        groups=WITHOUT_OBJECTIVES,
        series={
            GAP: "0 50 80 0 20 60 0 50 80 0 20 60 0 50 80 0 20 60 0 50 80 0 20 60 0 50 80",
            'sluice_stable_gap_records{instance="b:9464", topic="inventory", partition="2"}': "9000-100x60",
        },
        at="12m",
        nearly=["StableGap"],
    ),
    Case(
        story="the transactions of busy producers overlap: there is always a gap, and never for long",
        groups=WITHOUT_OBJECTIVES,
        series={
            GAP: "80 91 82 93 84 95 86 97 88 99 90 101 92 103 94 105 96 107 98 109 100 111 102 113 104 115 106"
        },
        at="12m",
        nearly=["StableGap"],
    ),
    Case(
        story="a partition falls further and further behind",
        groups=WITHOUT_OBJECTIVES,
        series={LAG: "1000+500x60", LAG_SECONDS: "10+5x60"},
        at="20m",
        fires=[
            Fires(
                "LagKeepsIncreasing",
                {"partition": "2"},
                "Partition 2 falls further and further behind.",
                "21000 records wait, and the number has been growing for 10 minutes.",
            )
        ],
    ),
    Case(
        story="a partition is far behind and catches up",
        groups=WITHOUT_OBJECTIVES,
        series={LAG: "50000-500x60", LAG_SECONDS: "100x60"},
        at="20m",
        nearly=["LagKeepsIncreasing"],
    ),
    Case(
        story="a restore takes longer than five minutes",
        series={'sluice_partition_live{instance="b:9464", partition="3"}': "1x4 0x40"},
        at="9m",
        fires=[
            Fires(
                "RestoreSlow",
                {"instance": "b:9464", "partition": "3"},
                "Partition 3 is still not ready to decide.",
                "Router b:9464 has owned it for 5 minutes and has not read its state back yet.",
            ),
            undecided("Fast", "2.869%"),
            not_deciding("1"),
        ],
    ),
    Case(
        story="a partition is restored within a minute, and all is well since seven",
        series={'sluice_partition_live{instance="b:9464", partition="3"}': "1x4 0x2 1x40"},
        at="10m",
        nearly=["RestoreSlow", "PartitionsNotDeciding", "RoutingAvailabilityBurnsFast"],
    ),
    Case(
        story="a partition fails, restores and fails again",
        groups=WITHOUT_OBJECTIVES,
        series={SETBACKS: "_x29 1x1 2x1 3x1 4x60"},
        at="20m",
        fires=[
            Fires(
                "SetbacksRepeat",
                {"instance": "b:9464", "remedy": "abort"},
                "Router b:9464 fails and restores again and again.",
                "About 4 failures within 15 minutes asked for the remedy abort; each one costs a restore.",
            )
        ],
    ),
    Case(
        story="two commits fail, as may happen when a broker restarts",
        groups=WITHOUT_OBJECTIVES,
        series={SETBACKS: "_x29 1x1 2x60"},
        at="20m",
        nearly=["SetbacksRepeat"],
    ),
    Case(
        story="a process needs half as much again as six hours ago, for the same rows",
        interval="10m",
        groups=["causes"],
        series={'process_resident_memory_bytes{instance="b:9464"}': "1000000000x38 1500000000x60"},
        at="450m",
        fires=[
            Fires(
                "MemoryGrows",
                {"job": "sluice", "instance": "b:9464"},
                "Router b:9464 needs more and more memory.",
                "It uses 1.5 times what it used 6 hours ago, with hardly more rows in memory.",
            )
        ],
    ),
    Case(
        story="a process that has held the same warm copies all the time needs half as much again",
        interval="10m",
        groups=["causes"],
        series={RESIDENT: "1000000000x38 1500000000x60"} | copies_of_each_other("500000x60"),
        at="450m",
        fires=[
            Fires(
                "MemoryGrows",
                {"job": "sluice", "instance": "b:9464"},
                "Router b:9464 needs more and more memory.",
                "It uses 1.5 times what it used 6 hours ago, with hardly more rows in memory.",
            )
        ],
    ),
    Case(
        story="a process begins to hold warm copies, and needs memory for them",
        interval="10m",
        groups=["causes"],
        series={RESIDENT: "1000000000x38 1900000000x60"} | copies_of_each_other("_x39 500000x60"),
        at="450m",
        nearly=["MemoryGrows"],
    ),
    Case(
        story="the warm copies that a process holds become twice as many",
        interval="10m",
        groups=["causes"],
        series={RESIDENT: "1000000000x38 1900000000x60"} | copies_of_each_other("250000x38 500000x60"),
        at="450m",
        nearly=["MemoryGrows"],
    ),
    Case(
        story="a process that took over two partitions needs twice the memory for twice the rows",
        interval="10m",
        groups=["causes"],
        series={
            'process_resident_memory_bytes{instance="b:9464"}': "1000000000x38 2000000000x60",
            'sluice_rows{instance="b:9464", partition="0"}': "_x39 500000x60",
            'sluice_rows{instance="b:9464", partition="1"}': "_x39 500000x60",
        },
        at="450m",
        nearly=["MemoryGrows"],
    ),
    Case(
        story="a process that was restarted needs more and more while its SKUs are asked for",
        interval="10m",
        groups=["causes"],
        series={
            'process_resident_memory_bytes{instance="b:9464"}': "1000000000x38 1500000000x60",
            'sluice_packed_rows{instance="b:9464", partition="0"}': "400000x38 200000x60",
        },
        at="450m",
        nearly=["MemoryGrows"],
    ),
    Case(
        story="the standby of a partition goes away",
        groups=WITHOUT_OBJECTIVES,
        series=standby(p1="500000x4 stale"),
        at="16m",
        fires=[
            Fires(
                "StandbyMissing",
                {"partition": "1"},
                "Partition 1 has no warm standby any more.",
                "If its router died now, another one would have to restore the partition cold.",
            )
        ],
    ),
    Case(
        story="a standby is restarted",
        groups=WITHOUT_OBJECTIVES,
        series=standby(p1="500000x10 _x6 500000x40", p2="500000x10 _x6 500000x40"),
        at="16m",
        nearly=["StandbyMissing"],
    ),
    Case(
        story="a standby does not keep up",
        groups=WITHOUT_OBJECTIVES,
        series={
            **standby(),
            'sluice_standby_lag_records{instance="c:9464", partition="1"}': "0x4 15000x40",
        },
        at="10m",
        fires=[
            Fires(
                "StandbyLags",
                {"partition": "1"},
                "The standby of partition 1 does not keep up.",
                "Its copy lacks 15000 records of the state topics; a take-over waits for them.",
            )
        ],
    ),
    Case(
        story="a standby starts and reads the state topics",
        groups=WITHOUT_OBJECTIVES,
        series={
            **standby(),
            'sluice_standby_lag_records{instance="c:9464", partition="1"}': "150000-20000x6 0x40",
        },
        at="6m",
        nearly=["StandbyLags"],
    ),
]
