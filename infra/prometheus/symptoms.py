"""What customers feel and no objective measures: these alerts say who is hurt, the ones in `causes.py` why."""

from __future__ import annotations

from infra.prometheus.rule import (
    PAGE,
    TICKET,
    Alert,
    Group,
    Recording,
    broken_off,
    deciding_by_partition,
    goes_on,
    grown,
    hangs,
)

SCANS_WITHIN = "7d"
"""A carrier that has told of no arrival for so long is one that does not scan."""

PACKAGES_DUE = Recording("pool:packages_due:increase1h", grown("sluice_dispatch_due_total", "1h", by="pool"))
PACKAGES_ON_TIME = Recording(
    "pool:packages_on_time:increase1h", grown("sluice_dispatch_on_time_total", "1h", by="pool")
)
DISPATCH_PERFORMANCE = Recording(
    "pool:dispatch_performance:ratio_rate1h",
    # A pool that has never handed anything over in time has no counter of that, and is the worst of all.
    """
    (pool:packages_on_time:increase1h or 0 * pool:packages_due:increase1h)
      / pool:packages_due:increase1h
    """,
)
DELIVERIES_DUE = Recording(
    "carrier:deliveries_due:increase1d", grown("sluice_carrier_delivery_due_total", "1d", by="carrier")
)
DELIVERIES_ON_TIME = Recording(
    "carrier:deliveries_on_time:increase1d",
    grown("sluice_carrier_delivery_on_time_total", "1d", by="carrier"),
)
DELIVERIES_TOLD = Recording(
    # The arrivals of a week, in every process, are millions of samples; so they are looked back on by the hour.
    "carrier:deliveries_told:increase1h",
    "sum by (carrier) (increase(sluice_carrier_delivery_told_total[1h]))",
)
DELIVERY_PERFORMANCE = Recording(
    "carrier:delivery_performance:ratio_rate1d",
    """
    (carrier:deliveries_on_time:increase1d or 0 * carrier:deliveries_due:increase1d)
      / carrier:deliveries_due:increase1d
    """,
)
CUTOFFS_MISSED_RECENTLY = Recording(
    "pool:cutoffs_missed:increase1h", grown("sluice_cutoffs_missed_total", "1h", by="pool")
)
PROMISES_WITHDRAWN_RECENTLY = Recording(
    "pool:promises_withdrawn:increase10m", grown("sluice_promises_withdrawn_total", "10m", by="pool")
)
ORDERS_REFUSED_RECENTLY = Recording(
    "sluice:orders_refused:increase10m", grown('sluice_dead_letters_total{topic="orders"}', "10m", by="")
)
ORDERS_TAKEN_RECENTLY = Recording(
    # Counted as the refused ones are, or a process that begins with a backlog would seem to refuse most of it.
    "sluice:orders_taken:increase10m",
    grown('sluice_decision_age_seconds_count{topic="orders"}', "10m", by=""),
)
ORDERS_REFUSED_RATIO = Recording(
    "sluice:orders_refused:ratio_rate10m",
    "sluice:orders_refused:increase10m / sluice:orders_taken:increase10m",
)

ORDERS_PLACED_RECENTLY = Recording(
    "channel:orders_placed:increase10m", grown("sluice_orders_total", "10m", by="channel")
)
ORDERS_WITHOUT_PLACE_RECENTLY = Recording(
    "channel:orders_without_place:increase10m",
    grown("sluice_backordered_orders_total", "10m", by="channel"),
)
ORDERS_WITHOUT_PLACE_RATIO = Recording(
    "channel:orders_without_place:ratio_rate10m",
    "channel:orders_without_place:increase10m / (channel:orders_placed:increase10m > 0)",
)

COMMITS_STAND_STILL = Alert(
    name="CommitsStandStill",
    severity=PAGE,
    # Partitions that do not decide are a matter of routing availability; these say that they decide, and do not. In a
    # quiet hour nothing is committed for minutes, and a connection that is lost once and mends itself is no fault.
    # Errors stand for records where nobody can count them: a router that is cut off from one broker of several keeps
    # the partitions that this broker leads, and does not learn what waits there. A partition without any network has no
    # rows, and never commits: while brokers are restarted one after the other that is no trouble. A process that hangs
    # does not decide.
    expression=f"""
    max by (instance, partition) (time() - sluice_last_commit_timestamp_seconds)
    and on (instance, partition) sluice_partition_live == 1
    unless on (instance) {hangs()}
    and on (instance, partition) changes(sluice_last_commit_timestamp_seconds[2m]) == 0
    and on (instance, partition) (
      sum by (instance, partition) (sluice_lag_records) > 0
      or on (instance, partition) (
        sluice_partition_live
        and on (instance, partition) sluice_rows > 0
        and on (instance) {goes_on("sluice_broker_errors_total", "1m", by="instance")}
      )
    )
    """,
    lasting="1m",
    summary="Partition {{ $labels.partition }} takes orders in and decides nothing.",
    description=(
        "Router {{ $labels.instance }} counts it as live, yet its last commit is {{ $value | humanizeDuration }} old "
        "while records wait or the errors of its Kafka client go on."
    ),
    command="sluice doctor",
)
PARTITION_STOPPED = Alert(
    name="PartitionStopped",
    severity=PAGE,
    # Of many partitions a single one burns the budget slowly, yet its networks are out altogether.
    expression="max by (instance, partition) (max_over_time(sluice_partition_stopped[5m])) > 0",
    lasting="0s",
    summary="Partition {{ $labels.partition }} has stopped for good: no order of its networks is decided.",
    description=(
        "Router {{ $labels.instance }} has tried again and given up, or has found what it must not skip. It does not "
        "mend itself; the last error of its log says what to do."
    ),
    command="sluice topics --verify",
)
ORDERS_REFUSED = Alert(
    name="OrdersRefused",
    severity=PAGE,
    expression="""
    sluice:orders_refused:ratio_rate10m > 0.05
    and sluice:orders_refused:increase10m > 20
    """,
    lasting="2m",
    summary="Orders are refused: their customers will hear nothing.",
    description="{{ $value | humanizePercentage }} of what came in on orders within 10 minutes is a dead letter.",
    command="sluice dead-letters list --topic orders",
)
CHANNEL_SILENT = Alert(
    name="ChannelSilent",
    severity=PAGE,
    # A shop that cannot reach Kafka leaves all of our figures well. Only its own past says that there should be orders.
    # Where nobody decides for some partition no order of its networks is counted, and that pages by itself.
    expression=f"""
    {broken_off(ORDERS_PLACED_RECENTLY.name, 20)}
    unless on () (sum({deciding_by_partition()}) or vector(0)) < max(sluice_partitions)
    """,
    lasting="5m",
    summary="No order of {{ $labels.channel }} comes in.",
    description=(
        "For 40 minutes {{ $labels.channel }} has placed no order at all. It was selling within the last 8 hours, and "
        "on other days it places more than 20 within any 10 minutes at this hour."
    ),
    command="sluice doctor",
)
ORDERS_FIND_NO_PLACE = Alert(
    name="OrdersFindNoPlace",
    severity=PAGE,
    # A set that takes half of the pools away breaks no promise of a new order, and nothing is overdue for days. Where
    # much is sold before it is there, a large share is usual, so each channel is compared with its own day.
    expression="""
    channel:orders_without_place:ratio_rate10m > 0.25
    and channel:orders_without_place:increase10m > 20
    unless channel:orders_without_place:ratio_rate10m
      < 3 * avg_over_time(channel:orders_without_place:ratio_rate10m[1d])
    """,
    lasting="5m",
    summary="New orders of {{ $labels.channel }} find no pool that can serve them.",
    description=(
        "Of the orders placed within 10 minutes {{ $value | humanizePercentage }} have units that wait for stock or "
        "are refused, more than three times as many as within a day."
    ),
    command="sluice orders --waiting --channel {{ $labels.channel }}",
)
PROMISES_WITHDRAWN = Alert(
    name="PromisesWithdrawn",
    severity=PAGE,
    expression="pool:promises_withdrawn:increase10m > 20",
    lasting="0s",
    summary="Pool {{ $labels.pool }} withdraws promises in a burst: was it counted to zero by mistake?",
    description=(
        "{{ printf `%.0f` $value }} orders lost their place in {{ $labels.pool }} within 10 minutes, because stock "
        "that was promised is gone."
    ),
    command="sluice orders --cause stock_gone --pool {{ $labels.pool }} --since 1h",
)
DISPATCH_PERFORMANCE_LOW = Alert(
    name="DispatchPerformanceLow",
    severity=PAGE,
    expression="""
    pool:dispatch_performance:ratio_rate1h < 0.9
    and pool:packages_due:increase1h > 20
    """,
    lasting="5m",
    summary="Pool {{ $labels.pool }} hands its packages over late or not at all.",
    description=(
        "Of the packages due in the last hour {{ $labels.pool }} handed over {{ $value | humanizePercentage }} by the "
        "departure that was planned, where 90% is the least. New orders still go there."
    ),
    command="sluice orders --late --pool {{ $labels.pool }}",
)
DELIVERIES_LATE = Alert(
    name="DeliveriesLate",
    severity=TICKET,
    # What is not scanned counts as late, and there are carriers that never scan: of those nothing is known. One that
    # has told of an arrival lately, in time or not, does scan.
    expression=f"""
    carrier:delivery_performance:ratio_rate1d < 0.9
    and carrier:deliveries_due:increase1d > 20
    and max_over_time({DELIVERIES_TOLD.name}[{SCANS_WITHIN}]) > 0
    """,
    lasting="15m",
    summary="Carrier {{ $labels.carrier }} brings packages later than promised.",
    description=(
        "Of the packages that {{ $labels.carrier }} should have delivered in the last day "
        "{{ $value | humanizePercentage }} arrived by their first promise, where 90% is the least. What nobody scanned "
        "counts as late."
    ),
    command="sluice orders --undelivered",
)
CUTOFFS_MISSED = Alert(
    name="CutoffsMissed",
    severity=TICKET,
    expression="pool:cutoffs_missed:increase1h > 5",
    lasting="0s",
    summary="Shipments of pool {{ $labels.pool }} missed their truck.",
    description=(
        "{{ printf `%.0f` $value }} shipments that {{ $labels.pool }} was told of were not wholly dispatched when "
        "their truck left, at their ship-by plus the pool's time to pick, within an hour."
    ),
    command="sluice orders --late --pool {{ $labels.pool }}",
)
ORDERS_OVERDUE = Alert(
    name="OrdersOverdue",
    severity=TICKET,
    expression="sum(max by (partition) (sluice_overdue_orders)) > 0",
    lasting="15m",
    summary="Orders wait beyond the time that they were promised for.",
    description="{{ printf `%.0f` $value }} orders still have units without a place, and their time has passed.",
    command="sluice orders --overdue",
)
UNITS_AT_RISK = Alert(
    name="UnitsAtRisk",
    severity=TICKET,
    expression="sum by (pool) (sluice_units_at_risk) > 0",
    lasting="15m",
    summary="Pool {{ $labels.pool }} is to ship units that may not be there.",
    description=(
        "{{ printf `%.0f` $value }} units were released to {{ $labels.pool }} before its stock turned out to be gone; "
        "the warehouse may still find them."
    ),
    command="sluice orders --at-risk --pool {{ $labels.pool }}",
)

GROUP = Group(
    "symptoms",
    (
        PACKAGES_DUE,
        PACKAGES_ON_TIME,
        DISPATCH_PERFORMANCE,
        DELIVERIES_DUE,
        DELIVERIES_ON_TIME,
        DELIVERIES_TOLD,
        DELIVERY_PERFORMANCE,
        CUTOFFS_MISSED_RECENTLY,
        PROMISES_WITHDRAWN_RECENTLY,
        ORDERS_REFUSED_RECENTLY,
        ORDERS_TAKEN_RECENTLY,
        ORDERS_REFUSED_RATIO,
        ORDERS_PLACED_RECENTLY,
        ORDERS_WITHOUT_PLACE_RECENTLY,
        ORDERS_WITHOUT_PLACE_RATIO,
        COMMITS_STAND_STILL,
        PARTITION_STOPPED,
        ORDERS_REFUSED,
        CHANNEL_SILENT,
        ORDERS_FIND_NO_PLACE,
        PROMISES_WITHDRAWN,
        DISPATCH_PERFORMANCE_LOW,
        DELIVERIES_LATE,
        CUTOFFS_MISSED,
        ORDERS_OVERDUE,
        UNITS_AT_RISK,
    ),
)
