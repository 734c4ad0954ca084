"""Whose promise does not hold: it is withdrawn, at risk or overdue."""

from tests.infra.prometheus.case import WITHOUT_OBJECTIVES, Case, Fires
from tests.infra.prometheus.told import withdrawn

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
