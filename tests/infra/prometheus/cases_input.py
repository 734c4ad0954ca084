"""When input does not come, is held back, or comes faster than it is decided."""

from tests.infra.prometheus.case import WITHOUT_OBJECTIVES, Case, Fires
from tests.infra.prometheus.healthy import LAG, POOLS
from tests.infra.prometheus.told import hangs, not_deciding, silent

GAP = 'sluice_stable_gap_records{instance="b:9464", topic="orders", partition="2"}'
LAG_SECONDS = 'sluice_lag_seconds{instance="b:9464", partition="2"}'

INPUT_CASES = [
    Case(
        story="a pool is silent, and one of the same name in another network, in another process, is not",
        groups=WITHOUT_OBJECTIVES,
        series={'sluice_stock_event_timestamp_seconds{instance="a:9464", pool="lille"}': "0x80"},
        at="30m",
        fires=[silent("lille", "30m 0s")],
    ),
    Case(
        story="a router is twenty minutes behind: what its pools have said since is there, and not read yet",
        series={
            **{
                f'sluice_stock_event_timestamp_seconds{{instance="b:9464", pool="{pool}"}}': "0x40 30+30x60"
                for pool in POOLS
            },
            LAG_SECONDS: "0+30x40 1200x60",
        },
        at="40m",
        nearly=["StockFeedSilent", "StockFreshnessBurnsFast"],
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
        story="a router hangs while a busy producer's transaction is open, and goes on telling of that gap",
        groups=WITHOUT_OBJECTIVES,
        series={
            GAP: "0 50 80 0 20 60x60",
            'sluice_last_poll_timestamp_seconds{instance="b:9464"}': "0+30x5 150x60",
        },
        at="14m",
        fires=[hangs("b:9464", "11m 30s"), not_deciding("2")],
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
    *(
        Case(
            story=f"the first calendar of a network ends in {days} days",
            groups=["causes"],
            series={
                'sluice_calendars_end_timestamp_seconds{instance="b:9464", network="eu"}': f"{days * 86_400 + 300}x20",
                'sluice_calendars_end_timestamp_seconds{instance="b:9464", network="us"}': "9000000x20",
            },
            at="5m",
            fires=fires,
            nearly=[] if fires else ["CalendarsEnd"],
        )
        for days, fires in (
            (
                20,
                [
                    Fires(
                        "CalendarsEnd",
                        {"network": "eu"},
                        "The calendars of network eu end: nobody has applied it for a year.",
                        "The first of them ends in 20d 0h 0m 0s. Orders of which no truck leaves or arrives before "
                        "then find no place.",
                    )
                ],
            ),
            (29, []),
        )
    ),
]
