"""The calendars in force reach far enough: behind their end no truck leaves, and no order finds a place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime

from cli.doctor.deployment import Deployment
from cli.doctor.findings import Finding, fail, ok, warn
from cli.shared.connection import Connection
from cli.shared.remembered import catalogs
from schemas.reference import CalendarEntity
from schemas.topics import CATALOG

DAYS_LEFT_MIN = 90
"""An apply carries them on for more than a year, and is due once a quarter."""


def look(deployment: Deployment) -> Iterator[Finding]:
    """Each network whose calendars end soon; nothing for a role that may not read what the router remembers."""
    name, partitions = deployment.names.of(CATALOG), deployment.partitions
    if partitions is None or not any(right.covers(name) for right in deployment.needs):
        return
    connection = Connection(deployment.properties, deployment.names, partitions, deployment.admin)
    in_force = catalogs(connection, range(partitions), lambda kind, _name: kind == "calendar")
    ends = {
        network: min(each.last for each in entities.values() if isinstance(each, CalendarEntity))
        for network, entities in in_force.items()
        if entities
    }
    yield from findings_of(ends, datetime.now(UTC).date())


def findings_of(ends: Mapping[str, date], today: date) -> Iterator[Finding]:
    """By the day on which the first calendar of each network ends."""
    expected = f"at least {DAYS_LEFT_MIN} days ahead"
    remedy = "Apply its directory as it is: that carries them on for more than a year"
    early = {network: last for network, last in sorted(ends.items()) if (last - today).days < DAYS_LEFT_MIN}
    for network, last in early.items():
        if last < today:
            yield fail(
                f"calendars of network {network} have ended on {last}: its orders find no truck",
                expected,
                remedy,
            )
        else:
            days = (last - today).days
            yield warn(f"calendars of network {network} end on {last}, in {days} days", expected, remedy)
    if ends and not early:
        yield ok(f"the calendars of every network reach to {min(ends.values())} at least")
