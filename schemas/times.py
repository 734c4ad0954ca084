"""Instants: milliseconds since 1970 UTC inside, RFC 3339 UTC text on the wire."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EPOCH_ORDINAL = EPOCH.toordinal()
MILLISECOND = timedelta(milliseconds=1)
MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
EARLIEST_MS = (datetime.min.replace(tzinfo=UTC) - EPOCH) // MILLISECOND
LATEST_MS = (datetime.max.replace(tzinfo=UTC) - EPOCH) // MILLISECOND
"""What can be told as a date: some systems say the end of year 9999 for "nobody knows", and offsets go beyond it."""
NEVER_MS = -1
"""Stands in rows for "no such instant", so that a row holds plain integers only."""


def to_ms(moment: datetime) -> int:
    """Milliseconds since 1970 UTC of an aware datetime; parts of a millisecond are cut off."""
    return (moment - EPOCH) // MILLISECOND


# Ship-by and deliver-by instants repeat for thousands of orders: a lookup costs a fifth of formatting.
@lru_cache(maxsize=65_536)
def rfc3339(moment_ms: int) -> str:
    """`2026-11-23T14:00:00.000Z` for milliseconds since 1970 UTC."""
    moment = date_time(moment_ms)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment_ms % 1000:03d}Z"


def date_time(moment_ms: int) -> datetime:
    """The instant in UTC, or the nearest one that is a date."""
    return EPOCH + timedelta(milliseconds=max(EARLIEST_MS, min(moment_ms, LATEST_MS)))


def optional_rfc3339(moment_ms: int) -> str | None:
    """Like `rfc3339`, and None for `NEVER_MS`."""
    return None if moment_ms == NEVER_MS else rfc3339(moment_ms)


def parse_rfc3339(text: str) -> int:
    """Milliseconds since 1970 UTC; raises ValueError when the text has no offset or is no time at all."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f'"{text}" has no time zone; write it in UTC, for example 2026-11-23T14:00:00Z')
    return to_ms(moment)


def day_of(moment_ms: int) -> int:
    """The proleptic ordinal (as `date.toordinal`) of the UTC day that holds the instant."""
    return moment_ms // DAY_MS + EPOCH_ORDINAL


def day_start_ms(day: int) -> int:
    """The first millisecond of a day, as if its clock were UTC."""
    return (day - EPOCH_ORDINAL) * DAY_MS
