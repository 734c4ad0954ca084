"""What a set would change, as lines that a person can review before it is published."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from cli.reference.sets import EntityKey, InForce, ReferenceSet, key_of
from cli.words.counting import counted, some_of
from schemas.reference import AnyEntity, CalendarEntity, ReferenceStated, TimeZoneEntity

NAMES_SHOWN_MAX = 5
CHANGES_SHOWN_MAX = 20

_MONEY = {
    "capacity_price", "fixed", "handling_per_unit", "late_penalty_per_day", "per_kg", "split_penalty",
}  # fmt: skip
_KINDS = {
    "service_level": "service level",
    "time_zone": "time zone",
    "cutoff": "cut-off",
    "item_pool": "safety stock",
}


def differences(in_force: InForce, reference_set: ReferenceSet) -> Iterator[str]:
    """`+ 2 pools: ...`, `~ lane ...: fixed 4.9 -> 5.1`, `- 1 item: ...`; long lists are cut and say so."""
    stated = [member.entity for member in reference_set.members if isinstance(member, ReferenceStated)]
    added = [key_of(entity) for entity in stated if key_of(entity) not in in_force.entities]
    changed = [
        (in_force.entities[key_of(entity)], entity)
        for entity in stated
        if key_of(entity) in in_force.entities
    ]
    removed = [
        (member.kind, *member.key)
        for member in reference_set.members
        if not isinstance(member, ReferenceStated)
    ]
    yield from _grouped("+", added)
    yield from _changes(changed)
    yield from _grouped("-", removed)


def _grouped(sign: str, keys: list[EntityKey]) -> Iterator[str]:
    by_kind: dict[str, list[EntityKey]] = {}
    for key in keys:
        by_kind.setdefault(key[0], []).append(key)
    for kind, members in by_kind.items():
        listed = some_of([_name(key) for key in members if _name(key)], NAMES_SHOWN_MAX)
        what = counted(len(members), _KINDS.get(kind, kind)) if listed else kind
        yield f"{sign} {what}" + (f": {listed}" if listed else "")


def _changes(changed: list[tuple[AnyEntity, AnyEntity]]) -> Iterator[str]:
    shown: dict[str, int] = {}
    for before, after in changed:
        key = key_of(after)
        shown[key[0]] = shown.get(key[0], 0) + 1
        if shown[key[0]] <= CHANGES_SHOWN_MAX:
            what = " ".join(part for part in (_KINDS.get(key[0], key[0]), _name(key)) if part)
            yield f"~ {what}: {_change(before, after)}"
    for kind, count in shown.items():
        if count > CHANGES_SHOWN_MAX:
            yield f"~ and {counted(count - CHANGES_SHOWN_MAX, _KINDS.get(kind, kind))} more"


def _change(before: AnyEntity, after: AnyEntity) -> str:
    if isinstance(before, CalendarEntity) and isinstance(after, CalendarEntity):
        return _calendar_change(before, after)
    if isinstance(before, TimeZoneEntity) and isinstance(after, TimeZoneEntity):
        return _clock_change(before, after)
    parts = []
    for field in after.__struct_fields__:
        old, new = getattr(before, field), getattr(after, field)
        if isinstance(old, tuple) and old != new:
            parts.append(_list_change(field, old, new))
        elif old != new:
            parts.append(f"{field} {_value(field, old)} -> {_value(field, new)}")
    return ", ".join(parts)


def _list_change(field: str, old: tuple[Any, ...], new: tuple[Any, ...]) -> str:
    """What joins a list and what leaves it; short ones are shown as they were and as they come."""
    if max(len(old), len(new)) <= NAMES_SHOWN_MAX:
        return f"{field} ({' '.join(map(str, old))}) -> ({' '.join(map(str, new))})"
    parts = [
        f"{sign} {some_of([str(each) for each in these if each not in those], NAMES_SHOWN_MAX)}"
        for sign, these, those in (("+", new, set(old)), ("-", old, set(new)))
        if set(these) - those
    ]
    return f"{field} {' '.join(parts) or 'in another order'}"


def _calendar_change(before: CalendarEntity, after: CalendarEntity) -> str:
    """Dates that both horizons cover are named; beyond them a calendar merely goes on."""
    first, last = max(before.first, after.first), min(before.last, after.last)
    old = {day for day in before.closed if first <= day <= last}
    new = {day for day in after.closed if first <= day <= last}
    parts = []
    for word, days in (("closed", sorted(new - old)), ("open", sorted(old - new))):
        if days:
            parts.append(f"now {word} on {some_of(list(map(str, days)), NAMES_SHOWN_MAX)}")
    if (before.first, before.last) != (after.first, after.last):
        parts.append(f"reaches from {after.first} to {after.last}")
    return ", ".join(parts)


def _clock_change(before: TimeZoneEntity, after: TimeZoneEntity) -> str:
    """Days on which the clock is set, that come or that go; what lies before the new horizon is merely over."""
    (begins_s, _), *new = after.transitions
    old = before.transitions[1:]
    parts = [
        f"{words} on {some_of([_day(at_s) for at_s, _ in changes], NAMES_SHOWN_MAX)}"
        for words, changes in (
            ("clock set", [each for each in new if each not in old]),
            ("clock no longer set", [each for each in old if each not in new and each[0] > begins_s]),
        )
        if changes
    ]
    return ", ".join(parts) or f"reaches from {_day(begins_s)}"


def _day(at_s: int) -> str:
    return str(datetime.fromtimestamp(at_s, UTC).date())


def _value(field: str, value: Any) -> str:
    if field in _MONEY:
        whole, micros = divmod(value, 1_000_000)
        return f"{whole}.{f'{micros:06d}'.rstrip('0'):0<2}"
    return str(value)


def _name(key: EntityKey) -> str:
    return "/".join(key[1:])
