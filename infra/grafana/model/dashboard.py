"""A whole dashboard: its panels, the choices above them, and the marks on its time axis."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import field

from infra.grafana.model.fields import Color, DataSource, Model
from infra.grafana.model.panels import AnyPanel

SCHEMA_VERSION = 41
"""Of Grafana 12; later ones migrate it by themselves."""


class VariableQuery(Model, frozen=True, kw_only=True):
    """`label_values(metric, label)`."""

    query: str
    ref_id: str
    qry_type: Literal[1]


class Variable(Model, frozen=True, kw_only=True):
    """A choice above the panels, taken along to the next dashboard."""

    kind: Literal["query"] = field(name="type")
    name: str
    label: str
    description: str
    datasource: DataSource
    query: VariableQuery
    definition: str
    refresh: Literal[2]
    sort: Literal[1]
    multi: bool
    include_all: bool
    all_value: str
    current: dict[str, Any]


class VariableList(Model, frozen=True, kw_only=True):
    entries: list[Variable] = field(name="list")


class AnnotationTarget(Model, frozen=True, kw_only=True):
    ref_id: str
    expr: str
    interval: str


class Annotation(Model, frozen=True, kw_only=True):
    """Marks in all time series of a dashboard."""

    name: str
    datasource: DataSource
    enable: bool
    hide: bool = False
    icon_color: Color
    target: AnnotationTarget
    title_format: str
    text_format: str
    tag_keys: str
    use_value_for_time: bool


class AnnotationList(Model, frozen=True, kw_only=True):
    entries: list[Annotation] = field(name="list")


class DashboardLink(Model, frozen=True, kw_only=True):
    """A link above the panels, to all dashboards that carry the tags."""

    kind: Literal["dashboards"] = field(name="type")
    title: str
    tags: list[str]
    as_dropdown: bool
    include_vars: bool
    keep_time: bool
    target_blank: bool
    icon: str
    tooltip: str
    url: str


class TimeRange(Model, frozen=True, kw_only=True):
    start: str = field(name="from")
    end: str = field(name="to")


class Dashboard(Model, frozen=True, kw_only=True):
    """One file."""

    uid: str
    title: str
    description: str
    tags: list[str]
    editable: bool
    schema_version: int
    timezone: Literal["browser"]
    refresh: str
    graph_tooltip: Literal[1]
    time: TimeRange
    templating: VariableList
    annotations: AnnotationList
    links: list[DashboardLink]
    panels: list[AnyPanel]
