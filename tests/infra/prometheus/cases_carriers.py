"""Whose packages arrive late, as far as their carrier tells."""

from tests.infra.prometheus.case import WITHOUT_OBJECTIVES, Case
from tests.infra.prometheus.told import late_deliveries

DELIVERY_DUE = 'sluice_carrier_delivery_due_total{instance="b:9464", carrier="%s"}'
DELIVERED_ON_TIME = 'sluice_carrier_delivery_on_time_total{instance="b:9464", carrier="%s"}'
DELIVERY_TOLD = 'sluice_carrier_delivery_told_total{instance="b:9464", carrier="%s"}'

SILENT_SINCE_ITS_FIRST_HOURS = {
    'up{instance="b:9464"}': "1x400",
    DELIVERY_DUE % "gls": "0+10x400",
    DELIVERED_ON_TIME % "gls": "0+10x20 200x380",
    DELIVERY_TOLD % "gls": "0+10x20 200x380",
}
"""A sample each half hour; it told of arrivals in the first ten hours only."""

CARRIERS_CASES = [
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
        interval="30m",
        series=SILENT_SINCE_ITS_FIRST_HOURS,
        at="8d",
        nearly=["DeliveriesLate"],
    ),
    Case(
        story="a carrier told of arrivals six days ago and of none since",
        groups=["symptoms"],
        healthy=False,
        interval="30m",
        series=SILENT_SINCE_ITS_FIRST_HOURS,
        at="6d",
        fires=[late_deliveries("gls", "0%")],
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
