"""Whose packages do not leave with their truck."""

from tests.infra.prometheus.case import WITHOUT_OBJECTIVES, Case
from tests.infra.prometheus.told import low_performance, missed

WAREHOUSES_CASES = [
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
]
