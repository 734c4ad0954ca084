"""Queries that several panels ask, and the objectives that they are measured against."""

from __future__ import annotations

from infra.prometheus.rule import grown

AGE_WITHIN_S = 0.5
AGE_OBJECTIVE = 0.99
AVAILABILITY_OBJECTIVE = 0.999
FRESHNESS_OBJECTIVE = 0.99

WINDOW = "$__rate_interval"
"""At least four scrapes, so that a rate always has samples to go by."""
SHOWN = "$__range"
"""The whole time shown."""


def _of(metric: str, labels: str) -> str:
    return f"{metric}{{{labels}}}" if labels else metric


def rate_of(metric: str, labels: str = "", by: str = "") -> str:
    """A counter's rate each second, summed over processes."""
    return f"sum{_by(by)} (rate({_of(metric, labels)}[{WINDOW}]))"


def in_time_shown(metric: str, labels: str = "", by: str = "") -> str:
    """How much a counter grew in the whole time shown."""
    return f"sum{_by(by)} (increase({_of(metric, labels)}[{SHOWN}]))"


def events_of(metric: str, labels: str, by: str, window: str = WINDOW) -> str:
    """How often each of several rare things happened within a window, from its very first time on; else 0 of none."""
    none = f'label_replace(vector(0), "{by.split(",")[-1].strip()}", "none", "", "")'
    return f"{' '.join(grown(_of(metric, labels), window, by).split())} or {none}"


def quantile(share: float, metric: str, labels: str = "", by: str = "") -> str:
    """What that share of a histogram's observations stayed below."""
    within = f"le, {by}" if by else "le"
    buckets = _of(f"{metric}_bucket", labels)
    return f"histogram_quantile({share}, sum by ({within}) (rate({buckets}[{WINDOW}])))"


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
    return f'{in_time} / sum(rate({age}_count{{topic="orders"}}[{window}]))'


def available() -> str:
    """The share of partitions that decide.  Every process says how many there are; nobody's count none."""
    return "sum(sluice_partition_live) / max(sluice_partitions)"


def stock_age(labels: str = "") -> str:
    """Seconds since each pool was last heard of."""
    return f"time() - max by (pool) ({_of('sluice_stock_event_timestamp_seconds', labels)})"


def at_risk(labels: str = "") -> str:
    """Released units of each pool that may not be there; 0 of a pool that nothing was ever at risk at."""
    known = f"0 * max by (pool) ({_of('sluice_stock_event_timestamp_seconds', labels)})"
    return f"sum by (pool) ({_of('sluice_units_at_risk', labels)}) or {known}"


def fresh_share(labels: str = "") -> str:
    """The share of pools heard of within the freshness limit."""
    return f"avg({stock_age(labels)} <= bool scalar(max(sluice_stock_freshness_limit_seconds)))"


def share_on_time(due: str, on_time: str, labels: str = "", by: str = "", window: str = SHOWN) -> str:
    """Of what was due, the share that was on time; nothing due counts as all of it."""
    due_sum = f"sum{_by(by)} (increase({_of(due, labels)}[{window}]))"
    on_time_sum = f"sum{_by(by)} (increase({_of(on_time, labels)}[{window}]))"
    return f"1 - ({due_sum} - {on_time_sum}) / clamp_min({due_sum}, 1)"


def ratio(part: str, whole: str, labels: str = "", by: str = "", window: str = SHOWN) -> str:
    """How much of the whole the part grew by, in a window; 0 where nothing happened."""
    part_sum = f"sum{_by(by)} (increase({_of(part, labels)}[{window}]))"
    whole_sum = f"sum{_by(by)} (increase({_of(whole, labels)}[{window}]))"
    return f"{part_sum} / ({whole_sum} > 0) or 0 * {whole_sum}"


def _by(labels: str) -> str:
    return f" by ({labels})" if labels else ""
