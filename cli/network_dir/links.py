"""Names that refer to something: each must be stated somewhere."""

from __future__ import annotations

from collections.abc import Collection

from cli.network_dir.defaults import derived_calendar, derived_policy, is_country
from cli.network_dir.faults import Faults
from cli.network_dir.stated import (
    CUTOFFS_FILE,
    ITEM_POOLS_FILE,
    ITEMS_FILE,
    LANES_FILE,
    NETWORK_FILE,
    POOLS_FILE,
    Stated,
)
from cli.words.names import did_you_mean, shown

NAMES_GUESSED_MAX = 100
"""Unknown names for which a known one is looked for that may be meant."""


class Links:
    """Checks one directory.

    What could not be read is not blamed on the others: any name is known there.  Nor is what says nothing at all, which
    is one fault and not one for each row that refers to it.
    """

    def __init__(self, stated: Stated, faults: Faults) -> None:
        self._stated = stated
        self._faults = faults
        self._meant: dict[tuple[str, str], str] = {}

    def check(self) -> None:
        """Reports every reference to nothing."""
        self._check_channels()
        self._check_calendars()
        self._check_lanes()
        self._check_lanes_have_cutoffs()
        self._check_cutoffs()
        self._check_item_pools()

    def _check_channels(self) -> None:
        for channel, placed in self._stated.channels.items():
            where, line = f"channels.{channel}.pools:", placed.line_of("pools")
            for pool in placed.entity.pools:
                self._known(NETWORK_FILE, line, where, pool, self._stated.pools, POOLS_FILE)
            policy = placed.entity.policy
            if self._can_tell("policies") and derived_policy(policy) is None:
                where, section = f"channels.{channel}.policy:", f"[policies] of {NETWORK_FILE}"
                self._known(
                    NETWORK_FILE, placed.line_of("policy"), where, policy, self._stated.policies, section
                )

    def _check_calendars(self) -> None:
        for placed in (self._stated.pools or {}).values():
            self._known_calendar(POOLS_FILE, placed.line, "calendar", placed.entity.calendar)
        for zone, placed_zone in self._stated.zones.items():
            where = f"zones.{zone}.calendar:"
            self._known_calendar(
                NETWORK_FILE, placed_zone.line_of("calendar"), where, placed_zone.entity.calendar
            )
        for carrier, placed_carrier in self._stated.carriers.items():
            where = f"carriers.{carrier}.calendar:"
            self._known_calendar(
                NETWORK_FILE, placed_carrier.line_of("calendar"), where, placed_carrier.entity
            )

    def _known_calendar(self, file: str, line: int | None, where: str, calendar: str) -> None:
        if calendar and self._can_tell("calendars") and derived_calendar(calendar) is None:
            self._known(file, line, where, calendar, self._stated.calendars, f"[calendars] of {NETWORK_FILE}")

    def _check_lanes(self) -> None:
        for placed in (self._stated.lanes or {}).values():
            lane, line = placed.entity, placed.line
            self._known(LANES_FILE, line, "pool", lane.pool, self._stated.pools, POOLS_FILE)
            self._known_service(LANES_FILE, line, lane.service)
            self._known_carrier(LANES_FILE, line, lane.carrier)
            if self._can_tell("zones") and lane.zone not in self._stated.zones and not is_country(lane.zone):
                remedy = (
                    did_you_mean(lane.zone, self._stated.zones) or f"; write [zones.{_toml_key(lane.zone)}]"
                )
                found = f"zone {shown(lane.zone)} is neither in [zones] of {NETWORK_FILE} nor a country"
                self._faults.add(LANES_FILE, line, f"{found}{remedy}")

    def _check_lanes_have_cutoffs(self) -> None:
        """Without the time of the truck no lane can promise anything; each missing one is said once."""
        cutoffs = self._stated.cutoffs
        if cutoffs is None or CUTOFFS_FILE in self._stated.doubtful:
            return
        missing: set[tuple[str, ...]] = set()
        for placed in (self._stated.lanes or {}).values():
            lane = placed.entity
            key = (lane.pool, lane.carrier, lane.service)
            if key in cutoffs or key in missing or self._dangles(lane.pool, lane.service, lane.carrier):
                continue
            missing.add(key)
            carriers = [
                carrier for pool, carrier, service in cutoffs if (pool, service) == (lane.pool, lane.service)
            ]
            remedy = did_you_mean(lane.carrier, carriers) or f"; add for example {','.join(key)},15:00"
            self._faults.add(
                LANES_FILE,
                placed.line,
                f"no row of {CUTOFFS_FILE} says when carrier {shown(lane.carrier)} leaves "
                f"pool {shown(lane.pool)} for service {shown(lane.service)}{remedy}",
            )

    def _dangles(self, pool: str, service: str, carrier: str) -> bool:
        """Whether one of the names has been reported already."""
        stated = self._stated
        return (
            (stated.pools is not None and pool not in stated.pools)
            or (stated.settings is not None and service not in stated.services)
            or bool(stated.carriers and carrier not in stated.carriers)
        )

    def _check_cutoffs(self) -> None:
        for (pool, carrier, service), placed in (self._stated.cutoffs or {}).items():
            self._known(CUTOFFS_FILE, placed.line, "pool", pool, self._stated.pools, POOLS_FILE)
            self._known_service(CUTOFFS_FILE, placed.line, service)
            self._known_carrier(CUTOFFS_FILE, placed.line, carrier)

    def _check_item_pools(self) -> None:
        for placed in (self._stated.item_pools or {}).values():
            entity, line = placed.entity, placed.line
            self._known(ITEM_POOLS_FILE, line, "sku", entity.sku, self._stated.items, ITEMS_FILE)
            self._known(ITEM_POOLS_FILE, line, "pool", entity.pool, self._stated.pools, POOLS_FILE)

    def _can_tell(self, section: str) -> bool:
        """Whether all of a section of network.toml could be read."""
        return self._stated.settings is not None and section not in self._stated.doubtful

    def _known_service(self, file: str, line: int | None, service: str) -> None:
        if self._can_tell("services") and self._stated.services:
            section = f"[services] of {NETWORK_FILE}"
            self._known(file, line, "service", service, self._stated.services, section)

    def _known_carrier(self, file: str, line: int | None, carrier: str) -> None:
        """Either every carrier is in [carriers], or there are none and each collects on every day."""
        if self._can_tell("carriers") and self._stated.carriers:
            section = f"[carriers] of {NETWORK_FILE}"
            self._known(file, line, "carrier", carrier, self._stated.carriers, section)

    def _known(
        self, file: str, line: int | None, where: str, written: str, known: Collection[str] | None, place: str
    ) -> None:
        if known is None or place in self._stated.doubtful or (place == POOLS_FILE and not known):
            return  # It was not read, or says nothing, and that is one fault.
        if written not in known:
            remedy = self._did_you_mean(written, known, place) or "; add it there, or correct the name"
            self._faults.add(file, line, f"{where} {shown(written)} is not in {place}{remedy}")

    def _did_you_mean(self, written: str, known: Collection[str], place: str) -> str:
        """Looked for once for each name, and for the first names only: among a million items it takes its time."""
        name = (place, written)
        if name not in self._meant and len(self._meant) < NAMES_GUESSED_MAX:
            self._meant[name] = did_you_mean(written, known)
        return self._meant.get(name, "")


def _toml_key(name: str) -> str:
    return name if name.replace("-", "").replace("_", "").isalnum() and name.isascii() else f'"{name}"'
