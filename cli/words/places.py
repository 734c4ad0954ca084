"""Where things are: the clocks of pools and zones, the currency, and the trucks, from the reference in force."""

from __future__ import annotations

from collections.abc import Iterable

from schemas.reference import AnyEntity, NetworkEntity, PoolEntity, TimeZoneEntity, ZoneEntity
from schemas.times import DAY_MS, MINUTE_MS, date_time
from state.calendars import TimeZone
from state.routes import Routes


class Places:
    """What a person needs to read a decision; without entities, times are told in UTC."""

    def __init__(self, entities: Iterable[AnyEntity]) -> None:
        known = list(entities)
        clocks = {
            entity.time_zone: TimeZone(entity) for entity in known if isinstance(entity, TimeZoneEntity)
        }
        self._clock_of_pool = {
            entity.pool: clocks[entity.time_zone] for entity in known if isinstance(entity, PoolEntity)
        }
        self._clock_of_zone = {
            entity.zone: clocks[entity.time_zone] for entity in known if isinstance(entity, ZoneEntity)
        }
        networks = [entity for entity in known if isinstance(entity, NetworkEntity)]
        self.currency = networks[0].currency if networks else ""
        self._routes = Routes(known) if networks else None

    def at_pool(self, pool: str, moment_ms: int) -> str:
        """`Tue 24 Nov 16:00` by the pool's clock."""
        return _words(moment_ms, self._clock_of_pool.get(pool))

    def at_zone(self, zone: str, moment_ms: int) -> str:
        """`Tue 24 Nov 20:00` by the clock of those who receive the parcel."""
        return _words(moment_ms, self._clock_of_zone.get(zone))

    def truck_gone(
        self, channel: str, zone: str, service: str, pool: str, now_ms: int, ship_by_ms: int
    ) -> str | None:
        """The pool's cut-off of the same day that `now` has missed, where `ship_by` is the next one: `15:00`."""
        clock = self._clock_of_pool.get(pool)
        if self._routes is None or clock is None or channel not in self._routes.channels:
            return None
        midnight_ms = now_ms - clock.local_ms(now_ms) % DAY_MS
        today = clock.local_ms(now_ms) // DAY_MS
        for lane in self._routes.candidates(zone, service, channel).ranked:
            if lane.pool != pool:
                continue
            first, following = lane.later_truck(midnight_ms, 0), lane.later_truck(now_ms, 0)
            # A pool may have several carriers: the one meant is the one whose next truck was quoted.
            if not first or not following or following[0].cut_off_ms != ship_by_ms:
                continue
            # Where the clock has just jumped, an hour of yesterday counts as after midnight.
            is_of_today = clock.local_ms(first[0].cut_off_ms) // DAY_MS == today
            if is_of_today and first[0].cut_off_ms < now_ms:
                return _words(first[0].cut_off_ms, clock).rsplit(" ", 1)[-1]
        return None


def utc(moment_ms: int) -> str:
    """`Tue 24 Nov 16:00:05 UTC`."""
    return f"{_words(moment_ms, None, seconds=True)}"


def _words(moment_ms: int, clock: TimeZone | None, seconds: bool = False) -> str:
    local = date_time(moment_ms if clock is None else clock.local_ms(moment_ms))
    # A clock is set to seconds only where somebody set it so, as a demonstration does.
    clock_face = f"{local:%H:%M:%S}" if seconds or moment_ms % MINUTE_MS else f"{local:%H:%M}"
    return f"{local:%a} {local.day} {local:%b} {clock_face}" + (" UTC" if clock is None else "")
