"""What is promised to those who send orders, over 30 days; how fast the budget of failures burns; who is told when.

An error ratio is recorded over seven windows. An alert asks two of them: the long one says that it matters, the short
one that it still goes on. A burn rate of 1 uses up the budget in exactly 30 days; one of 14.4 uses 2 % of it in an
hour.

Another objective is one more `Objective` here; the name of what it measures ends in `:ratio`, the share that failed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from infra.prometheus.rule import (
    PAGE,
    TICKET,
    Alert,
    Group,
    Recording,
    deciding_by_partition,
    grown,
    silence_allowed,
    silence_of_pools,
)

WINDOWS = ("5m", "30m", "1h", "2h", "6h", "1d", "3d")
FAST = ((14.4, "1h", "5m"), (6, "6h", "30m"))
SLOW = ((3, "1d", "2h"), (1, "3d", "6h"))


@dataclass(frozen=True, kw_only=True)
class Objective:
    """A share of failures that is allowed, and how to measure the share there is."""

    alert: str
    """Its two alerts are called so, with Fast and Slowly behind it."""
    metric: str
    operation: str
    """What is done over a window: avg of a ratio that is recorded, rate of counters."""
    figures: Mapping[str, str] = field(default_factory=dict)
    """What is counted over a window, kept ready under a name of its own for what follows."""
    windowed: str
    """The failed share over a window, which is written as WINDOW."""
    budget: float
    enough: str = ""
    """What else must hold over a window, so that a handful in a quiet night wakes nobody."""
    unseen: str = ""
    """What pages too, though the budget hardly minds it. It is told by the same alert, so that one fault pages once."""
    unseen_said: str = ""
    """Since when, or how much of it, in the words that follow what is allowed."""
    said: str
    """What the figure means, in a sentence that begins with the figure."""
    customer: str
    command: str

    def recordings(self) -> tuple[Recording, ...]:
        figures = (*self.figures.items(), (self.ratio("WINDOW"), self.windowed))
        return tuple(
            Recording(over(window, name), over(window, expression))
            for name, expression in figures
            for window in WINDOWS
        )

    def alerts(self) -> tuple[Alert, Alert]:
        gone = "at this pace the budget of 30 days is gone in less than five"
        burning = [self._burning(*burn) for burn in FAST]
        if self.unseen:
            burning.append(self.unseen)
            gone = f"{self.unseen_said}, or so many that {gone}"
        return (
            self._alert("Fast", PAGE, burning, "2m", gone),
            self._alert(
                "Slowly",
                TICKET,
                [self._burning(*burn) for burn in SLOW],
                "15m",
                "at this pace the budget of 30 days does not last",
            ),
        )

    def _alert(self, pace: str, severity: str, burning: Sequence[str], lasting: str, meaning: str) -> Alert:
        return Alert(
            name=self.alert + pace,
            severity=severity,
            expression="\nor\n".join(burning),
            lasting=lasting,
            summary=self.customer,
            description=(
                f"{{{{ $value | humanizePercentage }}}} {self.said}, where {self.budget * 100:g}% is allowed; "
                f"{meaning}."
            ),
            command=self.command,
        )

    def _burning(self, rate: float, long: str, short: str) -> str:
        limit = f"{rate:g} * {self.budget:g}"
        conditions = [f"{self.ratio(long)} > {limit}", f"{self.ratio(short)} > {limit}"]
        if self.enough:
            conditions.append(over(long, self.enough))
        return "(\n  " + "\n  and ".join(conditions) + "\n)"

    def ratio(self, window: str) -> str:
        """The name under which the failed share of a window is recorded."""
        return f"sluice:{self.metric}:ratio_{self.operation}{window}"


def over(window: str, text: str) -> str:
    """The text with WINDOW as this one."""
    return text.replace("WINDOW", window)


def mean_over_time(ratio: str) -> str:
    """The mean of a recorded ratio over WINDOW, in which time without a figure counts as time without fault.

    `avg_over_time` would divide by the figures that there are: for a Prometheus of two minutes ten seconds would be a
    twelfth of three days. So it is divided by the figures that a full window holds, those at both of its ends included,
    which follows from how often Prometheus evaluates. That is measured, because the deployment decides it and a drill
    does it faster; and measured by the distance in time between evaluations, because a count of them is too small
    just after a start, and after a time in which Prometheus was away. The median of an hour does not mind one distance
    that is as long as that time, or as short as a reload of the rules may make it; and the hundredth does not mind that
    the difference of two large time stamps is not exact.
    """
    full = f"floor(1.01 + seconds(WINDOW) / quantile_over_time(0.5, {EVALUATION_INTERVAL.name}[1h]))"
    return f"sum_over_time({ratio}[WINDOW])\n  / {full}"


EVALUATION_INTERVAL = Recording(
    "sluice:evaluation:interval_seconds",
    # It stands before the time stamp in their group, and so finds that of the evaluation before.
    "time() - max_over_time(sluice:evaluation:timestamp_seconds[1h])",
)
EVALUATION_TIMESTAMP = Recording("sluice:evaluation:timestamp_seconds", "time()")


DECIDING = Recording("partition:deciding:max", deciding_by_partition())
PARTITIONS_UNAVAILABLE = Recording(
    "sluice:partitions_unavailable:ratio",
    # A scrape that fails leaves no figure at all, which must count as a failure and not as silence.
    """
    1 - (
      clamp_max(sum(partition:deciding:max) / (max(sluice_partitions) > 0), 1)
      or 0 * count(up{job="sluice"})
    )
    """,
)
PARTITIONS_OUT = Recording(
    "sluice:partitions_out:ratio13m",
    # Asked of each partition by itself: while routers are restarted one after the other there is always one that waits.
    # One that has stopped pages by itself, at once.
    """
    1 - (
      count(
        max_over_time(partition:deciding:max[13m]) == 1
        or max by (partition) (max_over_time(sluice_partition_stopped[13m])) == 1
      )
      or vector(0)
    ) / max(sluice_partitions offset 13m)
    """,
)
STOCK_SILENCE = Recording("pool:stock_silence_seconds:max", silence_of_pools())
POOLS_SILENT = Recording(
    "sluice:pools_silent:ratio",
    f"avg(pool:stock_silence_seconds:max > bool {silence_allowed()})",
)

ROUTING_AVAILABILITY = Objective(
    alert="RoutingAvailabilityBurns",
    metric="partitions_unavailable",
    operation="avg",
    windowed=mean_over_time("sluice:partitions_unavailable:ratio"),
    budget=0.001,
    # Of 200 partitions one that nobody decides for never burns the budget fast, yet its networks are out altogether.
    unseen=f"{PARTITIONS_OUT.name} > 0",
    unseen_said="some for a quarter of an hour",
    said="of all partitions had no router that decides",
    customer="Orders of some networks, or of all, are not being decided.",
    command="sluice doctor",
)
ORDERS_DECIDED = "sluice:orders_decided:increaseWINDOW"
ORDERS_IN_TIME = "sluice:orders_in_time:increaseWINDOW"
DECISION_AGE = Objective(
    alert="DecisionAgeBurns",
    metric="orders_late",
    operation="rate",
    # From its very first one on, or the backlog that a new process finds would be no late order at all.
    figures={
        ORDERS_DECIDED: grown('sluice_decision_age_seconds_count{topic="orders"}', "WINDOW", by=""),
        ORDERS_IN_TIME: grown(
            'sluice_decision_age_seconds_bucket{topic="orders", le="0.5"}', "WINDOW", by=""
        ),
    },
    windowed=f"1 - {ORDERS_IN_TIME} / {ORDERS_DECIDED}",
    budget=0.01,
    enough=f"{ORDERS_DECIDED} - {ORDERS_IN_TIME} > 10",
    said="of the orders were decided later than 0.5 s after they arrived",
    customer="Shops wait too long to hear where their orders ship from.",
    command="sluice watch",
)
STOCK_FRESHNESS = Objective(
    alert="StockFreshnessBurns",
    metric="pools_silent",
    operation="avg",
    windowed=mean_over_time("sluice:pools_silent:ratio"),
    budget=0.01,
    said="of the pools have not been heard of within the freshness limit",
    customer="Orders are promised on stock figures that may be out of date.",
    command="sluice watch",
)
OBJECTIVES = (ROUTING_AVAILABILITY, DECISION_AGE, STOCK_FRESHNESS)

GROUP = Group(
    "objectives",
    (
        EVALUATION_INTERVAL,
        EVALUATION_TIMESTAMP,
        DECIDING,
        PARTITIONS_UNAVAILABLE,
        PARTITIONS_OUT,
        STOCK_SILENCE,
        POOLS_SILENT,
        *(recording for objective in OBJECTIVES for recording in objective.recordings()),
        *(alert for objective in OBJECTIVES for alert in objective.alerts()),
    ),
)
