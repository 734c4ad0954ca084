"""The part of *Flow* that is about the router's processes: are they well, and what do they need?"""

from __future__ import annotations

from infra.grafana.commands import OF_FLOW, commands
from infra.grafana.figures import BYTES, RATIO, SECONDS, Column, Query
from infra.grafana.layout import Section
from infra.grafana.links import runbook
from infra.grafana.panels import curves, stat, states, table
from infra.grafana.parts import OF_INSTANCES
from infra.grafana.promql import WINDOW, counted, events_of, quantile_since_start
from infra.grafana.thresholds import below, watched
from infra.prometheus.rule import HANGS_AFTER_S, deciding_by_partition, seconds_since_last_poll

ALIVE = Section(
    "Is the router well?",
    [
        states(
            "Which partitions are decided for?",
            "Green: a process owns the partition and decides. Orange: it restores, or is stopped and waits for a "
            "person. No line: nobody owns it, or its owner hangs.",
            Query(deciding_by_partition(), "partition {{partition}}"),
            {1: ("decides", "green"), 0: ("does not decide", "orange")},
        ),
        states(
            "Does Prometheus reach every process?",
            "Red: the process is gone, or its port is not reachable. Its partitions move to the others after the "
            "session time-out.",
            Query(f'up{{job="sluice", {OF_INSTANCES}}}', "{{instance}}"),
            {1: ("answers", "green"), 0: ("does not answer", "red")},
        ),
        stat(
            "How many partitions wait for a person?",
            "Stopped partitions: an output that no broker takes, or a memory that disagrees with the journal. The "
            "router's last error names the remedy.",
            Query("sum(sluice_partition_stopped)"),
            thresholds=below(1),
            links=[runbook("PartitionStopped")],
        ),
        stat(
            "How long ago was the last commit?",
            "Of the partition that is furthest behind. A quiet partition commits nothing, so compare it with the lag.",
            Query(f"max(time() - sluice_last_commit_timestamp_seconds{{{OF_INSTANCES}}})"),
            SECONDS,
            watched(60),
            links=[runbook("CommitsStandStill")],
        ),
        stat(
            "How often were partitions handed over?",
            "Rebalances in the time shown. One for each process that starts or ends is normal; one every few "
            "minutes is a process that dies, or polls too late.",
            Query(counted("sluice_rebalances_total", OF_INSTANCES)),
            decimals=0,
            links=[runbook("RoutingAvailabilityBurnsSlowly")],
        ),
        stat(
            "How often did the router stall?",
            "Polls in the time shown that came later than `stall_ms` after the one before: a pause of the machine "
            "or of Python's memory, or a broker that did not answer.",
            Query(counted("sluice_stalls_total", OF_INSTANCES)),
            thresholds=watched(1),
            decimals=0,
            links=[runbook("DecisionAgeBurnsSlowly")],
        ),
        curves(
            "When did each process last poll?",
            "Seconds since its flow last asked for input, which it does at least every `tick_ms`. One that climbs is a "
            "process that hangs although it answers: restart it, for its own lag and phases stand still too. One that "
            "still waits for its brokers has no curve.",
            [Query(seconds_since_last_poll(OF_INSTANCES), "{{instance}}")],
            SECONDS,
            thresholds=below(HANGS_AFTER_S),
            width=6,
        ),
        curves(
            "How long do restores and hand-overs take?",
            "From an assignment until the partition decides, and a whole rebalance; 99 % of those since the processes "
            "started are shorter. Restores grow with the rows: see the sizing page, or run a standby.",
            [
                Query(quantile_since_start(0.99, "sluice_restore_seconds", OF_INSTANCES), "restore"),
                Query(quantile_since_start(0.99, "sluice_rebalance_seconds", OF_INSTANCES), "rebalance"),
            ],
            SECONDS,
            width=6,
        ),
        curves(
            "What fails?",
            "Broker errors by kind, failures that cost a restore by remedy, and lines of the log that were left out, "
            "at each step of the time shown. All mend themselves; if errors and setbacks keep coming, look at the "
            "brokers, and if lines are left out, at whoever collects the log.",
            [
                Query(events_of("sluice_broker_errors_total", OF_INSTANCES, "kind"), "error: {{kind}}"),
                Query(events_of("sluice_setbacks_total", OF_INSTANCES, "remedy"), "setback: {{remedy}}"),
                Query(
                    events_of("sluice_log_left_out_lines_total", OF_INSTANCES, "instance"),
                    "unread log: {{instance}}",
                ),
            ],
            width=6,
        ),
        curves(
            "Is a standby warm?",
            "How many records a standby's copy of each partition is behind, and how many rows it holds. Without a "
            "standby both are 0, and a take-over has to restore every row.",
            [
                Query("sum by (partition) (sluice_standby_lag_records) or vector(0)", "behind {{partition}}"),
                Query("sum(sluice_standby_rows) or vector(0)", "rows held"),
            ],
            width=6,
        ),
    ],
)

NEEDS = Section(
    "What does it need?",
    [
        curves(
            "How much memory does each process use?",
            "Resident memory. It follows the rows in memory, and after a restart grows while SKUs are asked for; one "
            "that grows while neither goes on is worth a report.",
            [Query(f"process_resident_memory_bytes{{{OF_INSTANCES}}}", "{{instance}}")],
            BYTES,
            width=6,
        ),
        curves(
            "How many rows are in memory?",
            "Stock, orders and what else a partition remembers, which is what a restore has to read.",
            [Query(f"max by (partition) (sluice_rows{{{OF_INSTANCES}}})", "partition {{partition}}")],
            width=6,
            stacked=True,
        ),
        curves(
            "How busy is each process?",
            "Share of one processor core. One partition is decided by one core: near 100 % means more partitions, "
            "or a faster core.",
            [Query(f"rate(process_cpu_seconds_total{{{OF_INSTANCES}}}[{WINDOW}])", "{{instance}}")],
            RATIO,
            thresholds=watched(0.8),
            width=6,
        ),
        curves(
            "How long does Python's memory clean-up pause?",
            "99 % of the pauses of the garbage collector since the processes started are shorter.",
            [Query(quantile_since_start(0.99, "sluice_gc_seconds", OF_INSTANCES), "pause")],
            SECONDS,
            thresholds=watched(0.1),
            width=6,
        ),
        table(
            "Which version runs where?",
            "One row for each process: version, Python, and whether the core is compiled.",
            ("instance", "version", "python", "core"),
            [
                Column(
                    "uptime",
                    "max by (instance, version, python, core) "
                    f"((time() - process_start_time_seconds{{{OF_INSTANCES}}}) "
                    "* on (instance, job) group_left (version, python, core) sluice_build_info)",
                    unit=SECONDS,
                )
            ],
            width=10,
            height=6,
        ),
        commands(OF_FLOW, width=14, height=6),
    ],
)
