"""Grafana's dashboard format, as far as it is used here: every field has a type, and no other field is allowed.

Grafana ignores what it does not know, so a field with a typing error would fail silently there.  Here it is refused:
the committed files are read back through these types.
"""

from __future__ import annotations

from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType, field

SCHEMA_VERSION = 41
"""Of Grafana 12; later ones migrate it by themselves."""

Number = int | float
"""Read back as it was written: 1 is not 1.0 in a file."""

Color = Literal["green", "orange", "red", "blue", "text", "semi-dark-blue", "purple"]


class Model(
    Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True, forbid_unknown_fields=True
):
    """What every part of a dashboard is: written without what is left at its default."""


class DataSource(Model, frozen=True, kw_only=True):
    """Where a query goes, by the fixed uid of the provisioned data source."""

    kind: str = field(name="type")
    uid: str


class Target(Model, frozen=True, kw_only=True):
    """One Prometheus query of a panel; an instant one asks for now, a range one for the time shown."""

    datasource: DataSource
    ref_id: str
    expr: str
    legend_format: str = ""
    instant: bool
    range: bool
    format: Literal["time_series", "table"] = "time_series"


class Step(Model, frozen=True, kw_only=True):
    """A colour from a value on; the first step has no value."""

    color: Color
    value: Number | None


class Thresholds(Model, frozen=True, kw_only=True):
    mode: Literal["absolute"]
    steps: list[Step]


class ThresholdsStyle(Model, frozen=True, kw_only=True):
    mode: Literal["off", "dashed"]


class Stacking(Model, frozen=True, kw_only=True):
    mode: Literal["none", "normal"]


class Curve(Model, frozen=True, kw_only=True):
    """How a time series is drawn."""

    draw_style: Literal["line", "bars"] | UnsetType = UNSET
    line_width: int | UnsetType = UNSET
    fill_opacity: int | UnsetType = UNSET
    show_points: Literal["never", "auto"] | UnsetType = UNSET
    thresholds_style: ThresholdsStyle | UnsetType = UNSET
    stacking: Stacking | UnsetType = UNSET


class DataLink(Model, frozen=True, kw_only=True):
    """Where a click on a value, or on a panel's title, leads."""

    title: str
    url: str
    target_blank: bool = False


class ValueText(Model, frozen=True, kw_only=True):
    text: str
    color: Color
    index: int


class ValueMapping(Model, frozen=True, kw_only=True):
    """Words in place of numbers."""

    kind: Literal["value"] = field(name="type")
    options: dict[str, ValueText]


class FieldDefaults(Model, frozen=True, kw_only=True):
    """What holds for every value of a panel."""

    unit: str | UnsetType = UNSET
    min: Number | UnsetType = UNSET
    max: Number | UnsetType = UNSET
    decimals: int | UnsetType = UNSET
    no_value: str | UnsetType = UNSET
    thresholds: Thresholds | UnsetType = UNSET
    mappings: list[ValueMapping] | UnsetType = UNSET
    links: list[DataLink] | UnsetType = UNSET
    custom: Curve | UnsetType = UNSET


class Matcher(Model, frozen=True, kw_only=True):
    id: Literal["byName"]
    options: str


class Property(Model, frozen=True, kw_only=True):
    id: Literal["unit", "thresholds", "links", "custom.cellOptions", "decimals"]
    value: Any


class Override(Model, frozen=True, kw_only=True):
    """What holds for one column of a table."""

    matcher: Matcher
    properties: list[Property]


class FieldConfig(Model, frozen=True, kw_only=True):
    defaults: FieldDefaults
    overrides: list[Override]


class GridPosition(Model, frozen=True, kw_only=True):
    """On a grid 24 wide."""

    x: int
    y: int
    w: int
    h: int


class Legend(Model, frozen=True, kw_only=True):
    display_mode: Literal["list", "table"]
    placement: Literal["bottom", "right"]
    show_legend: bool
    calcs: list[str]


class Tooltip(Model, frozen=True, kw_only=True):
    mode: Literal["multi", "single"]
    sort: Literal["desc", "none"]


class ReduceOptions(Model, frozen=True, kw_only=True):
    """Which one of a series' values is shown."""

    values: bool
    calcs: list[Literal["lastNotNull"]]
    fields: str


class TimeSeriesOptions(Model, frozen=True, kw_only=True):
    legend: Legend
    tooltip: Tooltip


class StateTimelineOptions(Model, frozen=True, kw_only=True):
    show_value: Literal["never"]
    merge_values: bool
    row_height: Number
    legend: Legend
    tooltip: Tooltip


class StatOptions(Model, frozen=True, kw_only=True):
    reduce_options: ReduceOptions
    color_mode: Literal["value", "background", "none"]
    graph_mode: Literal["none", "area"]
    text_mode: Literal["auto"]
    justify_mode: Literal["auto"]
    orientation: Literal["auto"]
    wide_layout: bool


class BarGaugeOptions(Model, frozen=True, kw_only=True):
    reduce_options: ReduceOptions
    display_mode: Literal["basic"]
    orientation: Literal["horizontal"]
    show_unfilled: bool
    value_mode: Literal["color"]


class TableOptions(Model, frozen=True, kw_only=True):
    show_header: bool
    cell_height: Literal["sm"]
    sort_by: list[SortBy]


class SortBy(Model, frozen=True, kw_only=True):
    display_name: str
    desc: bool


class TextOptions(Model, frozen=True, kw_only=True):
    mode: Literal["markdown"]
    content: str


class Transformation(Model, frozen=True, kw_only=True):
    """A step from what the queries answer to what a table shows."""

    id: Literal["merge", "organize"]
    options: dict[str, Any]


class Panel(Model, frozen=True, kw_only=True, tag_field="type"):
    """What every panel says of itself."""

    id: int
    title: str
    grid_pos: GridPosition


class Row(Panel, frozen=True, kw_only=True, tag="row"):
    """A heading over the panels that follow it."""

    collapsed: bool
    panels: list[Any]


class Text(Panel, frozen=True, kw_only=True, tag="text"):
    """Words."""

    description: str
    options: TextOptions


class QueryPanel(Panel, frozen=True, kw_only=True):
    """A panel that shows figures."""

    description: str
    datasource: DataSource
    targets: list[Target]
    field_config: FieldConfig
    links: list[DataLink] | UnsetType = UNSET
    transformations: list[Transformation] | UnsetType = UNSET
    interval: str | UnsetType = UNSET


class TimeSeries(QueryPanel, frozen=True, kw_only=True, tag="timeseries"):
    options: TimeSeriesOptions


class StateTimeline(QueryPanel, frozen=True, kw_only=True, tag="state-timeline"):
    options: StateTimelineOptions


class Stat(QueryPanel, frozen=True, kw_only=True, tag="stat"):
    options: StatOptions


class BarGauge(QueryPanel, frozen=True, kw_only=True, tag="bargauge"):
    options: BarGaugeOptions


class Table(QueryPanel, frozen=True, kw_only=True, tag="table"):
    options: TableOptions


AnyQueryPanel = TimeSeries | StateTimeline | Stat | BarGauge | Table
AnyPanel = Row | Text | AnyQueryPanel


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
