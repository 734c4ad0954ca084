"""Writes the demo's network directory: the same files that a person would write, read by the same reader."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from cli.demo.places import POOLS, ZONES, lanes
from cli.demo.timetable import Timetable
from cli.network_dir.example.items import Item
from cli.network_dir.example.writing import CUTOFF_COLUMNS, ITEM_COLUMNS, LANE_COLUMNS, write_csv
from cli.network_dir.stated import CUTOFFS_FILE, ITEMS_FILE, LANES_FILE, NETWORK_FILE, POOLS_FILE

NETWORK = "eu"
CURRENCY = "EUR"
RELEASE_LEAD_S = 1
"""Orders of the patient channel are released this long before their cut-off."""

ORDERS_PER_DAY = {"3pl": 40_000, "store": 5_000}
"""By kind of pool: what the story never reaches, and a long stay may.  Distribution centres take all."""

PATIENT_CHANNEL = "web"
CHANNELS = {PATIENT_CHANNEL: 0.40, "marketplace": 0.35, "stores": 0.25}
"""Where orders come from, with their shares."""

_SETTINGS = f"""# The demo's network: written at each start, with cut-offs a few seconds ahead.
network = "{NETWORK}"
currency = "{CURRENCY}"

[channels.{PATIENT_CHANNEL}]
pools = "all"
policy = "patient"

[channels.marketplace]
pools = ["dc-paris", "dc-leipzig", "dc-zaragoza", "3pl-lille", "3pl-hamburg", "3pl-porto"]

[channels.stores]
pools = "all"

[services.standard]
split_penalty = "2.00"
late_penalty_per_day = "4.00"
target_days = 2

[services.express]
split_penalty = "3.00"
late_penalty_per_day = "12.00"
target_days = 2

[policies.default]
release = "at-once"
max_shipments = 3

[policies.patient]
# The warehouse is told just before the truck must be packed; until then a plan changes without asking it.
release = "before-cut-off"
release_lead = "{RELEASE_LEAD_S}s"
max_shipments = 3
unfilled_request = "wait"
"""


def write_network(directory: Path, trucks: Timetable, assortment: Iterable[Item]) -> None:
    """Write all files of the directory, which must exist."""
    (directory / NETWORK_FILE).write_text(_SETTINGS + "".join(_zones()), encoding="utf-8")
    write_csv(
        directory / POOLS_FILE,
        ("pool", "kind", "time_zone", "handling_per_unit", "pick_minutes", "wms", "capabilities", "orders_per_day"),
        (
            (
                pool.pool, pool.kind, pool.time_zone, pool.handling_per_unit, trucks.lead_minutes, pool.wms,
                pool.capabilities, ORDERS_PER_DAY.get(pool.kind, 0),
            )
            for pool in POOLS
        ),
    )  # fmt: skip
    write_csv(directory / LANES_FILE, LANE_COLUMNS, lanes())
    cutoffs = (
        (each.pool, each.carrier, each.service, f"{each.collection:%H:%M:%S}") for each in trucks.departures
    )
    write_csv(directory / CUTOFFS_FILE, CUTOFF_COLUMNS, cutoffs)
    write_csv(directory / ITEMS_FILE, ITEM_COLUMNS, (item[:4] for item in assortment))


def _zones() -> Iterable[str]:
    for zone in ZONES:
        prefixes = ", ".join(f'"{prefix}"' for prefix in zone.postal_prefixes)
        yield f'\n[zones.{zone.zone}]\ncountry = "{zone.country}"\ncalendar = "every-day"\n'
        if prefixes:
            yield f"postal_prefixes = [{prefixes}]\n"
