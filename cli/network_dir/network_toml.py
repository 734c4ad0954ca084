"""`network.toml`: the network itself, its channels, services, policies, calendars, zones and carriers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Literal, cast

from cli.network_dir import values
from cli.network_dir.calendars import WEEKDAYS, CalendarRule, holiday_code
from cli.network_dir.stated import Placed, Stated
from cli.network_dir.toml_file import Table
from cli.words.names import closest, shown
from schemas.orders import SHIPMENTS_MAX
from schemas.reference import ChannelEntity, NetworkEntity, PolicyEntity, ServiceLevelEntity, ZoneEntity

DEFAULT_POLICY = "default"
TARGET_DAYS_DEFAULT = 3
DELIVERED_BY_DEFAULT = "20:00"
TARGET_DAYS_MAX = 365
ALL_POOLS = "all"

_SECTIONS = ("channels", "services", "policies", "calendars", "zones", "carriers")


def read_settings(root: Table, stated: Stated) -> None:
    """Fills in everything that network.toml states."""
    stated.network = root.required("network", values.name, "", "eu")
    currency = root.required("currency", values.currency, "EUR", "EUR")
    stated.settings = NetworkEntity(
        currency=currency, capacity_price=root.money("capacity_price", values.money)
    )
    readers: dict[str, Callable[[Table, Stated], None]] = {
        "channels": _channel,
        "services": _service,
        "policies": _policy,
        "calendars": _calendar,
        "zones": _zone,
        "carriers": _carrier,
    }
    for section in _SECTIONS:
        tables = root.table(section)
        named = [table for table in tables if _named(table)]
        for table in named:
            readers[section](table, stated)
            table.no_other_keys()
        if len(named) < root.size_of(section):
            stated.doubtful.add(section)
    root.no_other_keys()
    # A section whose own name is misspelt is there all the same.
    stated.doubtful |= {meant for key in root.unknown_keys() if (meant := closest(key, _SECTIONS))}


def _named(table: Table) -> bool:
    """Whether the table's own name can name an entity."""
    try:
        values.name(table.name)
    except values.BadValueError as fault:
        table.faults.add(table.file, table.line(), f"the name of this table, {shown(table.name)}, {fault}")
        return False
    return True


def _channel(table: Table, stated: Stated) -> None:
    pools: tuple[str, ...] = ()
    if "pools" not in table:
        table.required("pools", values.name, "", "all")
    elif table.value("pools") == ALL_POOLS:
        stated.all_pools.add(table.name)
    else:
        pools = tuple(dict.fromkeys(table.texts("pools", values.name)))
        if not pools and table.value("pools") == []:
            table.refuse("pools", f'the list is empty; name pools of pools.csv, or write "{ALL_POOLS}"')
    policy = table.optional("policy", values.name, DEFAULT_POLICY)
    channel = ChannelEntity(channel=table.name, pools=pools, policy=policy)
    stated.channels[table.name] = Placed(channel, table.line(), table.key_lines())


def _service(table: Table, stated: Stated) -> None:
    service = ServiceLevelEntity(
        service=table.name,
        split_penalty=table.money("split_penalty", values.money),
        late_penalty_per_day=table.money("late_penalty_per_day", values.money),
        target_days=table.whole("target_days", values.whole_number(0, TARGET_DAYS_MAX), TARGET_DAYS_DEFAULT),
        delivered_by=table.optional("delivered_by", values.clock_time, DELIVERED_BY_DEFAULT),
    )
    stated.services[table.name] = Placed(service, table.line())


def _policy(table: Table, stated: Stated) -> None:
    has_lead = "release_lead" in table
    release = table.optional(
        "release",
        values.one_of("at-once", "before-cut-off"),
        "before-cut-off" if has_lead else "at-once",
    )
    lead_s = table.optional(
        "release_lead", values.duration_seconds if release == "at-once" else values.lead_seconds, 0
    )
    if release == "at-once" and lead_s:
        table.refuse(
            "release_lead", 'has no effect when release is "at-once"; write release = "before-cut-off"'
        )
    if release == "before-cut-off" and not has_lead:
        table.refuse("release", '"before-cut-off" needs to know how long before; write release_lead = "90m"')
    policy = PolicyEntity(
        policy=table.name,
        release=cast(Literal["at-once", "before-cut-off"], release),
        release_lead_minutes=lead_s // 60,
        release_lead_seconds=lead_s % 60,
        max_shipments=table.whole("max_shipments", values.whole_number(1, SHIPMENTS_MAX), SHIPMENTS_MAX),
        unfilled_request=cast(
            Literal["refuse", "wait"],
            table.optional("unfilled_request", values.one_of("refuse", "wait"), "refuse"),
        ),
    )
    stated.policies[table.name] = Placed(policy, table.line())


def _calendar(table: Table, stated: Stated) -> None:
    days = tuple(dict.fromkeys(table.texts("days", values.one_of(*WEEKDAYS))))
    rule = CalendarRule(
        # What could not be read is reported as that, and not as a calendar without working days.
        days=days if days or table.value("days") == [] else WEEKDAYS[:5],
        holidays=table.optional("holidays", holiday_code, ""),
        closed=_dates(table, "closed"),
        open=_dates(table, "open"),
    )
    for day in sorted(set(rule.closed) & set(rule.open)):
        table.refuse("open", f"{day} is in closed too; remove it from one of them")
    stated.calendars[table.name] = Placed(rule, table.line())


def _dates(table: Table, key: str) -> tuple[date, ...]:
    """TOML dates; dates as text are understood too."""
    listed = table.value(key)
    if listed is None:
        return ()
    dates = []
    for element in listed if isinstance(listed, list) else [listed]:
        try:
            # A TOML time stamp is a date to Python, and means something else.
            if type(element) is not date and not isinstance(element, str):
                raise ValueError
            dates.append(element if isinstance(element, date) else date.fromisoformat(element))
        except ValueError:
            table.refuse(key, f"{str(element)[:60]} is no date; write for example {key} = [2026-12-24]")
    return tuple(dates)


def _zone(table: Table, stated: Stated) -> None:
    zone = ZoneEntity(
        zone=table.name,
        country=table.optional("country", values.country, ""),
        postal_prefixes=tuple(dict.fromkeys(table.texts("postal_prefixes", values.postal_prefix))),
        time_zone=table.optional("time_zone", values.time_zone, ""),
        calendar=table.optional("calendar", values.name, ""),
    )
    stated.zones[table.name] = Placed(zone, table.line(), table.key_lines())


def _carrier(table: Table, stated: Stated) -> None:
    calendar = table.optional("calendar", values.name, "")
    stated.carriers[table.name] = Placed(calendar, table.line(), table.key_lines())
