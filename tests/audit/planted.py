"""A way in which a router could break a promise, planted in a clean history, and what the auditor says of it."""

from __future__ import annotations

from collections.abc import Callable

from tests.audit.example import example
from tests.audit.story import Story

Fault = Callable[[Story], None]
Case = tuple[Fault, str, str]
"""The fault, the promise that it breaks, and words of the sentence that says so."""


def names_of(cases: list[Case]) -> list[str]:
    return [plant.__name__ for plant, _, _ in cases]


def require_reported(plant: Fault, promise: str, sentence: str) -> None:
    """The promise is called violated, in these words."""
    story = example()
    plant(story)
    report = story.audit()
    said = [each.sentence for each in report.violations if each.promise == promise]
    assert any(sentence in each for each in said), (
        "\n".join(map(str, report.violations)) or "nothing was found"
    )
    assert not report.ok
    assert report.verdict(promise) == "VIOLATED"
