"""Cut-offs: the last moments at which a released order still makes the truck."""

from __future__ import annotations

from bisect import bisect_left

from msgspec import Struct

from schemas.times import NEVER_MS, day_of
from state.calendars import Calendar, TimeZone

CHUNK_DAYS = 28


class Truck(Struct, frozen=True, gc=False):
    """One departure: released by `cut_off_ms`, goods leave at `leaves_ms`, on the pool's local `day`."""

    cut_off_ms: int
    day: int
    leaves_ms: int


class CutoffClock:
    """The departures of one (pool, carrier, service), computed 28 days ahead and extended as time passes.

    A cut-off is the collection's local time less the pool's pick and pack lead, on days when both the pool and
    the carrier work.  The list is a cache: its content depends on the calendars alone.
    """

    def __init__(
        self, pool_days: Calendar, carrier_days: Calendar, zone: TimeZone, collection_s: int, lead_ms: int
    ) -> None:
        self._pool_days = pool_days
        self._carrier_days = carrier_days
        self._zone = zone
        self._collection_s = collection_s
        self._lead_ms = lead_ms
        self._next_day = NEVER_MS
        self._last_day = min(pool_days.last, carrier_days.last)
        self._trucks: list[Truck] = []
        self._cut_offs: list[int] = []

    def truck(self, now_ms: int, later: int = 0) -> Truck | None:
        """The next departure that `now` still makes, or one `later` than that; None beyond the calendars."""
        if self._next_day == NEVER_MS:
            # A lead of several days puts the cut-off of a later truck close to now, never an earlier one's.
            self._next_day = max(self._pool_days.first, self._carrier_days.first, day_of(now_ms) - 2)
        at = bisect_left(self._cut_offs, now_ms) + later
        while at >= len(self._trucks) and self._next_day <= self._last_day:
            self._extend()
            at = bisect_left(self._cut_offs, now_ms) + later
        return self._trucks[at] if at < len(self._trucks) else None

    def _extend(self) -> None:
        end = min(self._next_day + CHUNK_DAYS, self._last_day + 1)
        for day in range(self._next_day, end):
            if self._pool_days.is_open(day) and self._carrier_days.is_open(day):
                leaves_ms = self._zone.utc_ms(day, self._collection_s)
                cut_off_ms = leaves_ms - self._lead_ms
                self._trucks.append(Truck(cut_off_ms, day, leaves_ms))
                self._cut_offs.append(cut_off_ms)
        self._next_day = end
