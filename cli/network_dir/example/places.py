"""The example's pools and zones, and the lanes between them: cost and transit follow the distance."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cli.workload.geography import road_km


class Pool(NamedTuple):
    """A place of the example; money and minutes as the file shows them."""

    pool: str
    kind: str
    country: str
    latitude: float
    longitude: float
    time_zone: str
    calendar: str
    handling_per_unit: str
    orders_per_day: int
    pick_minutes: int
    wms: str
    capabilities: str


class Zone(NamedTuple):
    """A delivery area and roughly its middle."""

    zone: str
    country: str
    latitude: float
    longitude: float


class Lane(NamedTuple):
    """A row of lanes.csv."""

    pool: str
    zone: str
    service: str
    carrier: str
    transit_days: int
    fixed: str
    per_kg: str


POOLS = (
    Pool("dc-paris", "dc", "FR", 48.99, 2.52, "Europe/Paris", "fr-weekdays", "0.42", 20_000, 90,
         "manhattan", "hazmat lithium oversize cool"),
    Pool("dc-leipzig", "dc", "DE", 51.42, 12.23, "Europe/Berlin", "de-weekdays", "0.45", 16_000, 90,
         "manhattan", "hazmat lithium oversize cool"),
    Pool("dc-zaragoza", "dc", "ES", 41.66, -1.04, "Europe/Madrid", "es-weekdays", "0.36", 12_000, 105,
         "manhattan", "hazmat lithium oversize"),
    Pool("3pl-lille", "3pl", "FR", 50.63, 3.06, "Europe/Paris", "fr-weekdays", "0.65", 3_000, 120,
         "logipartner", "lithium oversize cool"),
    Pool("3pl-porto", "3pl", "PT", 41.15, -8.61, "Europe/Lisbon", "pt-weekdays", "0.58", 2_500, 120,
         "logipartner", "lithium oversize"),
    Pool("3pl-tampere", "3pl", "FI", 61.50, 23.76, "Europe/Helsinki", "fi-weekdays", "0.82", 1_500, 120,
         "logipartner", "lithium oversize cool"),
    Pool("store-paris", "store", "FR", 48.87, 2.33, "Europe/Paris", "fr-shops", "1.20", 60, 120,
         "storeapp", "lithium"),
    Pool("store-lyon", "store", "FR", 45.76, 4.84, "Europe/Paris", "fr-shops", "1.10", 40, 120,
         "storeapp", "lithium"),
    Pool("store-marseille", "store", "FR", 43.30, 5.37, "Europe/Paris", "fr-shops", "1.10", 30, 120,
         "storeapp", "lithium"),
    Pool("store-berlin", "store", "DE", 52.52, 13.41, "Europe/Berlin", "de-shops", "1.15", 60, 120,
         "storeapp", "lithium"),
    Pool("store-munich", "store", "DE", 48.14, 11.58, "Europe/Berlin", "de-shops", "1.25", 45, 120,
         "storeapp", "lithium"),
    Pool("store-madrid", "store", "ES", 40.42, -3.70, "Europe/Madrid", "es-shops", "0.95", 50, 150,
         "storeapp", "lithium"),
    Pool("store-barcelona", "store", "ES", 41.39, 2.17, "Europe/Madrid", "es-shops", "0.95", 40, 150,
         "storeapp", "lithium"),
    Pool("store-lisbon", "store", "PT", 38.72, -9.14, "Europe/Lisbon", "pt-shops", "0.90", 35, 150,
         "storeapp", "lithium"),
    Pool("store-helsinki", "store", "FI", 60.17, 24.94, "Europe/Helsinki", "fi-shops", "1.45", 35, 120,
         "storeapp", "lithium"),
    Pool("supplier-bordeaux", "supplier", "FR", 44.84, -0.58, "Europe/Paris", "fr-weekdays", "0.00", 120,
         1_440, "supplierhub", "oversize"),
)  # fmt: skip

ZONES = (
    Zone("FR", "FR", 48.2, 2.3),
    Zone("FR-south", "FR", 43.6, 5.0),
    Zone("DE", "DE", 52.0, 10.0),
    Zone("DE-south", "DE", 48.6, 11.0),
    Zone("ES", "ES", 40.3, -3.0),
    Zone("PT", "PT", 39.6, -8.5),
    Zone("FI", "FI", 61.2, 24.6),
    Zone("BE", "BE", 50.8, 4.4),
)

SERVICES = ("express", "standard", "economy")
CARRIERS = {"express": "dpd", "economy": "gls"}
STANDARD_CARRIERS = {"FR": "colissimo", "DE": "dhl-paket", "ES": "correos", "PT": "ctt", "FI": "posti"}

# When the trucks come: to a warehouse at the end of the shift, to a store earlier; express leaves last.
COLLECTIONS = {
    "dc": {"express": "20:30", "standard": "18:00", "economy": "16:00"},
    "3pl": {"express": "19:00", "standard": "17:00", "economy": "15:30"},
    "store": {"express": "18:30", "standard": "16:30", "economy": "15:00"},
    "supplier": {"express": "15:00", "standard": "15:00", "economy": "15:00"},
}

_ROAD_KM_PER_DAY = {"express": 1_300, "standard": 750, "economy": 550}
_FIXED = {"express": 8.90, "standard": 4.40, "economy": 3.20}
_PER_KM = {"express": 0.0045, "standard": 0.0020, "economy": 0.0014}
_BORDER = {"express": 4.00, "standard": 2.40, "economy": 1.60}
_PER_KG = {"express": 0.90, "standard": 0.35, "economy": 0.25}
_EXPRESS_DAYS_MAX = 3


def lanes() -> Iterator[Lane]:
    """Every pool to every zone and service that it plausibly serves."""
    for pool in POOLS:
        for zone in ZONES:
            distance_km = road_km((pool.latitude, pool.longitude), (zone.latitude, zone.longitude))
            for service in SERVICES:
                transit_days = _transit_days(pool, zone, service, distance_km)
                if _serves(pool, zone, service, transit_days):
                    yield _lane(pool, zone, service, transit_days, distance_km)


def cutoffs() -> Iterator[tuple[str, str, str, str]]:
    """Pool, carrier, service and the time of the truck, once for all lanes that use it."""
    used = dict.fromkeys((lane.pool, lane.carrier, lane.service) for lane in lanes())
    kinds = {pool.pool: pool.kind for pool in POOLS}
    for pool, carrier, service in used:
        yield pool, carrier, service, COLLECTIONS[kinds[pool]][service]


def _serves(pool: Pool, zone: Zone, service: str, transit_days: int) -> bool:
    """Stores and the supplier serve their own country; express is only sold where it is fast."""
    if service == "express" and (transit_days > _EXPRESS_DAYS_MAX or pool.kind == "supplier"):
        return False
    if service == "economy" and pool.kind == "store":
        return False
    return pool.kind in {"dc", "3pl"} or pool.country == zone.country


def _transit_days(pool: Pool, zone: Zone, service: str, distance_km: float) -> int:
    border_days = 1 if pool.country != zone.country and service != "express" else 0
    least_days = {"express": 1, "standard": 1, "economy": 2}[service]
    return least_days + int(distance_km / _ROAD_KM_PER_DAY[service]) + border_days


def _lane(pool: Pool, zone: Zone, service: str, transit_days: int, distance_km: float) -> Lane:
    carriers = {**CARRIERS, "standard": STANDARD_CARRIERS[pool.country]}
    fixed, per_kg = carriage(service, distance_km, abroad=pool.country != zone.country)
    return Lane(
        pool.pool, zone.zone, service, carriers[service], transit_days, f"{fixed:.2f}", f"{per_kg:.2f}"
    )


def carriage(service: str, distance_km: float, *, abroad: bool) -> tuple[float, float]:
    """What a parcel costs on that way: by itself, and for each kilogram."""
    fixed = _FIXED[service] + _PER_KM[service] * distance_km + (_BORDER[service] if abroad else 0.0)
    return fixed, _PER_KG[service] * (1 + distance_km / 2_000)
