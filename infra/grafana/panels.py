"""Panels, each made of what matters about it: what it asks, what its answer means, and the queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from infra.grafana.figures import (
    COUNT,
    LAST,
    LETTERS,
    NO_ID,
    NOT_A_NUMBER,
    NOTHING_DUE,
    PROMETHEUS,
    Column,
    Query,
    column_of,
    fields_of,
    legend_of,
    named,
    size,
    targets_of,
    words_for,
)
from infra.grafana.links import details_of
from infra.grafana.model.fields import (
    AnyMapping,
    Color,
    Curve,
    DataLink,
    FieldConfig,
    FieldDefaults,
    Override,
    Property,
    Stacking,
    Thresholds,
    ThresholdsStyle,
    ValueMapping,
    ValueText,
)
from infra.grafana.model.panels import (
    BarGauge,
    BarGaugeOptions,
    SortBy,
    Stat,
    StateTimeline,
    StateTimelineOptions,
    StatOptions,
    Table,
    TableOptions,
    Target,
    Text,
    TextOptions,
    TimeSeries,
    TimeSeriesOptions,
    Tooltip,
    Transformation,
)
from infra.grafana.thresholds import plain

NEUTRAL = plain()


def stat(
    title: str,
    description: str,
    query: Query,
    unit: str = COUNT,
    thresholds: Thresholds = NEUTRAL,
    *,
    width: int = 6,
    height: int = 4,
    decimals: int | None = None,
    nothing: str = NOTHING_DUE,
    links: Sequence[DataLink] = (),
) -> Stat:
    """One big figure, as of now; `nothing` is said where there is nothing to divide by.

    It asks for now and not for the time shown: the last value of a curve would outlive the process that told it.
    """
    return Stat(
        id=NO_ID, title=title, description=description, grid_pos=size(width, height), datasource=PROMETHEUS,
        targets=targets_of([query], instant=True),
        field_config=fields_of(unit, thresholds, mappings=words_for(nothing), decimals=decimals, links=links),
        options=StatOptions(
            reduce_options=LAST, color_mode="background" if len(thresholds.steps) > 1 else "value",
            graph_mode="none", text_mode="auto", justify_mode="auto", orientation="auto", wide_layout=True,
        ),
    )  # fmt: skip


def curves(
    title: str,
    description: str,
    queries: Sequence[Query],
    unit: str = COUNT,
    *,
    thresholds: Thresholds | None = None,
    width: int = 12,
    height: int = 8,
    stacked: bool = False,
    bars: bool = False,
) -> TimeSeries:
    """Figures over time; thresholds are dashed lines, and a click on a curve leads to what it is about."""
    custom = Curve(
        draw_style="bars" if bars else "line",
        line_width=1,
        fill_opacity=60 if bars else (25 if stacked else 8),
        show_points="never",
        thresholds_style=ThresholdsStyle(mode="dashed" if thresholds else "off"),
        stacking=Stacking(mode="normal" if stacked else "none"),
    )
    return TimeSeries(
        id=NO_ID, title=title, description=description, grid_pos=size(width, height), datasource=PROMETHEUS,
        targets=targets_of(queries, instant=False),
        field_config=fields_of(unit, thresholds, custom=custom, floor=0, links=_details(queries)),
        options=TimeSeriesOptions(legend=legend_of(shown=True), tooltip=Tooltip(mode="multi", sort="desc")),
    )  # fmt: skip


def states(
    title: str,
    description: str,
    query: Query,
    words: Mapping[int, tuple[str, Color]],
) -> StateTimeline:
    """What each of several things was, over time."""
    mappings: list[AnyMapping] = [
        ValueMapping(
            options={
                str(value): ValueText(text=text, color=color, index=place)
                for place, (value, (text, color)) in enumerate(words.items())
            },
        )
    ]
    return StateTimeline(
        id=NO_ID, title=title, description=description, grid_pos=size(12, 6), datasource=PROMETHEUS,
        targets=targets_of([query], instant=False),
        field_config=fields_of(
            "none", plain("text"), mappings=mappings, custom=Curve(fill_opacity=80), links=_details([query])
        ),
        options=StateTimelineOptions(
            show_value="never", merge_values=True, row_height=0.8, legend=legend_of(shown=True),
            tooltip=Tooltip(mode="single", sort="none"),
        ),
    )  # fmt: skip


def bars(
    title: str,
    description: str,
    query: Query,
    unit: str = COUNT,
    thresholds: Thresholds = NEUTRAL,
    *,
    width: int = 8,
    height: int = 8,
    ceiling: float | None = None,
    decimals: int | None = None,
    nothing: str = NOTHING_DUE,
) -> BarGauge:
    """One bar for each of several things, as of now or over the whole time shown; see `stat` for `nothing`."""
    return BarGauge(
        id=NO_ID, title=title, description=description, grid_pos=size(width, height), datasource=PROMETHEUS,
        targets=targets_of([query], instant=True),
        field_config=fields_of(
            unit, thresholds, mappings=words_for(nothing), floor=0, ceiling=ceiling, decimals=decimals,
            links=_details([query]),
        ),
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
    rows_max: int | None = None,
    key_links: Sequence[DataLink] = (),
) -> Table:
    """One row for each combination of the labels `keys`, one column for each query; the first query sorts.

    `rows_max` shows only so many, the first after sorting.  The links are of the first label.
    """
    values = [f"Value #{LETTERS[place]}" for place in range(len(columns))] if len(columns) > 1 else ["Value"]
    headings = dict(zip(values, (column.heading for column in columns), strict=True))
    overrides = [column_of(column) for column in columns]
    by_first = columns[0].heading
    first_ones = [
        Transformation(id="sortBy", options={"sort": [{"field": by_first, "desc": True}]}),
        Transformation(id="limit", options={"limitField": rows_max}),
    ]
    if key_links:
        overrides.append(
            Override(matcher=named(keys[0]), properties=[Property(id="links", value=list(key_links))])
        )
    return Table(
        id=NO_ID, title=title, description=description, grid_pos=size(width, height), datasource=PROMETHEUS,
        targets=[
            Target(
                datasource=PROMETHEUS, ref_id=LETTERS[place], expr=column.expr, instant=True, range=False,
                format="table",
            )
            for place, column in enumerate(columns)
        ],
        field_config=FieldConfig(
            defaults=FieldDefaults(thresholds=plain("text"), mappings=[NOT_A_NUMBER]), overrides=overrides
        ),
        options=TableOptions(
            show_header=True, cell_height="sm", sort_by=[SortBy(display_name=by_first, desc=True)]
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
            *(first_ones if rows_max is not None else ()),
        ],
    )  # fmt: skip


def text(title: str, description: str, content: str, *, width: int = 24, height: int = 6) -> Text:
    """Words in Markdown; `$pool` and the times shown are filled in."""
    return Text(
        id=NO_ID, title=title, description=description, grid_pos=size(width, height),
        options=TextOptions(mode="markdown", content=content),
    )  # fmt: skip


def _details(queries: Sequence[Query]) -> list[DataLink]:
    return details_of(query.legend for query in queries)
