"""Panels, each made of what matters about it: what it asks, what its answer means, and the queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from msgspec import UNSET, UnsetType

from infra.grafana.model import (
    BarGauge,
    BarGaugeOptions,
    Color,
    Curve,
    DataLink,
    DataSource,
    FieldConfig,
    FieldDefaults,
    GridPosition,
    Legend,
    Matcher,
    Override,
    Property,
    ReduceOptions,
    SortBy,
    Stacking,
    Stat,
    StateTimeline,
    StateTimelineOptions,
    StatOptions,
    Table,
    TableOptions,
    Target,
    Text,
    TextOptions,
    Thresholds,
    ThresholdsStyle,
    TimeSeries,
    TimeSeriesOptions,
    Tooltip,
    Transformation,
    ValueMapping,
    ValueText,
)  # fmt: skip
from infra.grafana.thresholds import plain

PROMETHEUS = DataSource(kind="prometheus", uid="sluice-prometheus")
"""As `provisioning/datasources/sluice.yaml` names it."""

RATIO, SECONDS, PER_SECOND, COUNT, BYTES, MONEY = "percentunit", "s", "cps", "short", "bytes", "none"

NOT_PLACED = GridPosition(x=0, y=0, w=0, h=0)
NO_ID = 0
"""Layout gives both."""

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Query(NamedTuple):
    """PromQL, and how its series are called; `{{pool}}` is a label."""

    expr: str
    legend: str = ""


class Column(NamedTuple):
    """One column of a table: its heading, its query, and how it is shown."""

    heading: str
    expr: str
    unit: str = COUNT
    thresholds: Thresholds | None = None


# --- panels ---------------------------------------------------------------------------------------------------


def stat(
    title: str,
    description: str,
    query: Query,
    unit: str,
    thresholds: Thresholds,
    *,
    width: int = 6,
    height: int = 4,
    decimals: int | None = None,
    links: Sequence[DataLink] = (),
    trend: bool = True,
) -> Stat:
    """One big figure; with its trend behind it unless it sums up the whole time shown."""
    return Stat(
        id=NO_ID, title=title, description=description, grid_pos=_size(width, height), datasource=PROMETHEUS,
        targets=_targets([query], instant=not trend),
        field_config=_fields(unit, thresholds, decimals=decimals, links=links),
        options=StatOptions(
            reduce_options=LAST, color_mode="background" if len(thresholds.steps) > 1 else "value",
            graph_mode="area" if trend else "none", text_mode="auto", justify_mode="auto", orientation="auto",
            wide_layout=True,
        ),
    )  # fmt: skip


def curves(
    title: str,
    description: str,
    queries: Sequence[Query],
    unit: str,
    *,
    thresholds: Thresholds | None = None,
    width: int = 12,
    height: int = 8,
    stacked: bool = False,
    bars: bool = False,
    ceiling: float | None = None,
    links: Sequence[DataLink] = (),
) -> TimeSeries:
    """Figures over time; thresholds are dashed lines."""
    custom = Curve(
        draw_style="bars" if bars else "line",
        line_width=1,
        fill_opacity=60 if bars else (25 if stacked else 8),
        show_points="never",
        thresholds_style=ThresholdsStyle(mode="dashed" if thresholds else "off"),
        stacking=Stacking(mode="normal" if stacked else "none"),
    )
    return TimeSeries(
        id=NO_ID, title=title, description=description, grid_pos=_size(width, height), datasource=PROMETHEUS,
        targets=_targets(queries, instant=False),
        field_config=_fields(unit, thresholds, custom=custom, floor=0, ceiling=ceiling, links=links),
        options=TimeSeriesOptions(legend=_legend(shown=True), tooltip=Tooltip(mode="multi", sort="desc")),
    )  # fmt: skip


def states(
    title: str,
    description: str,
    query: Query,
    words: Mapping[int, tuple[str, Color]],
    *,
    width: int = 12,
    height: int = 6,
) -> StateTimeline:
    """What each of several things was, over time."""
    mappings = [
        ValueMapping(
            kind="value",
            options={
                str(value): ValueText(text=text, color=color, index=place)
                for place, (value, (text, color)) in enumerate(words.items())
            },
        )
    ]
    return StateTimeline(
        id=NO_ID, title=title, description=description, grid_pos=_size(width, height), datasource=PROMETHEUS,
        targets=_targets([query], instant=False),
        field_config=_fields("none", plain("text"), mappings=mappings, custom=Curve(fill_opacity=80)),
        options=StateTimelineOptions(
            show_value="never", merge_values=True, row_height=0.8, legend=_legend(shown=True),
            tooltip=Tooltip(mode="single", sort="none"),
        ),
    )  # fmt: skip


def bars(
    title: str,
    description: str,
    query: Query,
    unit: str,
    thresholds: Thresholds,
    *,
    width: int = 8,
    height: int = 8,
    ceiling: float | None = None,
    decimals: int | None = None,
    links: Sequence[DataLink] = (),
) -> BarGauge:
    """One bar for each of several things, as of now or over the whole time shown."""
    return BarGauge(
        id=NO_ID, title=title, description=description, grid_pos=_size(width, height), datasource=PROMETHEUS,
        targets=_targets([query], instant=True),
        field_config=_fields(unit, thresholds, floor=0, ceiling=ceiling, decimals=decimals, links=links),
        options=BarGaugeOptions(
            reduce_options=LAST, display_mode="basic", orientation="horizontal", show_unfilled=True,
            value_mode="color",
        ),
    )  # fmt: skip


def table(
    title: str,
    description: str,
    keys: Sequence[str],
    columns: Sequence[Column],
    *,
    width: int = 24,
    height: int = 10,
    key_links: Sequence[DataLink] = (),
) -> Table:
    """One row for each combination of the labels `keys`, one column for each query; the first query sorts.

    The links are of the first label.
    """
    values = [f"Value #{LETTERS[place]}" for place in range(len(columns))] if len(columns) > 1 else ["Value"]
    headings = dict(zip(values, (column.heading for column in columns), strict=True))
    overrides = [_column(column) for column in columns]
    if key_links:
        overrides.append(
            Override(matcher=_named(keys[0]), properties=[Property(id="links", value=list(key_links))])
        )
    return Table(
        id=NO_ID, title=title, description=description, grid_pos=_size(width, height), datasource=PROMETHEUS,
        targets=[
            Target(
                datasource=PROMETHEUS, ref_id=LETTERS[place], expr=column.expr, instant=True, range=False,
                format="table",
            )
            for place, column in enumerate(columns)
        ],
        field_config=FieldConfig(defaults=FieldDefaults(thresholds=plain("text")), overrides=overrides),
        options=TableOptions(
            show_header=True, cell_height="sm", sort_by=[SortBy(display_name=columns[0].heading, desc=True)]
        ),
        transformations=[
            Transformation(id="merge", options={}),
            Transformation(
                id="organize",
                options={
                    "excludeByName": {"Time": True},
                    "indexByName": {name: place for place, name in enumerate(["Time", *keys, *headings])},
                    "renameByName": headings,
                },
            ),
        ],
    )  # fmt: skip


def text(title: str, description: str, content: str, *, width: int = 24, height: int = 6) -> Text:
    """Words in Markdown; `$pool` and the times shown are filled in."""
    return Text(
        id=NO_ID, title=title, description=description, grid_pos=_size(width, height),
        options=TextOptions(mode="markdown", content=content),
    )  # fmt: skip


# --- parts ----------------------------------------------------------------------------------------------------

LAST = ReduceOptions(values=False, calcs=["lastNotNull"], fields="")


def _size(width: int, height: int) -> GridPosition:
    return GridPosition(x=0, y=0, w=width, h=height)


def _targets(queries: Sequence[Query], instant: bool) -> list[Target]:
    return [
        Target(
            datasource=PROMETHEUS, ref_id=LETTERS[place], expr=query.expr, legend_format=query.legend,
            instant=instant, range=not instant,
        )
        for place, query in enumerate(queries)
    ]  # fmt: skip


def _fields(
    unit: str,
    thresholds: Thresholds | None,
    *,
    custom: Curve | UnsetType = UNSET,
    mappings: list[ValueMapping] | UnsetType = UNSET,
    decimals: int | None = None,
    floor: float | None = None,
    ceiling: float | None = None,
    links: Sequence[DataLink] = (),
) -> FieldConfig:
    defaults = FieldDefaults(
        unit=unit,
        min=UNSET if floor is None else floor,
        max=UNSET if ceiling is None else ceiling,
        decimals=UNSET if decimals is None else decimals,
        no_value="no data",
        thresholds=thresholds or plain("green"),
        mappings=mappings,
        links=list(links) if links else UNSET,
        custom=custom,
    )
    return FieldConfig(defaults=defaults, overrides=[])


def _legend(shown: bool) -> Legend:
    return Legend(display_mode="list", placement="bottom", show_legend=shown, calcs=[])


def _named(heading: str) -> Matcher:
    return Matcher(id="byName", options=heading)


def _column(column: Column) -> Override:
    properties = [Property(id="unit", value=column.unit)]
    if column.thresholds is not None:
        properties += [
            Property(id="thresholds", value=column.thresholds),
            Property(id="custom.cellOptions", value={"type": "color-text"}),
        ]
    return Override(matcher=_named(column.heading), properties=properties)
