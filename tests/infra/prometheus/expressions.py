"""Reads the names of metrics out of PromQL: enough of its grammar for that, and no more."""

from __future__ import annotations

import re

_WORDS = {
    "and",
    "or",
    "unless",
    "on",
    "by",
    "without",
    "ignoring",
    "group_left",
    "group_right",
    "bool",
    "offset",
}


def metrics_in(expression: str) -> set[str]:
    """Every metric and every recorded figure that the expression reads."""
    text = re.sub(r'"[^"]*"', "", expression)
    text = re.sub(r"\{[^}]*\}|\[[^\]]*\]", " ", text)
    text = re.sub(r"\b(?:by|on|without|ignoring)\s*\([^)]*\)", " ", text)
    text = re.sub(r"\boffset\s+\w+", " ", text)
    names = re.findall(r"(?<![\w:])[A-Za-z_:][\w:]*(?![\w:])(?!\s*\()", text)
    return {name for name in names if name not in _WORDS}
