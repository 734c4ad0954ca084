"""A moment as a person writes it: in UTC, or how long ago it was."""

from __future__ import annotations

import time

from cli.network_dir.values import BadValueError, duration_seconds
from infra.errors import ConfigurationError
from schemas.times import parse_rfc3339


def moment_ms(option: str, text: str) -> int:
    """The value of an option such as --since; raises `ConfigurationError` where it cannot be read."""
    try:
        return time.time_ns() // 1_000_000 - duration_seconds(text) * 1000
    except BadValueError:
        pass
    try:
        return parse_rfc3339(text)
    except ValueError:
        raise ConfigurationError(
            f"{option} {text!r} is no time; write it in UTC, for example 2026-11-23T14:00:00Z, or how long ago it was, "
            "for example 90m"
        ) from None
