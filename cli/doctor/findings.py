"""What a check has found: how bad it is, what was seen, what was expected, and what to do about it."""

from __future__ import annotations

from enum import IntEnum

from msgspec import Struct
from msgspec.structs import replace

from infra.redaction import Redactor


class Severity(IntEnum):
    """From best to worst."""

    OK = 0
    UNKNOWN = 1
    """It could not be looked at, and the finding says why: neither well nor ill."""
    WARN = 2
    FAIL = 3

    @property
    def word(self) -> str:
        return self.name.lower()


class Finding(Struct, frozen=True, kw_only=True):
    """One thing that was looked at.  `command` is what to type next, where there is such a command."""

    severity: Severity
    seen: str
    expected: str = ""
    remedy: str = ""
    command: str = ""


class Located(Struct, frozen=True):
    """A finding, and the check that made it."""

    check: str
    finding: Finding

    def redacted(self, redactor: Redactor) -> Located:
        """Without any secret, whatever a library has said."""
        told = {
            name: redactor.text(getattr(self.finding, name))
            for name in ("seen", "expected", "remedy", "command")
        }
        return Located(self.check, replace(self.finding, **told))


def ok(seen: str) -> Finding:
    """As it should be."""
    return Finding(severity=Severity.OK, seen=seen)


def unknown(seen: str, remedy: str = "", command: str = "") -> Finding:
    """Not looked at, and why not."""
    return Finding(severity=Severity.UNKNOWN, seen=seen, remedy=remedy, command=command)


def warn(seen: str, expected: str, remedy: str, command: str = "") -> Finding:
    """It works, and will hurt one day."""
    return Finding(severity=Severity.WARN, seen=seen, expected=expected, remedy=remedy, command=command)


def fail(seen: str, expected: str, remedy: str, command: str = "") -> Finding:
    """It hurts now, or breaks a promise."""
    return Finding(severity=Severity.FAIL, seen=seen, expected=expected, remedy=remedy, command=command)
