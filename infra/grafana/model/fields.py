"""How a value is shown: its unit, its colours, its words, and where a click on it leads."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType, field

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


class ValueMapping(Model, frozen=True, kw_only=True, tag_field="type", tag="value"):
    """Words in place of numbers."""

    options: dict[str, ValueText]


class SpecialText(Model, frozen=True, kw_only=True):
    match: Literal["null", "nan"]
    result: ValueText


class SpecialMapping(Model, frozen=True, kw_only=True, tag_field="type", tag="special"):
    """Words in place of a figure that is missing (null), or that there is nothing to divide by (nan)."""

    options: SpecialText


AnyMapping = ValueMapping | SpecialMapping


class FieldDefaults(Model, frozen=True, kw_only=True):
    """What holds for every value of a panel."""

    unit: str | UnsetType = UNSET
    min: Number | UnsetType = UNSET
    max: Number | UnsetType = UNSET
    decimals: int | UnsetType = UNSET
    no_value: str | UnsetType = UNSET
    thresholds: Thresholds | UnsetType = UNSET
    mappings: list[AnyMapping] | UnsetType = UNSET
    links: list[DataLink] | UnsetType = UNSET
    custom: Curve | UnsetType = UNSET


class Matcher(Model, frozen=True, kw_only=True):
    id: Literal["byName"]
    options: str


class Property(Model, frozen=True, kw_only=True):
    id: Literal["unit", "thresholds", "mappings", "links", "custom.cellOptions", "decimals"]
    value: Any


class Override(Model, frozen=True, kw_only=True):
    """What holds for one column of a table."""

    matcher: Matcher
    properties: list[Property]


class FieldConfig(Model, frozen=True, kw_only=True):
    defaults: FieldDefaults
    overrides: list[Override]
