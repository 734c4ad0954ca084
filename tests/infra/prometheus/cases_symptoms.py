"""When customers are hurt in a way that no objective measures."""

from tests.infra.prometheus.case import WITHOUT_OBJECTIVES, Case, Fires
from tests.infra.prometheus.cases_objectives import undecided


def stands_still(router: str, partition: str, age: str) -> Fires:
    return Fires(
        "CommitsStandStill",
        {"instance": router, "partition": partition},
        f"Partition {partition} takes orders in and decides nothing.",
        f"Router {router} counts it as live, yet its last commit is {age} old while records wait or the errors of "
        "its Kafka client go on.",
    )


def broker_away(router: str, errors: str) -> Fires:
    return Fires(
        "BrokerAway",
        {"instance": router},
        f"Router {router} cannot work with Kafka.",
        f"{errors} errors of its Kafka client within a minute, more before, and no commit.",
    )


def not_deciding(count: str) -> Fires:
    return Fires(
        "PartitionsNotDeciding",
        {},
        "Some partitions have no router that decides.",
        f"{count} partitions have no owner, or one that is still preparing or has stopped.",
    )


def refused(topic: str, reason: str, records: str) -> Fires:
    return Fires(
        "DeadLettersRising",
        {"topic": topic, "reason": reason},
        f"Input on {topic} is refused: {reason}.",
        f"{records} records within 10 minutes were refused as {reason}.",
    )


def withdrawn(pool: str, orders: str) -> Fires:
    return Fires(
        "PromisesWithdrawn",
        {"pool": pool},
        f"Pool {pool} withdraws promises in a burst: was it counted to zero by mistake?",
        f"{orders} orders lost their place in {pool} within 10 minutes, because stock that was promised is gone.",
    )


def missed(pool: str, shipments: str) -> Fires:
    return Fires(
        "CutoffsMissed",
        {"pool": pool},
        f"Shipments of pool {pool} missed their truck.",
        f"{shipments} shipments that {pool} was told of were not wholly dispatched when their truck left, at their "
        "ship-by plus the pool's time to pick, within an hour.",
    )


def low_performance(pool: str, share: str) -> Fires:
    return Fires(
        "DispatchPerformanceLow",
        {"pool": pool},
        f"Pool {pool} hands its packages over late or not at all.",
        f"Of the packages due in the last hour {pool} handed over {share} by the departure that was planned, where 90% "
        "is the least. New orders still go there.",
    )


def late_deliveries(carrier: str, share: str) -> Fires:
    return Fires(
        "DeliveriesLate",
        {"carrier": carrier},
        f"Carrier {carrier} brings packages later than promised.",
        f"Of the packages that {carrier} should have delivered in the last day {share} arrived by their first promise, "
        "where 90% is the least. What nobody scanned counts as late.",
    )


def began_at_the_tenth_scrape() -> dict[str, str]:
    """A process that was not there before, and was asked half a minute after it began."""
    return {
        'up{instance="c:9464"}': "_x10 1x60",
        'process_start_time_seconds{instance="c:9464"}': "_x10 270x60",
    }


DELIVERY_DUE = 'sluice_carrier_delivery_due_total{instance="b:9464", carrier="%s"}'
DELIVERED_ON_TIME = 'sluice_carrier_delivery_on_time_total{instance="b:9464", carrier="%s"}'
DELIVERY_TOLD = 'sluice_carrier_delivery_told_total{instance="b:9464", carrier="%s"}'
_HEARD_NOW_AND_THEN = "%sx7 stale _x12 %sx88 stale %sx8 stale %sx40"
"""A counter of a process that is not reached in between; the four numbers are where it is found each time."""
LIVE = 'sluice_partition_live{instance="b:9464", partition="%s"}'
LAST_COMMIT = 'sluice_last_commit_timestamp_seconds{instance="b:9464", partition="%s"}'

SYMPTOM_CASES = [
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
            Fires(
                "PartitionStopped",
                {"instance": "b:9464", "partition": "3"},
                "Partition 3 has stopped for good: no order of its networks is decided.",
                "Router b:9464 has tried again and given up, or has found what it must not skip. It does not mend "
                "itself; the last error of its log says what to do.",
            ),
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
    Case(
        story="of two hundred partitions nobody takes one, which burns the budget slowly: its networks are out",
        series={
            'sluice_partitions{instance="a:9464"}': "200x60",
            'sluice_partitions{instance="b:9464"}': "200x60",
            **{LIVE % str(partition): "1x60" for partition in range(4, 200)},
            LIVE % "3": "1x4 stale",
        },
        at="20m",
        fires=[
            Fires(
                "PartitionsOutForLong",
                {},
                "Some networks are out: no order of theirs has been decided for a quarter of an hour.",
                "1 partitions have had no router that decides for 15 minutes.",
            ),
            not_deciding("1"),
        ],
        nearly=["RoutingAvailabilityBurnsFast"],
    ),
    Case(
        story="routers are restarted one after the other: some partition always waits, and none for long",
        groups=WITHOUT_OBJECTIVES,
        series={
            'sluice_partition_live{instance="a:9464", partition="0"}': "1x9 0x9 1x60",
            'sluice_partition_live{instance="a:9464", partition="1"}': "1x19 0x9 1x60",
            LIVE % "2": "1x29 0x9 1x60",
            LIVE % "3": "1x39 0x9 1x60",
        },
        at="24m",
        fires=[not_deciding("1")],
        nearly=["PartitionsOutForLong"],
    ),
    Case(
        story="a deployment starts together with its Prometheus, and restores for nine minutes",
        groups=WITHOUT_OBJECTIVES,
        series={
            'sluice_partition_live{instance="a:9464", partition="0"}': "0x18 1x60",
            LIVE % "3": "0x18 1x60",
        },
        at="10m",
        nearly=["PartitionsOutForLong"],
    ),
    Case(
        story="a shop sends every tenth order for a channel that nobody knows",
        groups=WITHOUT_OBJECTIVES,
        series={
            'sluice_dead_letters_total{instance="b:9464", topic="orders", reason="unknown_channel"}': "_x29 60+60x40"
        },
        at="23m",
        fires=[
            refused("orders", "unknown_channel", "1140"),
            Fires(
                "OrdersRefused",
                {},
                "Orders are refused: their customers will hear nothing.",
                "9.5% of what came in on orders within 10 minutes is a dead letter.",
            ),
        ],
    ),
    Case(
        story="a warehouse sends counts that cannot be read, and a shop one bad order in forty",
        groups=WITHOUT_OBJECTIVES,
        series={
            'sluice_dead_letters_total{instance="b:9464", topic="inventory", reason="malformed_json"}': "_x30 50x40",
            'sluice_dead_letters_total{instance="a:9464", topic="orders", reason="unknown_channel"}': "_x24 300x40",
            'sluice_dead_letters_total{instance="a:9464", topic="fulfilment", reason="unknown_pool"}': "_x24 9x40",
        },
        at="18m",
        fires=[refused("inventory", "malformed_json", "50"), refused("orders", "unknown_channel", "300")],
        nearly=["DeadLettersRising", "OrdersRefused"],
    ),
    Case(
        story="in a quiet hour a third of the few orders is refused",
        groups=WITHOUT_OBJECTIVES,
        series={
            'sluice_decision_age_seconds_count{instance="a:9464", topic="orders"}': "0+1x60",
            'sluice_decision_age_seconds_count{instance="b:9464", topic="orders"}': "0+1x60",
            'sluice_dead_letters_total{instance="a:9464", topic="orders", reason="unknown_channel"}': "_x24 15x40",
        },
        at="18m",
        fires=[refused("orders", "unknown_channel", "15")],
        nearly=["OrdersRefused"],
    ),
    Case(
        story="a pool is counted to zero, and all its promises are withdrawn in one bundle",
        groups=WITHOUT_OBJECTIVES,
        series={'sluice_promises_withdrawn_total{instance="b:9464", pool="nantes"}': "_x28 500x40"},
        at="16m",
        fires=[withdrawn("nantes", "500")],
    ),
    Case(
        story="one item of a pool is counted to zero",
        groups=WITHOUT_OBJECTIVES,
        series={'sluice_promises_withdrawn_total{instance="b:9464", pool="lyon"}': "30x24 41x40"},
        at="16m",
        nearly=["PromisesWithdrawn"],
    ),
    Case(
        story="a new Prometheus meets a router that has withdrawn many promises in its long life",
        groups=WITHOUT_OBJECTIVES,
        series={
            'sluice_promises_withdrawn_total{instance="b:9464", pool="lyon"}': "5000x40",
            'process_start_time_seconds{instance="b:9464"}': "-100000x40",
        },
        at="6m",
        nearly=["PromisesWithdrawn"],
    ),
    Case(
        story="a router that began minutes ago, under a name that is new, withdraws many promises",
        groups=WITHOUT_OBJECTIVES,
        series=began_at_the_tenth_scrape()
        | {'sluice_promises_withdrawn_total{instance="c:9464", pool="nantes"}': "_x19 500x60"},
        at="14m",
        fires=[withdrawn("nantes", "500")],
    ),
    Case(
        story="a router that began in the meantime withdrew them longer ago than ten minutes",
        groups=WITHOUT_OBJECTIVES,
        series=began_at_the_tenth_scrape()
        | {'sluice_promises_withdrawn_total{instance="c:9464", pool="nantes"}': "_x11 500x60"},
        at="18m",
        nearly=["PromisesWithdrawn"],
    ),
    Case(
        story="a router begins with a backlog of three thousand orders, and refuses one in a hundred",
        groups=WITHOUT_OBJECTIVES,
        series=began_at_the_tenth_scrape()
        | {
            'sluice_decision_age_seconds_count{instance="a:9464", topic="orders"}': "0+1x60",
            'sluice_decision_age_seconds_count{instance="b:9464", topic="orders"}': "0+1x60",
            'sluice_decision_age_seconds_count{instance="c:9464", topic="orders"}': "_x10 3000x60",
            'sluice_dead_letters_total{instance="c:9464", topic="orders", reason="unknown_channel"}': "_x10 30x60",
        },
        at="9m",
        fires=[refused("orders", "unknown_channel", "30")],
        nearly=["OrdersRefused"],
    ),
    Case(
        story="an hour ago a router was not reached for six minutes, and since then two scrapes failed: no old news",
        groups=WITHOUT_OBJECTIVES,
        series={
            'up{instance="b:9464"}': "1x7 0x12 1x88 0 1x8 0 1x40",
            'sluice_promises_withdrawn_total{instance="b:9464", pool="lyon"}': _HEARD_NOW_AND_THEN
            % ((400,) * 4),
            'sluice_cutoffs_missed_total{instance="b:9464", pool="lyon"}': _HEARD_NOW_AND_THEN % ((300,) * 4),
            'sluice_setbacks_total{instance="b:9464", remedy="restore"}': _HEARD_NOW_AND_THEN % ((4,) * 4),
            'sluice_dead_letters_total{instance="b:9464", topic="inventory", reason="unknown_pool"}': (
                _HEARD_NOW_AND_THEN % ((90,) * 4)
            ),
            'sluice_dispatch_due_total{instance="b:9464", pool="lyon"}': (
                _HEARD_NOW_AND_THEN % ("1000+1", "1021+1", "1111+1", "1121+1")
            ),
            'sluice_dispatch_on_time_total{instance="b:9464", pool="lyon"}': (
                _HEARD_NOW_AND_THEN % ("850+1", "871+1", "961+1", "971+1")
            ),
        },
        at="70m",
        nearly=[
            "PromisesWithdrawn",
            "CutoffsMissed",
            "SetbacksRepeat",
            "DeadLettersRising",
            "DispatchPerformanceLow",
        ],
    ),
    Case(
        story="a warehouse is frozen: it takes shipments and hands none over",
        groups=WITHOUT_OBJECTIVES,
        series={
            'sluice_dispatch_on_time_total{instance="b:9464", pool="lyon"}': "99x80",
            'sluice_cutoffs_missed_total{instance="b:9464", pool="lyon"}': "1+1x80",
        },
        at="30m",
        fires=[low_performance("lyon", "0%"), missed("lyon", "61")],
    ),
    Case(
        story="a warehouse is frozen from its first day, so that it has no package on time at all",
        groups=WITHOUT_OBJECTIVES,
        series={
            'sluice_dispatch_due_total{instance="b:9464", pool="nantes"}': "0+1x80",
        },
        at="30m",
        fires=[low_performance("nantes", "0%")],
    ),
    Case(
        story="a warehouse is late with one package in twenty, and a few shipments miss their truck",
        groups=WITHOUT_OBJECTIVES,
        series={
            'sluice_dispatch_on_time_total{instance="b:9464", pool="lyon"}': "99+0.95x80",
            'sluice_cutoffs_missed_total{instance="b:9464", pool="lyon"}': "1x20 2x20 3x20 5x20",
        },
        at="30m",
        nearly=["DispatchPerformanceLow", "CutoffsMissed"],
    ),
    Case(
        story="a warehouse is late with all of the few packages that it has",
        groups=WITHOUT_OBJECTIVES,
        series={
            'sluice_dispatch_due_total{instance="b:9464", pool="lyon"}': "100x19 104x19 108x20 112x20",
            'sluice_dispatch_on_time_total{instance="b:9464", pool="lyon"}': "99x80",
        },
        at="30m",
        nearly=["DispatchPerformanceLow"],
    ),
    Case(
        story="orders wait beyond their time, and units are at risk, for longer than a quarter of an hour",
        groups=WITHOUT_OBJECTIVES,
        series={
            'sluice_overdue_orders{instance="b:9464", partition="3"}': "12x50",
            'sluice_units_at_risk{instance="b:9464", pool="turin"}': "40x50",
        },
        at="16m",
        fires=[
            Fires(
                "OrdersOverdue",
                {},
                "Orders wait beyond the time that they were promised for.",
                "12 orders still have units without a place, and their time has passed.",
            ),
            Fires(
                "UnitsAtRisk",
                {"pool": "turin"},
                "Pool turin is to ship units that may not be there.",
                "40 units were released to turin before its stock turned out to be gone; the warehouse may still find "
                "them.",
            ),
        ],
    ),
    Case(
        story="orders wait beyond their time, and units are at risk, for ten minutes",
        groups=WITHOUT_OBJECTIVES,
        series={
            'sluice_overdue_orders{instance="b:9464", partition="3"}': "0x11 12x50",
            'sluice_units_at_risk{instance="b:9464", pool="turin"}': "0x11 40x50",
        },
        at="16m",
        nearly=["OrdersOverdue", "UnitsAtRisk"],
    ),
    Case(
        story="a carrier that is in time as a rule brings half of its packages late",
        groups=WITHOUT_OBJECTIVES,
        series={
            DELIVERY_DUE % "gls": "100+2x60",
            DELIVERED_ON_TIME % "gls": "90+1x60",
            DELIVERY_TOLD % "gls": "90+2x60",
        },
        at="30m",
        fires=[late_deliveries("gls", "50%")],
    ),
    Case(
        story="the scans of a carrier stop: nobody knows what has arrived",
        groups=WITHOUT_OBJECTIVES,
        series={
            DELIVERY_DUE % "gls": "100+2x60",
            DELIVERED_ON_TIME % "gls": "90x60",
            DELIVERY_TOLD % "gls": "80+1x10 90x60",
        },
        at="30m",
        fires=[late_deliveries("gls", "0%")],
    ),
    Case(
        story="a carrier brings everything, and all of it late",
        groups=WITHOUT_OBJECTIVES,
        series={
            DELIVERY_DUE % "gls": "0+2x60",
            DELIVERED_ON_TIME % "gls": "0x60",
            DELIVERY_TOLD % "gls": "0+2x60",
        },
        at="30m",
        fires=[late_deliveries("gls", "0%")],
    ),
    Case(
        story="a carrier has told nothing for more than a week: of its packages nothing is known any more",
        groups=["symptoms"],
        healthy=False,
        interval="1h",
        series={
            'up{instance="b:9464"}': "1x200",
            DELIVERY_DUE % "gls": "0+20x200",
            DELIVERED_ON_TIME % "gls": "0+20x10 200x190",
            DELIVERY_TOLD % "gls": "0+20x10 200x190",
        },
        at="8d",
        nearly=["DeliveriesLate"],
    ),
    Case(
        story="a carrier never scans: of its packages nothing is known",
        groups=WITHOUT_OBJECTIVES,
        series={
            DELIVERY_DUE % "gls": "100+2x60",
            DELIVERED_ON_TIME % "gls": "0x60",
            DELIVERY_TOLD % "gls": "0x60",
        },
        at="30m",
        nearly=["DeliveriesLate"],
    ),
    Case(
        story="a carrier with few packages brings some of them late, another one a tenth of its many",
        groups=WITHOUT_OBJECTIVES,
        series={
            DELIVERY_DUE % "dhl": "100x40 101+1x15",
            DELIVERED_ON_TIME % "dhl": "99x60",
            DELIVERY_TOLD % "dhl": "99x40 100+1x15",
            DELIVERY_DUE % "gls": "100+10x60",
            DELIVERED_ON_TIME % "gls": "99+9.2x60",
        },
        at="30m",
        nearly=["DeliveriesLate"],
    ),
]
