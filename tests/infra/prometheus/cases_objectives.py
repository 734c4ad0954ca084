"""When budgets burn: stories of hours and days, told in as few scrapes as their windows allow."""

from tests.infra.prometheus.case import Case
from tests.infra.prometheus.healthy import ROUTERS
from tests.infra.prometheus.told import down, late, out_of_date, silent, undecided


def many_pools(count: int, silent_ones: int) -> dict[str, str]:
    """Pools on top of the healthy three; some of them have said nothing since the beginning."""
    return {
        f'sluice_stock_event_timestamp_seconds{{instance="a:9464", pool="store-{number}"}}': (
            "0x240" if number < silent_ones else "0+600x240"
        )
        for number in range(count)
    }


# Where a story of days is told in scrapes ten minutes apart, each of them stands for ten minutes.
OBJECTIVES_CASES = [
    Case(story="everything is well", at="17m"),
    Case(
        story="both routers are gone: nobody decides, and nobody can say how many partitions there are",
        dead={"a:9464": 6, "b:9464": 6},
        at="10m",
        fires=[undecided("Fast", "13.11%"), down("a:9464"), down("b:9464")],
        nearly=["RoutersAbsent", "RoutingAvailabilityBurnsSlowly"],
    ),
    Case(
        story="a deployment starts together with its Prometheus, and decides after half a minute",
        interval="15s",
        evaluated_every="15s",
        groups=["objectives"],
        series={
            f'sluice_partition_live{{instance="{router}", partition="{partition}"}}': "0x1 1x20"
            for router, partitions in ROUTERS.items()
            for partition in partitions
        },
        at="2m",
        nearly=["RoutingAvailabilityBurnsFast"],
    ),
    Case(
        story="nobody decided for two minutes, and after that nothing could be scraped for six",
        interval="15s",
        evaluated_every="15s",
        groups=["objectives"],
        healthy=False,
        series={
            'sluice_partitions{instance="b:9464"}': "1x260 stale _x22 1x40",
            'sluice_partition_live{instance="b:9464", partition="0"}': "1x180 0x7 1x71 stale _x22 1x40",
        },
        at="4395s",
        nearly=["RoutingAvailabilityBurnsFast"],
    ),
    Case(
        story="one pool of twenty is silent for hours, and then nothing could be scraped for six minutes",
        interval="1m",
        groups=["objectives"],
        healthy=False,
        series={
            'sluice_stock_freshness_limit_seconds{instance="b:9464"}': "900x360 stale _x5 900x9",
            **{
                f'sluice_stock_event_timestamp_seconds{{instance="b:9464", pool="store-{number}"}}': (
                    "0+60x360 stale _x5 22020+60x9" if number else "0x360 stale _x5 0x9"
                )
                for number in range(20)
            },
        },
        at="369m",
        nearly=["StockFreshnessBurnsFast"],
    ),
    Case(
        story="half of the partitions move to another router within a minute",
        series={
            'sluice_partition_live{instance="a:9464", partition="0"}': "1x19 stale",
            'sluice_partition_live{instance="a:9464", partition="1"}': "1x19 stale",
            'sluice_partition_live{instance="b:9464", partition="0"}': "_x22 1x40",
            'sluice_partition_live{instance="b:9464", partition="1"}': "_x22 1x40",
        },
        at="17m",
        nearly=["RoutingAvailabilityBurnsFast", "RoutingAvailabilityBurnsSlowly"],
    ),
    Case(
        story="a partition is out for ten minutes three times a day, the last time an hour and a half ago",
        interval="10m",
        groups=["objectives"],
        series={'sluice_partition_live{instance="b:9464", partition="3"}': "1x30 0 1x60 0 1x40 0 1x20"},
        at="1d",
        fires=[undecided("Slowly", "0.5172%")],
        nearly=["RoutingAvailabilityBurnsFast"],
    ),
    Case(
        story="a partition was out as often, but all is well since ten hours",
        interval="10m",
        groups=["objectives"],
        series={'sluice_partition_live{instance="b:9464", partition="3"}': "1x10 0 1x40 0 1x28 0 1x80"},
        at="1d",
        nearly=["RoutingAvailabilityBurnsSlowly"],
    ),
    Case(
        story="half of the orders of one router are decided late",
        series={
            'sluice_decision_age_seconds_bucket{instance="b:9464", topic="orders", le="0.5"}': "0+150x50",
        },
        at="20m",
        fires=[late("Fast", "25%"), late("Slowly", "25%")],
    ),
    Case(
        story="one order in twenty is decided late",
        series={
            'sluice_decision_age_seconds_bucket{instance="a:9464", topic="orders", le="0.5"}': "0+285x50",
            'sluice_decision_age_seconds_bucket{instance="b:9464", topic="orders", le="0.5"}': "0+285x50",
        },
        at="20m",
        fires=[late("Slowly", "5%")],
        nearly=["DecisionAgeBurnsFast"],
    ),
    Case(
        story="one order in a hundred and fifty is decided late, which is allowed",
        series={
            'sluice_decision_age_seconds_bucket{instance="a:9464", topic="orders", le="0.5"}': "0+298x50",
            'sluice_decision_age_seconds_bucket{instance="b:9464", topic="orders", le="0.5"}': "0+298x50",
        },
        at="20m",
        nearly=["DecisionAgeBurnsSlowly"],
    ),
    Case(
        story="in a quiet night the only ten orders are late",
        series={
            f'sluice_decision_age_seconds_{kind}{{instance="{router}", topic="orders"{bound}}}': values
            for router in ("a:9464", "b:9464")
            for kind, bound, values in (
                ("count", "", "50x9 51x9 52x9 53x9 54x9"),
                ("bucket", ', le="0.5"', "50x50"),
            )
        },
        at="20m",
        nearly=["DecisionAgeBurnsFast", "DecisionAgeBurnsSlowly"],
    ),
    Case(
        story="one pool of three is silent for two hours",
        interval="2m",
        groups=["objectives", "causes"],
        series={'sluice_stock_event_timestamp_seconds{instance="b:9464", pool="lille"}': "0x80"},
        at="2h",
        fires=[silent("lille", "2h 0m 0s"), out_of_date("Fast", "33.33%")],
        nearly=["StockFreshnessBurnsSlowly"],
    ),
    Case(
        story="one pool of three is silent for half an hour",
        series={'sluice_stock_event_timestamp_seconds{instance="b:9464", pool="lille"}': "0x80"},
        at="30m",
        fires=[silent("lille", "30m 0s")],
        nearly=["StockFreshnessBurnsFast", "StockFreshnessBurnsSlowly"],
    ),
    Case(
        story="a pool is silent for a minute less than is allowed",
        series={'sluice_stock_event_timestamp_seconds{instance="b:9464", pool="lille"}': "600x80"},
        at="24m",
        nearly=["StockFeedSilent"],
    ),
    Case(
        story="one pool of forty is silent for more than a day",
        interval="10m",
        groups=["objectives"],
        series=many_pools(37, silent_ones=1),
        at="30h",
        fires=[out_of_date("Slowly", "1.033%")],
        nearly=["StockFreshnessBurnsFast"],
    ),
]
