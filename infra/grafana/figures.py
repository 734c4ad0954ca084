"""What every panel of figures is made of: its queries, its unit, its colours, and its words where no figure is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from msgspec import UNSET, UnsetType

from infra.grafana.model.fields import (
    AnyMapping,
    Curve,
    DataLink,
    DataSource,
    FieldConfig,
    FieldDefaults,
    Matcher,
    Override,
    Property,
    SpecialMapping,
    SpecialText,
    Thresholds,
    ValueText,
)
from infra.grafana.model.panels import GridPosition, Legend, ReduceOptions, Target
from infra.grafana.thresholds import plain

PROMETHEUS = DataSource(kind="prometheus", uid="sluice-prometheus")
"""As `provisioning/datasources/sluice.yaml` names it."""

RATIO, SECONDS, PER_SECOND, COUNT, BYTES, MONEY = "percentunit", "s", "cps", "short", "bytes", "none"

NO_ID = 0
"""Layout gives both."""

NO_DATA = "no data"
NOTHING_DUE = "nothing due"

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


LAST = ReduceOptions(values=False, calcs=["last"], fields="")
"""And not the last one that is a number: "not a number" says something, see `words_for`."""


def words_for(nothing: str) -> list[AnyMapping]:
    """What is said in place of a figure: nobody answers, which is red; or there is nothing to measure, which is not."""
    return [
        SpecialMapping(
            options=SpecialText(match="null", result=ValueText(text=NO_DATA, color="red", index=0))
        ),
        SpecialMapping(
            options=SpecialText(match="nan", result=ValueText(text=nothing, color="text", index=1))
        ),
    ]


NOT_A_NUMBER = SpecialMapping(
    options=SpecialText(match="nan", result=ValueText(text="-", color="text", index=0))
)
"""In a cell there is no room for more."""


def size(width: int, height: int) -> GridPosition:
    return GridPosition(x=0, y=0, w=width, h=height)


def targets_of(queries: Sequence[Query], instant: bool) -> list[Target]:
    return [
        Target(
            datasource=PROMETHEUS, ref_id=LETTERS[place], expr=query.expr, legend_format=query.legend,
            instant=instant, range=not instant,
        )
        for place, query in enumerate(queries)
    ]  # fmt: skip


def fields_of(
    unit: str,
    thresholds: Thresholds | None,
    *,
    custom: Curve | UnsetType = UNSET,
    mappings: list[AnyMapping] | UnsetType = UNSET,
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
        no_value=NO_DATA,
        thresholds=thresholds or plain("green"),
        mappings=mappings,
        links=list(links) if links else UNSET,
        custom=custom,
    )
    return FieldConfig(defaults=defaults, overrides=[])


def legend_of(shown: bool) -> Legend:
    return Legend(display_mode="list", placement="bottom", show_legend=shown, calcs=[])


def named(heading: str) -> Matcher:
    return Matcher(id="byName", options=heading)


def column_of(column: Column) -> Override:
    properties = [Property(id="unit", value=column.unit)]
    if column.thresholds is not None:
        properties += [
            Property(id="thresholds", value=column.thresholds),
            Property(id="custom.cellOptions", value={"type": "color-text"}),
        ]
    return Override(matcher=named(column.heading), properties=properties)
