"""*Flow*: a record's way through the engine, in the order in which it goes."""

from __future__ import annotations

from infra.grafana.figures import PER_SECOND, SECONDS, Query
from infra.grafana.layout import Section
from infra.grafana.links import FLOW
from infra.grafana.model.dashboard import Dashboard
from infra.grafana.panels import curves
from infra.grafana.parts import INSTANCE, OF_INSTANCES, POOL, dashboard
from infra.grafana.processes import ALIVE, NEEDS
from infra.grafana.promql import AGE_WITHIN_S, events_of, quantile, rate_of
from infra.grafana.thresholds import below

IN = Section(
    "What comes in?",
    [
        curves(
            "How many records come in?",
            "Input records decided each second, by topic. A topic at zero has a producer that is silent or cannot "
            "reach Kafka; look at lag before you believe it.",
            [Query(rate_of("sluice_records_total", OF_INSTANCES, "topic"), "{{topic}}")],
            PER_SECOND,
            width=8,
            stacked=True,
        ),
        curves(
            "How much is waiting to be decided?",
            "Records in Kafka that no bundle has taken yet, by topic. High and falling is a router that catches "
            "up; rising means that more comes in than it decides: add processes or partitions.",
            [Query(f"sum by (topic) (sluice_lag_records{{{OF_INSTANCES}}})", "{{topic}}")],
            width=8,
        ),
        curves(
            "How late is each partition?",
            "How long what has waited longest has waited at most. This, and not the number of records, is "
            "what a customer feels.",
            [Query(f"max by (partition) (sluice_lag_seconds{{{OF_INSTANCES}}})", "partition {{partition}}")],
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
                    events_of("sluice_dead_letters_total", OF_INSTANCES, "topic, reason"),
                    "{{topic}} {{reason}}",
                )
            ],
            width=8,
            bars=True,
        ),
        curves(
            "How much comes twice, or too late?",
            "Duplicates were seen before, stale input was overtaken by newer; neither has an effect. A flood of "
            "duplicates is a producer that sends all of its history again.",
            [
                Query(rate_of("sluice_duplicates_total", OF_INSTANCES), "duplicates"),
                Query(rate_of("sluice_stale_total", OF_INSTANCES), "stale"),
            ],
            PER_SECOND,
            width=8,
        ),
        curves(
            "Does somebody's open transaction hold records back?",
            "Records between the last stable offset and the end of each input: they are in Kafka, and a producer "
            "has not committed them. Below a few hundred is normal; a gap that never gets smaller is a producer "
            "that hangs in a transaction.",
            [Query(f"sum by (topic) (sluice_stable_gap_records{{{OF_INSTANCES}}})", "{{topic}}")],
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
                Query(
                    quantile(0.99, "sluice_decision_age_seconds", OF_INSTANCES, "topic"), "{{topic}}, 99 %"
                ),
                Query(
                    quantile(0.5, "sluice_decision_age_seconds", f'{OF_INSTANCES}, topic="orders"'),
                    "orders, half",
                ),
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
                Query(quantile(0.99, "sluice_decide_seconds", OF_INSTANCES), "decide"),
                Query(quantile(0.99, "sluice_commit_seconds", OF_INSTANCES), "commit"),
                Query(quantile(0.99, "sluice_bundle_seconds", OF_INSTANCES), "from poll to commit"),
            ],
            SECONDS,
        ),
        curves(
            "What shape do bundles have?",
            "Bundles grow by themselves when much waits, which makes each record cheaper. Always at the largest "
            "size: the router is at its limit.",
            [
                Query(quantile(0.5, "sluice_bundle_records", OF_INSTANCES), "records, half have less"),
                Query(quantile(0.99, "sluice_bundle_records", OF_INSTANCES), "records, 99 % have less"),
                Query(rate_of("sluice_bundle_records_count", OF_INSTANCES), "bundles each second"),
            ],
            width=8,
        ),
        curves(
            "Why are orders decided?",
            "Decisions each second, by cause. `order.placed` follows the shops; much of `stock_gone` is a wrong "
            "count, much of `cut_off_passed` a router that was away.",
            [Query(rate_of("sluice_decisions_total", OF_INSTANCES, "cause"), "{{cause}}")],
            PER_SECOND,
            width=8,
            stacked=True,
        ),
        curves(
            "What is published?",
            "Records committed each second, by topic: decisions, instructions to each warehouse system, "
            "exceptions, and the router's own memory.",
            [Query(rate_of("sluice_published_total", OF_INSTANCES, "topic"), "{{topic}}")],
            PER_SECOND,
            width=8,
            stacked=True,
        ),
    ],
)


def build() -> Dashboard:
    """The way of a record: in, decided, committed; and what the router needs for it."""
    return dashboard(
        FLOW,
        "Sluice: Flow",
        "Where does a record's time go, and is every process well?",
        [INSTANCE, POOL],
        [IN, DECIDE, ALIVE, NEEDS],
    )
