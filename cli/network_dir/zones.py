"""Zones: each must be complete, and a postal code must belong to one of them only."""

from __future__ import annotations

from cli.network_dir.defaults import completed_zone
from cli.network_dir.faults import Faults
from cli.network_dir.stated import NETWORK_FILE, Stated
from cli.words.names import closest


def check_zones(stated: Stated, faults: Faults) -> None:
    """Reports zones that lack what their country does not imply, and zones that claim the same places."""
    claimed: dict[tuple[str, str], tuple[str, int | None]] = {}
    for name, placed in stated.zones.items():
        zone, line = completed_zone(placed.entity), placed.line
        if not zone.country:
            # A faulty or misspelt one has been said, and what it is meant to be is not known.
            if not any(closest(key, ["country"]) for key in placed.key_lines):
                faults.add(NETWORK_FILE, line, f'[zones.{name}] has no key "country"; write country = "FR"')
            continue
        for key, value in (("time_zone", zone.time_zone), ("calendar", zone.calendar)):
            if not value and not any(closest(written, [key]) for written in placed.key_lines):
                found = f'[zones.{name}] has no key "{key}", and none is known for country "{zone.country}"'
                faults.add(NETWORK_FILE, line, f"{found}; write {key}")
        for prefix in zone.postal_prefixes or ("",):
            other = claimed.setdefault((zone.country, prefix), (name, line))
            if other[0] != name:
                what = (
                    f'postal codes of {zone.country} that begin with "{prefix}"'
                    if prefix
                    else f"all of {zone.country}"
                )
                found = f"zones.{name} claims {what}, as zones.{other[0]} on line {other[1]} does"
                faults.add(
                    NETWORK_FILE, line, f"{found}; keep the claim in one of them, or write longer prefixes"
                )
