"""Whose promise does not hold: it is withdrawn, at risk or overdue."""

from tests.infra.prometheus.case import WITHOUT_OBJECTIVES, Case, Fires
from tests.infra.prometheus.told import no_place, withdrawn


def orders_placed(channel: str, without_place: str) -> dict[str, str]:
    """Twenty orders a minute, and how many of them found no place."""
    labels = f'{{instance="b:9464", channel="{channel}"}}'
    return {
        f"sluice_orders_total{labels}": "0+10x200",
        f"sluice_backordered_orders_total{labels}": without_place,
    }


PROMISES_CASES = [
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
        story="a set takes half of the pools away, and three new orders of five find no place",
        groups=WITHOUT_OBJECTIVES,
        series=orders_placed("web", "0+0.5x120 66+6x80") | orders_placed("marketplace", "0+0.5x200"),
        at="76m",
        fires=[no_place("web", "60%")],
    ),
    Case(
        story="a channel always sells what is still to come, and an item that another one sells most is sold out",
        groups=WITHOUT_OBJECTIVES,
        series=orders_placed("preorders", "0+8x200") | orders_placed("web", "0+0.5x120 62+2x80"),
        at="76m",
        nearly=["OrdersFindNoPlace"],
    ),
    Case(
        story="a network decides for its first minutes, and half of its stock is not counted yet",
        groups=WITHOUT_OBJECTIVES,
        series=orders_placed("web", "0+5x200"),
        at="16m",
        nearly=["OrdersFindNoPlace"],
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
]
