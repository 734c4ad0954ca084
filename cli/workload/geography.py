"""How far a parcel travels."""

from __future__ import annotations

import math

EARTH_RADIUS_KM = 6_371
ROADS_PER_STRAIGHT_LINE = 1.25
"""Roads wind: the way of a truck is about a quarter longer than the great circle."""

Coordinates = tuple[float, float]
"""Latitude and longitude in degrees."""


def road_km(start: Coordinates, end: Coordinates) -> float:
    """The way of a truck between two places: the great circle, stretched as roads are."""
    latitude, other_latitude = math.radians(start[0]), math.radians(end[0])
    difference = math.radians(end[1] - start[1])
    half_chord = (
        math.sin((other_latitude - latitude) / 2) ** 2
        + math.cos(latitude) * math.cos(other_latitude) * math.sin(difference / 2) ** 2
    )
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(half_chord)) * ROADS_PER_STRAIGHT_LINE
