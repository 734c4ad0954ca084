"""What an audit found: violations as sentences, counts, and what could not be proved."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

PROMISES = {"P1": "no oversell", "P2": "one effect", "P3": "nothing lost", "P4": "no missed truck by design"}
"""What is audited, in the order in which it is shown."""

VIOLATIONS_KEPT_MAX = 1_000
"""A history that is wrong from the first bundle would otherwise fill the memory with sentences."""


@dataclass(frozen=True)
class Violation:
    """One broken promise: what is wrong, in a sentence to act on, and where in the history it shows."""

    promise: str
    sentence: str
    where: str


@dataclass
class AuditReport:
    """The outcome.  `counts` say how much was looked at, so that "ok" over nothing cannot pass for a proof."""

    violations: list[Violation] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    violations_of: Counter[str] = field(default_factory=Counter)
    unproved: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether no promise was found broken."""
        return not self.violations_of

    def blame(self, promise: str, sentence: str, where: str) -> None:
        """Record a violation; beyond `VIOLATIONS_KEPT_MAX` only their number."""
        self.violations_of[promise] += 1
        if len(self.violations) < VIOLATIONS_KEPT_MAX:
            self.violations.append(Violation(promise, sentence, where))

    def cannot_prove(self, promises: tuple[str, ...], reason: str) -> None:
        """Say why promises stay open; the first reason is kept, because later ones follow from it."""
        for promise in promises:
            self.unproved.setdefault(promise, reason)

    def verdict(self, promise: str) -> str:
        """`ok`, `VIOLATED` or `unproved`."""
        if self.violations_of[promise]:
            return "VIOLATED"
        return "unproved" if promise in self.unproved else "ok"
