"""What the dashboards share: the choices above the panels, the links there, and marks on the time axis."""

from __future__ import annotations

from collections.abc import Sequence

from infra.grafana.figures import PROMETHEUS
from infra.grafana.layout import Section, placed
from infra.grafana.model.dashboard import (
    SCHEMA_VERSION,
    Annotation,
    AnnotationList,
    AnnotationTarget,
    Dashboard,
    DashboardLink,
    TimeRange,
    Variable,
    VariableList,
    VariableQuery,
)
from infra.grafana.model.fields import Color

TAG = "sluice"
"""What the links above the panels lead to."""


# --- variables ------------------------------------------------------------------------------------------------


def variable(name: str, metric: str, label: str, description: str) -> Variable:
    """A choice among the values that a metric's label has in the time shown; all of them at first."""
    query = f"label_values({metric}, {label})"
    return Variable(
        kind="query", name=name, label=name, description=description, datasource=PROMETHEUS,
        query=VariableQuery(query=query, ref_id="PrometheusVariableQueryEditor-VariableQuery", qry_type=1),
        definition=query, refresh=2, sort=1, multi=True, include_all=True, all_value=".+",
        current={"text": ["All"], "value": ["$__all"]},
    )  # fmt: skip


OF_POOLS, OF_INSTANCES, OF_CHANNELS = 'pool=~"$pool"', 'instance=~"$instance"', 'channel=~"$channel"'
"""What a query says to go by the choices."""

_OTHER = "`other` is all those that are not in force any more."
POOL = variable("pool", "sluice_dispatch_due_total", "pool", f"Which pools are shown. {_OTHER}")
INSTANCE = variable("instance", "sluice_build_info", "instance", "Which router processes are shown.")
CHANNEL = variable(
    "channel", "sluice_orders_total", "channel", f"Which channels the orders came from. {_OTHER}"
)


# --- marks ----------------------------------------------------------------------------------------------------


def _mark(
    name: str, color: Color, expr: str, title: str, words: str, tags: str, *, names_instant: bool = False
) -> Annotation:
    """A mark wherever the expression is above zero.

    One that names an instant in milliseconds is marked there: exact, however long the time shown is.
    """
    return Annotation(
        name=name, datasource=PROMETHEUS, enable=True, icon_color=color,
        target=AnnotationTarget(ref_id="Anno", expr=expr, interval=""),
        title_format=title, text_format=words, tag_keys=tags, use_value_for_time=names_instant,
    )  # fmt: skip


MARKS = (
    _mark(
        "Deploys",
        "blue",
        "count by (version, core) (sluice_build_info) "
        "unless count by (version, core) (max_over_time(sluice_build_info[1h] offset $__interval))",
        "Sluice {{version}}",
        "The first process of version {{version}} ({{core}} core), or the first one for an hour.",
        "version",
    ),
    _mark(
        "Starts",
        "text",
        '1000 * max by (instance) (process_start_time_seconds{job="sluice"})',
        "Router started",
        "{{instance}} started: a deploy, a restart, or its supervisor after a crash.",
        "instance",
        names_instant=True,
    ),
    _mark(
        "Reference sets",
        "purple",
        "1000 * max by (network, set_id) (sluice_reference_set_timestamp_seconds "
        "* on (network, instance) group_left (set_id) sluice_reference_set_info)",
        "Set {{set_id}}",
        "Network {{network}}: pools, lanes, cut-offs and policies of set {{set_id}} took effect.",
        "network,set_id",
        names_instant=True,
    ),
    _mark(
        "Stopped partitions",
        "red",
        "max by (partition) (sluice_partition_stopped) > 0",
        "Partition {{partition}} stopped",
        "Only a person can mend it: the router's last error says how.",
        "partition",
    ),
    _mark(
        "Rebalances",
        "orange",
        "sum by (instance) (increase(sluice_rebalances_total[1m])) > 0",
        "Rebalance",
        "{{instance}} was given other partitions.",
        "instance",
    ),
    _mark(
        "Firing alerts",
        "red",
        'max by (alertname, severity) (ALERTS{alertstate="firing"})',
        "{{alertname}}",
        "Alert {{alertname}} ({{severity}}) fires: see its runbook.",
        "alertname,severity",
    ),
)
"""Deploys, policies and disruptions: what a change in a curve may come from."""


# --- the whole ------------------------------------------------------------------------------------------------


def dashboard(
    uid: str,
    title: str,
    description: str,
    variables: Sequence[Variable],
    sections: Sequence[Section],
    *,
    shown: str = "now-1h",
    tag: str = TAG,
) -> Dashboard:
    """A dashboard with everything on it that all of them have."""
    links = DashboardLink(
        kind="dashboards", title="Sluice", tags=[TAG], as_dropdown=False, include_vars=True, keep_time=True,
        target_blank=False, icon="external link", tooltip="The time and the variables go along.", url="",
    )  # fmt: skip
    return Dashboard(
        uid=uid, title=title, description=description, tags=[tag], editable=False, schema_version=SCHEMA_VERSION,
        timezone="browser", refresh="10s", graph_tooltip=1, time=TimeRange(start=shown, end="now"),
        templating=VariableList(entries=list(variables)), annotations=AnnotationList(entries=list(MARKS)),
        links=[links],
        panels=placed(sections),
    )  # fmt: skip
