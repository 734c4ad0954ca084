"""The panels, each with the queries that it asks."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import UNSET, UnsetType

from infra.grafana.model.fields import DataLink, DataSource, FieldConfig, Model, Number


class Target(Model, frozen=True, kw_only=True):
    """One Prometheus query of a panel; an instant one asks for now, a range one for the time shown."""

    datasource: DataSource
    ref_id: str
    expr: str
    legend_format: str = ""
    instant: bool
    range: bool
    format: Literal["time_series", "table"] = "time_series"


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
    calcs: list[Literal["last"]]
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
    graph_mode: Literal["none"]
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

    id: Literal["merge", "organize", "sortBy", "limit"]
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
