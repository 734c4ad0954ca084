"""Queries that several panels ask, and the objectives that they are measured against."""

from __future__ import annotations

from infra.grafana.figures import Query
from infra.prometheus.rule import deciding_by_partition, grown, silence_allowed, silence_of_pools
from infra.prometheus.symptoms import SCANS_WITHIN

AGE_WITHIN_S = 0.5
AGE_OBJECTIVE = 0.99
AVAILABILITY_OBJECTIVE = 0.999
FRESHNESS_OBJECTIVE = 0.99

WINDOW = "$__rate_interval"
"""At least four scrapes, so that a rate always has samples to go by."""
SHOWN = "$__range"
"""The whole time shown."""
ANSWERING = 'up{job="sluice"} == 1'
LISTED = 20
"""Of 2,000 pools nobody reads more; the dashboard of one pool shows the others."""


def _of(metric: str, labels: str) -> str:
    return f"{metric}{{{labels}}}" if labels else metric


def while_answering(figure: str, *, else_: str = "") -> str:
    """The figure as long as any router answers, and none at all when none does.

    What a counter grew by in an hour would stay green for an hour after every router had died.  `else_` is the figure
    of what has not happened yet, because a counter with labels does not exist before: 0, or NaN of what is divided.
    """
    known = f"{figure} or vector({else_})" if else_ else figure
    return f"({known}) and on () {ANSWERING}"


def rate_of(metric: str, labels: str = "", by: str = "") -> str:
    """A counter's rate each second, summed over processes."""
    return f"sum{_by(by)} (rate({_of(metric, labels)}[{WINDOW}]))"


def each_minute(metric: str, labels: str, by: str) -> Query:
    """A counter's curves by the minute, one for each value of a label."""
    return Query(f"60 * {rate_of(metric, labels, by)}", _name_of(by))


def in_time_shown(metric: str, labels: str = "", by: str = "") -> str:
    """How much a counter grew in the whole time shown."""
    return f"sum{_by(by)} (increase({_of(metric, labels)}[{SHOWN}]))"


def counted(metric: str, labels: str = "") -> str:
    """How often something happened in the time shown, as one figure: 0 of what never happened."""
    return while_answering(in_time_shown(metric, labels), else_="0")


def most(expression: str) -> str:
    """The highest of many curves."""
    return f"topk({LISTED}, {expression})"


def highest(expression: str, by: str) -> Query:
    """A list of those that a label names, highest first; `none` where there is nothing to list."""
    return Query(f"sort_desc({while_answering(most(expression))} or on () {_none(by)})", _name_of(by))


def lowest(expression: str, by: str) -> Query:
    """The same, lowest first; those with nothing to divide by come last."""
    listed = while_answering(f"bottomk({LISTED}, {expression})")
    return Query(f"sort({listed} or on () {_none(by)})", _name_of(by))


def events_of(metric: str, labels: str, by: str) -> str:
    """How often each of several rare things happened of late, from its very first time on; else 0 of none."""
    none = f'label_replace(vector(0), "{by.split(",")[0].strip()}", "none", "", "")'
    return f"{_in_a_line(grown(_of(metric, labels), WINDOW, by, of_young=False))} or {none}"


def quantile(share: float, metric: str, labels: str = "", by: str = "") -> str:
    """What that share of a histogram's observations stayed below."""
    within = f"le, {by}" if by else "le"
    buckets = _of(f"{metric}_bucket", labels)
    return f"histogram_quantile({share}, sum by ({within}) (rate({buckets}[{WINDOW}])))"


def quantile_shown(share: float, metric: str, labels: str = "") -> str:
    """The same of the whole time shown, as one figure."""
    buckets = _of(f"{metric}_bucket", labels)
    return while_answering(
        f"histogram_quantile({share}, sum by (le) (increase({buckets}[{SHOWN}])))", else_="NaN"
    )


def quantile_since_start(share: float, metric: str, labels: str = "") -> str:
    """The same of what happens once in a while: of all that the processes have seen since they started."""
    return f"histogram_quantile({share}, sum by (le) ({_of(f'{metric}_bucket', labels)}))"


def age_quantile(share: float, topic: str) -> str:
    """How old that share of a topic's records was at most when they were decided."""
    return quantile(share, "sluice_decision_age_seconds", f'topic="{topic}"')


def decided_in_time(window: str) -> str:
    """The share of orders decided within the objective's time."""
    age = "sluice_decision_age_seconds"
    in_time = f'sum(rate({age}_bucket{{topic="orders", le="{AGE_WITHIN_S}"}}[{window}]))'
    return while_answering(f'{in_time} / sum(rate({age}_count{{topic="orders"}}[{window}]))', else_="NaN")


def available() -> str:
    """The share of partitions that decide; when no router answers, that is none of them."""
    deciding = f"sum({deciding_by_partition()}) / max(sluice_partitions)"
    return f'{deciding} or 0 * count(up{{job="sluice"}})'


def orders_that(metric: str) -> str:
    """Of all partitions; for a moment two processes may tell of the same one."""
    return f"sum(max by (partition) ({metric}))"


def stock_age(labels: str = "") -> str:
    """Seconds since each pool was last heard of; nothing of one that is paused, of which nobody waits to hear."""
    return _in_a_line(silence_of_pools(labels))


def nothing_at(labels: str = "") -> str:
    """0 of each pool in force, whatever is known of it: a process declares what it counts by pool for all of them."""
    return f"0 * sum by (pool) ({_of('sluice_dispatch_due_total', labels)})"


def at_risk(labels: str = "") -> str:
    """Released units of each pool that may not be there; 0 of a pool that nothing was ever at risk at."""
    return f"sum by (pool) ({_of('sluice_units_at_risk', labels)}) or {nothing_at(labels)}"


def fresh_share(labels: str = "") -> str:
    """The share of pools heard of within the freshness limit."""
    return f"avg({stock_age(labels)} <= bool {silence_allowed()})"


def share(part: str, whole: str, labels: str = "", by: str = "") -> str:
    """How much of the whole the part grew by, in the time shown; not a number where the whole did not grow.

    What has never happened has no counter, and is 0 of the whole.
    """
    part_sum = f"sum{_by(by)} (increase({_of(part, labels)}[{SHOWN}]))"
    whole_sum = f"sum{_by(by)} (increase({_of(whole, labels)}[{SHOWN}]))"
    return f"({part_sum} or 0 * {whole_sum}) / {whole_sum}"


def share_now(part: str, whole: str, labels: str = "") -> str:
    """The same of everything, as one figure."""
    return while_answering(share(part, whole, labels), else_="NaN")


def arrived_in_time(deliveries: str, labels: str = "", by: str = "") -> str:
    """Of packages due, the share that arrived in time; not a number where nobody has told of an arrival for a week.

    What is not scanned counts as late, so where no carrier scans the share would be 0, and say nothing. `deliveries`
    names the counters: it has `{}` where they are `due`, `on_time`, or `told`, which is in time or not.
    """
    on_time, due, told_of = (deliveries.format(what) for what in ("on_time", "due", "told"))
    told = f"sum{_by(by)} (increase({_of(told_of, labels)}[{SCANS_WITHIN}])) > 0"
    known = f"({share(on_time, due, labels, by)}) and on ({by}) {told}"
    if not by:
        return while_answering(known, else_="NaN")
    return f"({known} or NaN * sum{_by(by)} (increase({_of(due, labels)}[{SHOWN}])))"


def _in_a_line(expression: str) -> str:
    return " ".join(expression.split())


def _by(labels: str) -> str:
    return f" by ({labels})" if labels else ""


def _name_of(label: str) -> str:
    """As the legend has it."""
    return f"{{{{{label}}}}}"


def _none(by: str) -> str:
    return f'label_replace({while_answering("vector(NaN)")}, "{by}", "none", "", "")'
