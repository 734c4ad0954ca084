"""Puts panels on Grafana's grid, which is 24 wide, and gives them numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from msgspec.structs import replace

from infra.grafana.model.panels import AnyPanel, AnyQueryPanel, GridPosition, Row, Text

GRID_WIDTH = 24
ROW_HEIGHT = 1


class Section(NamedTuple):
    """A heading and the panels under it, in reading order."""

    title: str
    panels: Sequence[AnyQueryPanel | Text]


def placed(sections: Sequence[Section]) -> list[AnyPanel]:
    """All panels from left to right and from top to bottom; those of one line must have one height."""
    result: list[AnyPanel] = []
    y = 0
    for section in sections:
        result.append(
            Row(
                id=len(result) + 1, title=section.title, collapsed=False, panels=[],
                grid_pos=GridPosition(x=0, y=y, w=GRID_WIDTH, h=ROW_HEIGHT),
            )
        )  # fmt: skip
        y += ROW_HEIGHT
        x = line_height = 0
        for panel in section.panels:
            width, height = panel.grid_pos.w, panel.grid_pos.h
            if x + width > GRID_WIDTH:
                x, y, line_height = 0, y + line_height, 0
            if line_height not in (0, height):
                raise ValueError(
                    f'"{panel.title}" is {height} high beside panels of {line_height}: give a line one height'
                )
            line_height = height
            position = GridPosition(x=x, y=y, w=width, h=height)
            result.append(replace(panel, id=len(result) + 1, grid_pos=position))
            x += width
        y += line_height
    return result
