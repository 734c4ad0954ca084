"""Which orders are wanted, and how each that is found is told."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from msgspec import Struct

from cli.shared.moments import moment_ms
from infra.errors import ConfigurationError

FOREVER_MS = 1 << 62


class Found(Struct, frozen=True, order=True):
    """One order, with what happened to it and when."""

    at_ms: int
    network: str
    order_id: str
    decision: int
    """The number of the decision, which two of one instant are told apart by; 0 where none is meant."""
    what: str

    def as_dict(self) -> dict[str, object]:
        return {
            "time": datetime.fromtimestamp(self.at_ms / 1000, UTC).isoformat(timespec="milliseconds"),
            "network": self.network,
            "order_id": self.order_id,
            "what": self.what,
        }


class Wanted(Struct, frozen=True):
    """Names are patterns of which one whole name must match, as in a dashboard: `dc-.*` or `(web|stores)`."""

    pool: re.Pattern[str] | None
    channel: re.Pattern[str] | None
    since_ms: int = 0
    until_ms: int = FOREVER_MS

    def is_time(self, at_ms: int) -> bool:
        return self.since_ms <= at_ms <= self.until_ms

    def is_channel(self, channel: str) -> bool:
        return self.channel is None or self.channel.fullmatch(channel) is not None

    def is_pool(self, pools: Iterable[str]) -> bool:
        """Whether any of them is wanted; an order without a pool is so only where none is asked for."""
        if self.pool is None:
            return True
        names = set(pools)
        # `.+` is what a dashboard says that shows all pools: there, orders without one are shown too.
        return self.pool.pattern == ".+" or any(self.pool.fullmatch(name) for name in names)


def wanted(pool: str | None, channel: str | None, since: str | None, until: str | None) -> Wanted:
    """From what was typed; raises `ConfigurationError` that says what cannot be read."""
    return Wanted(
        _pattern("--pool", pool),
        _pattern("--channel", channel),
        0 if since is None else moment_ms("--since", since),
        FOREVER_MS if until is None else moment_ms("--until", until),
    )


def _pattern(option: str, text: str | None) -> re.Pattern[str] | None:
    if text is None:
        return None
    try:
        return re.compile(text)
    except re.error as error:
        raise ConfigurationError(f"{option} {text!r} is no name and no pattern: {error}") from None
