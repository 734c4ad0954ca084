"""When a partition takes long to restore, or restores again and again."""

from tests.infra.prometheus.case import WITHOUT_OBJECTIVES, Case, Fires
from tests.infra.prometheus.told import not_deciding, undecided

SETBACKS = 'sluice_setbacks_total{instance="b:9464", remedy="abort"}'

RESTORING_CASES = [
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
]
