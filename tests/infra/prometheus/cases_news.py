"""What is news of a counter whose process is new, or was not reached for a while."""

from tests.infra.prometheus.case import WITHOUT_OBJECTIVES, Case
from tests.infra.prometheus.told import late, refused, withdrawn


def began_at_the_tenth_scrape() -> dict[str, str]:
    """A process that was not there before, and was asked half a minute after it began."""
    return {
        'up{instance="c:9464"}': "_x10 1x60",
        'process_start_time_seconds{instance="c:9464"}': "_x10 270x60",
    }


_HEARD_NOW_AND_THEN = "%sx7 stale _x12 %sx88 stale %sx8 stale %sx40"
"""A counter of a process that is not reached in between; the four numbers are where it is found each time."""

NEWS_CASES = [
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
        story="a router begins with a backlog of three thousand orders, decided late before anybody asks it",
        series=began_at_the_tenth_scrape()
        | {
            'sluice_decision_age_seconds_count{instance="c:9464", topic="orders"}': "_x10 3000x60",
            'sluice_decision_age_seconds_bucket{instance="c:9464", topic="orders", le="0.5"}': "_x10 0x60",
        },
        at="9m",
        fires=[late("Fast", "21.74%")],
        nearly=["DecisionAgeBurnsSlowly"],
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
]
