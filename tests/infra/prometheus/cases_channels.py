"""When a channel of which orders are expected places none.

A week is told as Prometheus has recorded it, twice an hour: all rules over a week of scrapes would take half a minute.
"""

from tests.infra.prometheus.case import Case, Fires

ORDERS = 'channel:orders_placed:increase10m{channel="%s"}'
ENDS = "200x335 0x10"
"""Twenty orders a minute, for a week."""
ENDS_EACH_WEEK = "0x5 200x329 0x10"

CHANNELS_CASES = [
    Case(
        story="a shop cannot reach Kafka any more; another one is closed on the same day of each week",
        healthy=False,
        interval="30m",
        groups=["symptoms"],
        series={
            ORDERS % "web": ENDS,
            ORDERS % "wholesale": ENDS_EACH_WEEK,
            ORDERS % "counter": "2x335 0x10",
        },
        at="10140m",
        fires=[
            Fires(
                "ChannelSilent",
                {"job": "sluice", "channel": "web"},
                "No order of web comes in.",
                "For 40 minutes web has placed no order at all, and both a day and a week ago there were more than 20 "
                "within 10 minutes at this hour.",
            )
        ],
    ),
    Case(
        story="no order is counted because nobody decides for the partition, which pages by itself",
        healthy=False,
        interval="30m",
        groups=["symptoms"],
        series={
            ORDERS % "web": ENDS,
            'sluice_partitions{instance="b:9464"}': "2x345",
            'sluice_partition_live{instance="b:9464", partition="0"}': "1x345",
            'sluice_partition_live{instance="b:9464", partition="1"}': "1x335 0x10",
        },
        at="10140m",
        nearly=["ChannelSilent"],
    ),
]
