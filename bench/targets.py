"""What was measured beside what it should be."""

from __future__ import annotations


def verdict(is_met: bool, sentence: str, target: float) -> str:
    """A line for a person."""
    return f"{'met   ' if is_met else 'MISSED'}  {sentence} (target {target:g})"
