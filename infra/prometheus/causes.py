"""What may be behind a symptom.  A cause pages only where no symptom can see it; the others are tickets."""

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
    silence_allowed,
    silence_of_pools,
)

CALENDARS_LEFT_S = 28 * 86_400
"""Time enough for a planner to apply the network once."""

LAG = Recording(
    "partition:lag_records:sum", "sum by (partition) (max by (topic, partition) (sluice_lag_records))"
)
DEAD_LETTERS = Recording(
    "topic_reason:dead_letters:increase10m", grown("sluice_dead_letters_total", "10m", by="topic, reason")
)
SETBACKS = Recording(
    "instance_remedy:setbacks:increase15m", grown("sluice_setbacks_total", "15m", by="instance, remedy")
)

SHIPMENTS_TOLD = Recording(
    "pool:shipments_told:increase10m", grown("sluice_released_shipments_total", "10m", by="pool")
)
SHIPMENTS_ANSWERED = Recording(
    "pool:shipments_answered:increase10m", grown("sluice_answered_shipments_total", "10m", by="pool")
)

STOCK_HEARD = Recording(
    "pool:stock_heard:changes15m", "sum by (pool) (changes(sluice_stock_event_timestamp_seconds[15m]))"
)
STOCK_IGNORED = Recording(
    "pool:stock_ignored:changes15m", "sum by (pool) (changes(sluice_stock_ignored_total[15m]))"
)

STANDBY_COPIES = Recording("sluice:standby_copies:count", "count(sluice_standby_rows)")

ROUTERS_ABSENT = Alert(
    name="RoutersAbsent",
    severity=PAGE,
    # Without a single router to ask there is no figure that an objective could be measured by.
    expression='absent(up{job="sluice"})',
    lasting="10m",
    summary="Prometheus knows of no router, so nothing can be said about any customer.",
    description='No target of the job "sluice": none was ever configured, or service discovery has lost them all.',
    command="sluice doctor",
)
ROUTER_DOWN = Alert(
    name="RouterDown",
    severity=TICKET,
    expression='up{job="sluice"} == 0',
    lasting="2m",
    summary="Router {{ $labels.instance }} does not answer.",
    description="Its metrics could not be read for 2 minutes. Other routers take its partitions, if there are any.",
    command="sluice doctor",
)
ROUTER_RESTARTS = Alert(
    name="RouterRestarts",
    severity=TICKET,
    # Its supervisor starts it again within seconds, so it is never away for as long as `RouterDown` waits; and what it
    # says of a stopped partition is gone before anybody has asked.
    expression='changes(process_start_time_seconds{job="sluice"}[30m]) > 2',
    lasting="0s",
    summary="Router {{ $labels.instance }} ends and starts over and over.",
    description=(
        "Its process has begun anew at least {{ printf `%.0f` $value }} times within half an hour. For as long as it "
        "comes back under its name, nobody else takes its partitions."
    ),
    command="sluice doctor",
)
ROUTER_HANGS = Alert(
    name="RouterHangs",
    severity=TICKET,
    # Its own figures of lag and phase stand still with it. What it owned is missed by routing availability, until
    # another process has taken that over.
    expression=f"""
    max by (instance) ({hangs()})
    and on (instance) up{{job="sluice"}} == 1
    """,
    lasting="1m",
    summary="Router {{ $labels.instance }} hangs: it answers, and asks for no input.",
    description=(
        "Its flow last asked Kafka for input {{ $value | humanizeDuration }} ago. Nobody decides what it owns until "
        "another process takes it over."
    ),
    command="sluice doctor",
)
PARTITIONS_NOT_DECIDING = Alert(
    name="PartitionsNotDeciding",
    severity=TICKET,
    expression=f"max(sluice_partitions) - (sum({deciding_by_partition()}) or vector(0)) > 0",
    lasting="2m",
    summary="Some partitions have no router that decides.",
    description=(
        "{{ printf `%.0f` $value }} partitions have no owner, or one that is still preparing, has stopped or hangs."
    ),
    command="sluice watch",
)
BROKER_AWAY = Alert(
    name="BrokerAway",
    severity=TICKET,
    # A client that loses a connection once finds another by itself.
    expression=f"""
    {goes_on("sluice_broker_errors_total", "1m", by="instance")}
    unless on (instance) increase(sluice_commit_seconds_count[1m]) > 0
    """,
    lasting="1m",
    summary="Router {{ $labels.instance }} cannot work with Kafka.",
    description="{{ printf `%.0f` $value }} errors of its Kafka client within a minute, more before, and no commit.",
    command="sluice doctor",
)
STABLE_GAP = Alert(
    name="StableGap",
    severity=PAGE,
    # What is behind an open transaction reaches no router, so no age and no lag shows it. Behind a transaction that
    # stays open the gap never gets smaller. That of busy producers does each time that one of theirs ends, even where
    # they overlap so that it never closes. That of a process that hangs stands still for another reason.
    expression=f"""
    max by (topic, partition) (
      min_over_time(sluice_stable_gap_records[5m]) unless on (instance) {hangs()}
    ) > 0
    and max by (topic, partition) (resets(sluice_stable_gap_records[5m])) == 0
    """,
    lasting="2m",
    summary="Somebody's open transaction holds back {{ $labels.topic }}, partition {{ $labels.partition }}.",
    description=(
        "At least {{ printf `%.0f` $value }} records have waited for 5 minutes behind a transaction that a producer "
        "has neither committed nor aborted. No router may read past it."
    ),
    command="sluice doctor",
)
DEAD_LETTERS_RISING = Alert(
    name="DeadLettersRising",
    severity=TICKET,
    expression="topic_reason:dead_letters:increase10m > 10",
    lasting="0s",
    summary="Input on {{ $labels.topic }} is refused: {{ $labels.reason }}.",
    description="{{ printf `%.0f` $value }} records within 10 minutes were refused as {{ $labels.reason }}.",
    command="sluice dead-letters list --topic {{ $labels.topic }} --reason {{ $labels.reason }}",
)
STOCK_FEED_SILENT = Alert(
    name="StockFeedSilent",
    severity=TICKET,
    expression=f"{silence_of_pools()} > {silence_allowed()}",
    lasting="2m",
    summary="Pool {{ $labels.pool }} says nothing of its stock.",
    description=(
        "The last inventory record of {{ $labels.pool }} is {{ $value | humanizeDuration }} old, those that were "
        "ignored aside."
    ),
    command="sluice dead-letters list --topic inventory",
)
STOCK_FEED_IGNORED = Alert(
    name="StockFeedIgnored",
    severity=TICKET,
    # The freshness of stock misses such a pool, and pages. What is late is usual: a thousand movements that a count had
    # overtaken may come at once. So it is not asked how many are ignored, but how often, beside how often the pool is
    # heard of: now and then it still is, by an item that it never had or by a block.
    expression=f"""
    sum by (pool) (increase(sluice_stock_ignored_total[15m]))
    and {STOCK_HEARD.name} < 0.1 * {STOCK_IGNORED.name}
    """,
    lasting="20m",
    summary="Pool {{ $labels.pool }} tells of its stock, and next to nothing of it has an effect.",
    description=(
        "{{ printf `%.0f` $value }} records of {{ $labels.pool }} within 15 minutes stand before the counts in force, "
        "and so it has been for more than 20: as a rule the sequence of its warehouse system has begun anew."
    ),
    command="sluice stock --pool {{ $labels.pool }}",
)
WAREHOUSE_SILENT = Alert(
    name="WarehouseSilent",
    severity=PAGE,
    # Its stock may be counted all the same. That packages missed their truck shows only when that has gone. Where
    # orders cease, or none is decided, there is nothing to answer.
    expression=f"""
    min_over_time({SHIPMENTS_TOLD.name}[30m]) > 2
    and {broken_off(SHIPMENTS_ANSWERED.name, 0)}
    """,
    lasting="5m",
    summary="Pool {{ $labels.pool }} answers nothing of what it is told to ship.",
    description=(
        "For 40 minutes {{ $labels.pool }} has neither accepted nor rejected nor dispatched a shipment, as it does at "
        "this hour on other days, and within any 10 minutes it was told of {{ printf `%.0f` $value }} or more."
    ),
    command="sluice orders --unanswered --pool {{ $labels.pool }}",
)
CALENDARS_END = Alert(
    name="CalendarsEnd",
    severity=TICKET,
    # The last weeks before count: a truck of the last day arrives on none.
    expression=f"min by (network) (sluice_calendars_end_timestamp_seconds) - time() < {CALENDARS_LEFT_S}",
    lasting="0s",
    summary="The calendars of network {{ $labels.network }} end: nobody has applied it for a year.",
    description=(
        "The first of them ends in {{ $value | humanizeDuration }}. Orders of which no truck leaves or arrives before "
        "then find no place."
    ),
    command="sluice doctor",
)
LAG_KEEPS_INCREASING = Alert(
    name="LagKeepsIncreasing",
    severity=TICKET,
    # A constant lag is a matter of decision age; what is told here is that waiting will not help.
    expression="""
    partition:lag_records:sum > 1000
    and on (partition) deriv(partition:lag_records:sum[10m]) > 0
    and on (partition) max by (partition) (sluice_lag_seconds) > 5
    """,
    lasting="10m",
    summary="Partition {{ $labels.partition }} falls further and further behind.",
    description="{{ printf `%.0f` $value }} records wait, and the number has been growing for 10 minutes.",
    command="sluice watch",
)
RESTORE_SLOW = Alert(
    name="RestoreSlow",
    severity=TICKET,
    expression="""
    max by (instance, partition) (sluice_partition_live == 0)
    unless on (instance, partition) sluice_partition_stopped == 1
    """,
    lasting="5m",
    summary="Partition {{ $labels.partition }} is still not ready to decide.",
    description="Router {{ $labels.instance }} has owned it for 5 minutes and has not read its state back yet.",
    command="sluice watch",
)
SETBACKS_REPEAT = Alert(
    name="SetbacksRepeat",
    severity=TICKET,
    expression="instance_remedy:setbacks:increase15m > 2.5",
    lasting="0s",
    summary="Router {{ $labels.instance }} fails and restores again and again.",
    description=(
        "About {{ printf `%.0f` $value }} failures within 15 minutes asked for the remedy {{ $labels.remedy }}; each "
        "one costs a restore."
    ),
    command="sluice doctor",
)
MEMORY_GROWS = Alert(
    name="MemoryGrows",
    severity=TICKET,
    # More rows need more memory, and so do those that are unpacked, and copies that are kept warm for others; what is
    # told is a process that grows while none of them do. Most processes hold no copies, and have no figure of them.
    expression="""
    process_resident_memory_bytes{job="sluice"}
      / (process_resident_memory_bytes{job="sluice"} offset 6h) > 1.3
    and on (instance)
      sum by (instance) (sluice_rows) / sum by (instance) (sluice_rows offset 6h) < 1.1
    and on (instance)
      (sum by (instance) (sluice_packed_rows offset 6h) - sum by (instance) (sluice_packed_rows))
        / sum by (instance) (sluice_rows) < 0.1
    unless on (instance)
      (
        sum by (instance) (sluice_standby_rows)
        - (sum by (instance) (sluice_standby_rows offset 6h) or 0 * sum by (instance) (sluice_standby_rows))
      )
        / sum by (instance) (sluice_rows) > 0.1
    """,
    lasting="30m",
    summary="Router {{ $labels.instance }} needs more and more memory.",
    description="It uses {{ $value | humanize }} times what it used 6 hours ago, with hardly more rows in memory.",
    command="sluice watch",
)
STANDBY_MISSING = Alert(
    name="StandbyMissing",
    severity=TICKET,
    # Only where there has been a standby within the last day: most deployments do without one.
    expression="""
    max by (partition) (sluice_partition_live == 1)
    unless on (partition) sluice_standby_rows
    and on () last_over_time(sluice:standby_copies:count[1d])
    """,
    lasting="10m",
    summary="Partition {{ $labels.partition }} has no warm standby any more.",
    description="If its router died now, another one would have to restore the partition cold.",
    command="sluice watch",
)
STANDBY_LAGS = Alert(
    name="StandbyLags",
    severity=TICKET,
    expression="min by (partition) (sluice_standby_lag_records) > 10000",
    lasting="5m",
    summary="The standby of partition {{ $labels.partition }} does not keep up.",
    description="Its copy lacks {{ printf `%.0f` $value }} records of the state topics; a take-over waits for them.",
    command="sluice watch",
)

GROUP = Group(
    "causes",
    (
        LAG,
        DEAD_LETTERS,
        SETBACKS,
        SHIPMENTS_TOLD,
        SHIPMENTS_ANSWERED,
        STOCK_HEARD,
        STOCK_IGNORED,
        STANDBY_COPIES,
        ROUTERS_ABSENT,
        ROUTER_DOWN,
        ROUTER_RESTARTS,
        ROUTER_HANGS,
        PARTITIONS_NOT_DECIDING,
        BROKER_AWAY,
        STABLE_GAP,
        DEAD_LETTERS_RISING,
        STOCK_FEED_SILENT,
        STOCK_FEED_IGNORED,
        WAREHOUSE_SILENT,
        CALENDARS_END,
        LAG_KEEPS_INCREASING,
        RESTORE_SLOW,
        SETBACKS_REPEAT,
        MEMORY_GROWS,
        STANDBY_MISSING,
        STANDBY_LAGS,
    ),
)
