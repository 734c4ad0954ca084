"""Working days and local time, from tables alone: no time-zone or holiday library decides here."""

from __future__ import annotations

from bisect import bisect_right

from schemas.reference import CalendarEntity, TimeZoneEntity
from schemas.times import day_start_ms


class Calendar:
    """Working days between two dates.  Days are proleptic ordinals, as `date.toordinal`."""

    def __init__(self, entity: CalendarEntity) -> None:
        self.name = entity.calendar
        self.first = entity.first.toordinal()
        self.last = entity.last.toordinal()
        closed = {day.toordinal() for day in entity.closed}
        self._open = [day for day in range(self.first, self.last + 1) if day not in closed]
        self._open_set = frozenset(self._open)

    def is_open(self, day: int) -> bool:
        """Whether it is a working day; days beyond the calendar are not."""
        return day in self._open_set

    def after(self, day: int, working_days: int) -> int | None:
        """The working day that many working days after `day`; 0 means `day` itself or the next working one.

        None when the calendar ends before.
        """
        at = bisect_right(self._open, day)
        if working_days == 0:
            at = at - 1 if day in self._open_set else at
        else:
            at += working_days - 1
        return self._open[at] if at < len(self._open) else None


class TimeZone:
    """Offsets from UTC over the calendars' horizon."""

    def __init__(self, entity: TimeZoneEntity) -> None:
        self.name = entity.time_zone
        self._from_ms = [from_s * 1000 for from_s, _ in entity.transitions]
        self._offset_ms = [offset_s * 1000 for _, offset_s in entity.transitions]

    def utc_ms(self, day: int, second_of_day: int) -> int:
        """The instant of a local wall time.

        A time that occurs twice means the earlier one (a truck promised for it must not be missed); a time that
        the clock skips means the instant after the gap.
        """
        local_ms = day_start_ms(day) + second_of_day * 1000
        last = len(self._from_ms) - 1
        for at in range(last + 1):
            instant_ms = local_ms - self._offset_ms[at]
            if at > 0 and instant_ms < self._from_ms[at]:
                return self._from_ms[at]
            if at == last or instant_ms < self._from_ms[at + 1]:
                return instant_ms
        raise AssertionError("a time zone has at least one offset")

    def local_ms(self, instant_ms: int) -> int:
        """What the wall clock shows at an instant, as milliseconds since 1970 as if its clock were UTC."""
        at = max(0, bisect_right(self._from_ms, instant_ms) - 1)
        return instant_ms + self._offset_ms[at]


def second_of_day(clock_time: str) -> int:
    """Seconds since midnight of `HH:MM` or `HH:MM:SS`."""
    hours, minutes, *seconds = clock_time.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + (int(seconds[0]) if seconds else 0)
