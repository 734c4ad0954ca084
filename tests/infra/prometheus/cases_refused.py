"""Whose events are refused: shops whose customers will hear nothing, and warehouses."""

from tests.infra.prometheus.case import WITHOUT_OBJECTIVES, Case, Fires
from tests.infra.prometheus.told import refused

REFUSED_CASES = [
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
]
