"""*Flow*: a record's way through the engine, in the order in which it goes."""

from __future__ import annotations

from infra.grafana.commands import behind_flow
from infra.grafana.layout import Section
from infra.grafana.model import Dashboard
from infra.grafana.panels import (
    BYTES,
    COUNT,
    PER_SECOND,
    RATIO,
    SECONDS,
    Column,
    Query,
    curves,
    stat,
    states,
    table,
)
from infra.grafana.parts import FLOW, INSTANCE, POOL, dashboard
from infra.grafana.promql import (
    AGE_WITHIN_S,
    WINDOW,
    events_of,
    in_time_shown,
    quantile,
    quantile_since_start,
    rate_of,
)
from infra.grafana.thresholds import below, plain, watched

OURS = 'instance=~"$instance"'
"""Of the processes chosen above."""


def _ours(more: str) -> str:
    return f"{OURS}, {more}"


IN = Section(
    "What comes in?",
    [
        curves(
            "How many records come in?",
            "Input records decided each second, by topic. A topic at zero has a producer that is silent or cannot "
            "reach Kafka; look at lag before you believe it.",
            [Query(rate_of("sluice_records_total", OURS, "topic"), "{{topic}}")],
            PER_SECOND,
            width=8,
            stacked=True,
        ),
        curves(
            "How much is waiting to be decided?",
            "Records in Kafka that no bundle has taken yet, by topic. High and falling is a router that catches "
            "up; rising means that more comes in than it decides: add processes or partitions.",
            [Query(f"sum by (topic) (sluice_lag_records{{{OURS}}})", "{{topic}}")],
            COUNT,
            width=8,
        ),
        curves(
            "How late is each partition?",
            "How old the last decided record is while more wait, else 0. This, and not the number of records, is "
            "what a customer feels.",
            [Query(f"max by (partition) (sluice_lag_seconds{{{OURS}}})", "partition {{partition}}")],
            SECONDS,
            thresholds=below(AGE_WITHIN_S),
            width=8,
        ),
        curves(
            "Is something refused?",
            "Dead letters at each step of the time shown, by topic and reason: input that nobody can use as it is. "
            "See them with `sluice dead-letters list`, tell their author, then send them again.",
            [
                Query(
                    f"60 * {rate_of('sluice_dead_letters_total', OURS, 'topic, reason')}",
                    "{{topic}}: {{reason}}",
                )
            ],
            COUNT,
            width=8,
            bars=True,
        ),
        curves(
            "How much comes twice, or too late?",
            "Duplicates were seen before, stale input was overtaken by newer; neither has an effect. A flood of "
            "duplicates is a producer that sends all of its history again.",
            [
                Query(rate_of("sluice_duplicates_total", OURS), "duplicates"),
                Query(rate_of("sluice_stale_total", OURS), "stale"),
            ],
            PER_SECOND,
            width=8,
        ),
        curves(
            "Does somebody's open transaction hold records back?",
            "Records between the last stable offset and the end of each input: they are in Kafka, and a producer "
            "has not committed them. Below a few hundred is normal; a gap that grows is a producer that hangs in a "
            "transaction.",
            [Query(f"sum by (topic) (sluice_stable_gap_records{{{OURS}}})", "{{topic}}")],
            COUNT,
            width=8,
        ),
    ],
)

DECIDE = Section(
    "Is it decided quickly?",
    [
        curves(
            "How old are records when their effect is committed?",
            "From a record's time stamp in Kafka to the commit; 99 % of each topic are younger. The objective for "
            f"orders is {AGE_WITHIN_S} s.",
            [
                Query(quantile(0.99, "sluice_decision_age_seconds", OURS, "topic"), "{{topic}}, 99 %"),
                Query(quantile(0.5, "sluice_decision_age_seconds", _ours('topic="orders"')), "orders, half"),
            ],
            SECONDS,
            thresholds=below(AGE_WITHIN_S),
        ),
        curves(
            "Where does a bundle's time go?",
            "A bundle is what one poll returned and one transaction commits. 99 % take less than this to decide, "
            "to commit, and in all. Commits slow: the brokers. Deciding slow: bundles too large, or a machine too "
            "busy.",
            [
                Query(quantile(0.99, "sluice_decide_seconds", OURS), "decide"),
                Query(quantile(0.99, "sluice_commit_seconds", OURS), "commit"),
                Query(quantile(0.99, "sluice_bundle_seconds", OURS), "from poll to commit"),
            ],
            SECONDS,
        ),
        curves(
            "What shape do bundles have?",
            "Bundles grow by themselves when much waits, which makes each record cheaper. Always at the largest "
            "size: the router is at its limit.",
            [
                Query(quantile(0.5, "sluice_bundle_records", OURS), "records, half have less"),
                Query(quantile(0.99, "sluice_bundle_records", OURS), "records, 99 % have less"),
                Query(rate_of("sluice_bundle_records_count", OURS), "bundles each second"),
            ],
            COUNT,
            width=8,
        ),
        curves(
            "Why are orders decided?",
            "Decisions each second, by cause. `order.placed` follows the shops; much of `stock_gone` is a wrong "
            "count, much of `cut_off_passed` a router that was away.",
            [Query(rate_of("sluice_decisions_total", OURS, "cause"), "{{cause}}")],
            PER_SECOND,
            width=8,
            stacked=True,
        ),
        curves(
            "What is published?",
            "Records committed each second, by topic: decisions, instructions to each warehouse system, "
            "exceptions, and the router's own memory.",
            [Query(rate_of("sluice_published_total", OURS, "topic"), "{{topic}}")],
            PER_SECOND,
            width=8,
            stacked=True,
        ),
    ],
)

ALIVE = Section(
    "Is the router well?",
    [
        states(
            "Which partitions are decided for?",
            "Green: a process owns the partition and decides. Orange: it restores, or is stopped and waits for a "
            "person. No line: nobody owns it.",
            Query("max by (partition) (sluice_partition_live)", "partition {{partition}}"),
            {1: ("decides", "green"), 0: ("does not decide", "orange")},
            width=12,
        ),
        states(
            "Does Prometheus reach every process?",
            "Red: the process is gone, or its port is not reachable. Its partitions move to the others after the "
            "session time-out.",
            Query(f'up{{job="sluice", {OURS}}}', "{{instance}}"),
            {1: ("answers", "green"), 0: ("does not answer", "red")},
            width=12,
        ),
        stat(
            "How many partitions wait for a person?",
            "Stopped partitions: an output that no broker takes, or a memory that disagrees with the journal. The "
            "router's last error names the remedy.",
            Query("sum(sluice_partition_stopped)"),
            COUNT,
            below(1),
        ),
        stat(
            "How long ago was the last commit?",
            "Of the partition that is furthest behind. A quiet partition commits nothing, so compare it with the lag.",
            Query(f"max(time() - sluice_last_commit_timestamp_seconds{{{OURS}}})"),
            SECONDS,
            watched(60),
        ),
        stat(
            "How often were partitions handed over?",
            "Rebalances in the time shown. One for each process that starts or ends is normal; one every few "
            "minutes is a process that dies, or polls too late.",
            Query(in_time_shown("sluice_rebalances_total", OURS)),
            COUNT,
            plain(),
            decimals=0,
            trend=False,
        ),
        stat(
            "How often did the router stall?",
            "Polls in the time shown that came later than `stall_ms` after the one before: a pause of the machine "
            "or of Python's memory, or a broker that did not answer.",
            Query(in_time_shown("sluice_stalls_total", OURS)),
            COUNT,
            watched(1),
            decimals=0,
            trend=False,
        ),
        curves(
            "How long do restores and hand-overs take?",
            "From an assignment until the partition decides, and a whole rebalance; 99 % of those since the processes "
            "started are shorter. Restores grow with the rows: see the sizing page, or run a standby.",
            [
                Query(quantile_since_start(0.99, "sluice_restore_seconds", OURS), "restore"),
                Query(quantile_since_start(0.99, "sluice_rebalance_seconds", OURS), "rebalance"),
            ],
            SECONDS,
            width=8,
        ),
        curves(
            "What fails?",
            "Broker errors by kind, and failures that cost a restore by remedy, at each step of the time shown. "
            "Both mend themselves; if they keep coming, look at the brokers.",
            [
                Query(events_of("sluice_broker_errors_total", OURS, "kind"), "error: {{kind}}"),
                Query(events_of("sluice_setbacks_total", OURS, "remedy"), "setback: {{remedy}}"),
            ],
            COUNT,
            width=8,
        ),
        curves(
            "Is a standby warm?",
            "How many records a standby's copy of each partition is behind, and how many rows it holds. Without a "
            "standby both are 0, and a take-over has to restore every row.",
            [
                Query("sum by (partition) (sluice_standby_lag_records) or vector(0)", "behind {{partition}}"),
                Query("sum(sluice_standby_rows) or vector(0)", "rows held"),
            ],
            COUNT,
            width=8,
        ),
    ],
)

RESOURCES = Section(
    "What does it need?",
    [
        curves(
            "How much memory does each process use?",
            "Resident memory. It follows the rows in memory; one that grows while the rows do not is worth a report.",
            [Query(f"process_resident_memory_bytes{{{OURS}}}", "{{instance}}")],
            BYTES,
            width=6,
        ),
        curves(
            "How many rows are in memory?",
            "Stock, orders and what else a partition remembers, which is what a restore has to read.",
            [Query(f"max by (partition) (sluice_rows{{{OURS}}})", "partition {{partition}}")],
            COUNT,
            width=6,
            stacked=True,
        ),
        curves(
            "How busy is each process?",
            "Share of one processor core. One partition is decided by one core: near 100 % means more partitions, "
            "or a faster core.",
            [Query(f"rate(process_cpu_seconds_total{{{OURS}}}[{WINDOW}])", "{{instance}}")],
            RATIO,
            thresholds=watched(0.8),
            width=6,
        ),
        curves(
            "How long does Python's memory clean-up pause?",
            "99 % of the pauses of the garbage collector since the processes started are shorter.",
            [Query(quantile_since_start(0.99, "sluice_gc_seconds", OURS), "pause")],
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
                    f"max by (instance, version, python, core) ((time() - process_start_time_seconds{{{OURS}}}) "
                    "* on (instance, job) group_left (version, python, core) sluice_build_info)",
                    unit=SECONDS,
                )
            ],
            width=10,
            height=6,
        ),
        behind_flow(width=14, height=6),
    ],
)


def build() -> Dashboard:
    """The way of a record: in, decided, committed; and what the router needs for it."""
    return dashboard(
        FLOW,
        "Sluice: Flow",
        "Where does a record's time go, and is every process well?",
        [INSTANCE, POOL],
        [IN, DECIDE, ALIVE, RESOURCES],
    )
