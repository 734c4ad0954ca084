"""The demo's pools, zones and lanes: twelve places in four countries that a retailer would recognise."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cli.network_dir.example.places import Lane, carriage
from cli.workload.geography import road_km


class Pool(NamedTuple):
    """A place that holds stock; money as the file shows it."""

    pool: str
    kind: str
    country: str
    latitude: float
    longitude: float
    time_zone: str
    handling_per_unit: str
    wms: str
    capabilities: str


class Zone(NamedTuple):
    """A delivery area, where its middle is, and which postal codes it takes; none means the rest."""

    zone: str
    country: str
    latitude: float
    longitude: float
    postal_prefixes: tuple[str, ...] = ()


WAREHOUSES = "manhattan"
PARTNERS = "logipartner"
STORES = "storeapp"
SYSTEMS = (WAREHOUSES, PARTNERS, STORES)
"""The systems that run the pools; each numbers the physical events of its pools, and nobody else does."""

_ALL = "hazmat lithium oversize cool"
_MOST = "lithium oversize cool"
_SMALL = "lithium"

POOLS = (
    Pool("dc-paris", "dc", "FR", 48.99, 2.52, "Europe/Paris", "0.42", WAREHOUSES, _ALL),
    Pool("dc-leipzig", "dc", "DE", 51.42, 12.23, "Europe/Berlin", "0.45", WAREHOUSES, _ALL),
    Pool("dc-zaragoza", "dc", "ES", 41.66, -1.04, "Europe/Madrid", "0.36", WAREHOUSES, _ALL),
    Pool("3pl-lille", "3pl", "FR", 50.63, 3.06, "Europe/Paris", "0.65", PARTNERS, _MOST),
    Pool("3pl-hamburg", "3pl", "DE", 53.55, 9.99, "Europe/Berlin", "0.70", PARTNERS, _MOST),
    Pool("3pl-porto", "3pl", "PT", 41.15, -8.61, "Europe/Lisbon", "0.58", PARTNERS, _MOST),
    Pool("store-paris", "store", "FR", 48.87, 2.33, "Europe/Paris", "1.20", STORES, _SMALL),
    Pool("store-lyon", "store", "FR", 45.76, 4.84, "Europe/Paris", "1.10", STORES, _SMALL),
    Pool("store-berlin", "store", "DE", 52.52, 13.41, "Europe/Berlin", "1.15", STORES, _SMALL),
    Pool("store-munich", "store", "DE", 48.14, 11.58, "Europe/Berlin", "1.25", STORES, _SMALL),
    Pool("store-madrid", "store", "ES", 40.42, -3.70, "Europe/Madrid", "0.95", STORES, _SMALL),
    Pool("store-lisbon", "store", "PT", 38.72, -9.14, "Europe/Lisbon", "0.90", STORES, _SMALL),
)

ZONES = (
    Zone("FR", "FR", 48.2, 2.3),
    Zone("FR-south", "FR", 44.0, 4.5, ("06", "13", "30", "31", "33", "34", "69", "83", "84")),
    Zone("DE", "DE", 52.0, 10.0),
    Zone("DE-south", "DE", 48.6, 11.0, ("7", "8", "90", "91", "92", "93", "94")),
    Zone("ES", "ES", 40.3, -3.0),
    Zone("PT", "PT", 39.6, -8.5),
)

STANDARD = "standard"
EXPRESS = "express"
EXPRESS_CARRIER = "dpd"
STANDARD_CARRIERS = {"FR": "colissimo", "DE": "dhl-paket", "ES": "correos", "PT": "ctt"}

_STORE_PICKUP = 1.20
"""The van that collects a few parcels from a shop costs more for each than a trailer at a warehouse."""


def carrier_of(pool: Pool, service: str) -> str:
    """Who collects from the pool for a service."""
    return EXPRESS_CARRIER if service == EXPRESS else STANDARD_CARRIERS[pool.country]


def lanes() -> Iterator[Lane]:
    """Every pool to every zone that it serves: stores serve their own country."""
    for pool in POOLS:
        for zone in ZONES:
            abroad = pool.country != zone.country
            if abroad and pool.kind == "store":
                continue
            for service in (STANDARD, EXPRESS):
                distance_km = road_km((pool.latitude, pool.longitude), (zone.latitude, zone.longitude))
                fixed, per_kg = carriage(service, distance_km, abroad=abroad)
                fixed += _STORE_PICKUP if pool.kind == "store" else 0
                yield Lane(
                    pool.pool,
                    zone.zone,
                    service,
                    carrier_of(pool, service),
                    2 if abroad else 1,
                    f"{fixed:.2f}",
                    f"{per_kg:.2f}",
                )
