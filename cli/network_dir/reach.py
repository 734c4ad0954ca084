"""What nobody can reach or use: zones without a pool, pools without a lane, words written in vain."""

from __future__ import annotations

from collections.abc import Collection

from cli.network_dir.defaults import pools_of_channel, zones_in_use
from cli.network_dir.faults import Faults
from cli.network_dir.stated import CUTOFFS_FILE, ITEMS_FILE, LANES_FILE, NETWORK_FILE, POOLS_FILE, Stated
from cli.words.names import shown

SOME = 3
"""Of many pools, as many are named."""


def check_reach(stated: Stated, faults: Faults) -> None:
    """Needs all files: what cannot be reached is only known when everything could be read."""
    _check_not_empty(stated, faults)
    _check_zones_are_reached(stated, faults)


def check_use(stated: Stated, faults: Faults) -> None:
    """Needs a directory without faults: otherwise most of what is unused would follow from them."""
    _check_pools_are_used(stated, faults)
    _check_cutoffs_are_used(stated, faults)
    _check_restrictions(stated, faults)
    _check_settings_are_used(stated, faults)


def _check_not_empty(stated: Stated, faults: Faults) -> None:
    if not stated.channels and "channels" not in stated.doubtful:
        faults.add(NETWORK_FILE, None, 'there is no channel; write [channels.web] with pools = "all"')
    if not stated.services and "services" not in stated.doubtful:
        faults.add(NETWORK_FILE, None, "there is no service level; write [services.standard]")
    for file, table in ((POOLS_FILE, stated.pools), (LANES_FILE, stated.lanes)):
        if not table:
            faults.add(file, None, "the file has no rows below its header; write at least one")


def _check_zones_are_reached(stated: Stated, faults: Faults) -> None:
    pools_by_zone: dict[str, set[str]] = {zone: set() for zone in zones_in_use(stated)}
    for placed in (stated.lanes or {}).values():
        pools_by_zone.setdefault(placed.entity.zone, set()).add(placed.entity.pool)
    # A channel without any pool has been reported as that.
    channels = {
        channel: pools for channel in stated.channels if (pools := set(pools_of_channel(stated, channel)))
    }
    for zone, pools in pools_by_zone.items():
        file, line = _place_of_zone(stated, zone)
        if not pools:
            faults.add(
                file, line, f"zone {shown(zone)} is reached by no lane; add one to {LANES_FILE}, or remove it"
            )
            continue
        without = [channel for channel, allowed in channels.items() if not pools & allowed]
        if channels and len(without) == len(channels):
            remedy = f"add one of {_some(pools)} to a channel's pools"
            faults.add(file, line, f"zone {shown(zone)} is reached by no pool of any channel; {remedy}")
            continue
        for channel in without:
            found = f"zone {shown(zone)} is reached by no pool of channel {shown(channel)}"
            faults.warn(file, line, f"{found}, so its orders there will wait; add a lane or a pool")


def _place_of_zone(stated: Stated, zone: str) -> tuple[str, int | None]:
    if zone in stated.zones:
        return NETWORK_FILE, stated.zones[zone].line
    lines = [placed.line for placed in (stated.lanes or {}).values() if placed.entity.zone == zone]
    return LANES_FILE, lines[0] if lines else None


def _check_pools_are_used(stated: Stated, faults: Faults) -> None:
    with_lane = {placed.entity.pool for placed in (stated.lanes or {}).values()}
    in_channel = {pool for channel in stated.channels for pool in pools_of_channel(stated, channel)}
    for pool, placed in (stated.pools or {}).items():
        if pool not in with_lane:
            message = (
                f"pool {shown(pool)} has no lane, so nothing can be shipped from it; add one to {LANES_FILE}"
            )
            faults.warn(POOLS_FILE, placed.line, message)
        elif stated.channels and pool not in in_channel:
            message = (
                f"pool {shown(pool)} is in no channel, so no order is filled from it; add it to [channels]"
            )
            faults.warn(POOLS_FILE, placed.line, message)


def _check_cutoffs_are_used(stated: Stated, faults: Faults) -> None:
    used = {(pool, carrier, service) for pool, _, service, carrier in stated.lanes or ()}
    for key, placed in (stated.cutoffs or {}).items():
        if key not in used:
            message = f"no lane of {LANES_FILE} uses this cut-off; remove it, or add the lane"
            faults.warn(CUTOFFS_FILE, placed.line, message)


def _check_restrictions(stated: Stated, faults: Faults) -> None:
    """Each combination of restrictions is pointed out once, at the first item that has it."""
    if not stated.items:
        faults.warn(ITEMS_FILE, None, "the file has no rows below its header, so every order will wait")
    capabilities = [set(placed.entity.capabilities) for placed in (stated.pools or {}).values()]
    seen: set[tuple[str, ...]] = set()
    for placed in (stated.items or {}).values():
        restrictions = placed.entity.restrictions
        if restrictions in seen:
            continue
        seen.add(restrictions)
        if not any(set(restrictions) <= offered for offered in capabilities):
            found = f"sku {shown(placed.entity.sku)} may be shipped from no pool: none has the capabilities"
            message = f'{found} "{" ".join(restrictions)}"; add them to a pool of {POOLS_FILE}'
            faults.warn(ITEMS_FILE, placed.line, message)


def _check_settings_are_used(stated: Stated, faults: Faults) -> None:
    lanes = [placed.entity for placed in (stated.lanes or {}).values()]
    used_calendars = {zone.calendar for zone in zones_in_use(stated).values()}
    used_calendars |= {placed.entity.calendar for placed in (stated.pools or {}).values()}
    used_calendars |= {placed.entity for placed in stated.carriers.values()}

    def point_out(section: str, stated_lines: dict[str, int | None], used: Collection[str], by: str) -> None:
        for name, line in stated_lines.items():
            if name not in used:
                faults.warn(NETWORK_FILE, line, f"{section}.{name} is used by no {by}; remove it, or use it")

    services = {name: placed.line for name, placed in stated.services.items()}
    point_out("services", services, {lane.service for lane in lanes}, "lane")
    carriers = {name: placed.line for name, placed in stated.carriers.items()}
    point_out("carriers", carriers, {lane.carrier for lane in lanes}, "lane")
    policies = {name: placed.line for name, placed in stated.policies.items()}
    point_out("policies", policies, {placed.entity.policy for placed in stated.channels.values()}, "channel")
    calendars = {name: placed.line for name, placed in stated.calendars.items()}
    point_out("calendars", calendars, used_calendars, "pool, zone or carrier")


def _some(names: Collection[str]) -> str:
    first = [shown(name) for name in sorted(names)[:SOME]]
    return ", ".join(first) + (", ..." if len(names) > SOME else "")
