"""Where orders come from: the large cities of a few countries, the larger ones more often.

Demand follows the rank of a city by population with an exponent of 0.71: flatter than the populations themselves,
because people in small places order more of what their shops do not have.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Collection
from itertools import accumulate
from random import Random
from typing import NamedTuple

RANK_EXPONENT = 0.71


class City(NamedTuple):
    """A city; `population` is of the city proper, in thousands."""

    name: str
    country: str
    postal_code: str
    population: int
    latitude: float
    longitude: float


CITIES = (
    City("Berlin", "DE", "10115", 3_677, 52.52, 13.41),
    City("Madrid", "ES", "28013", 3_277, 40.42, -3.70),
    City("Paris", "FR", "75011", 2_133, 48.86, 2.35),
    City("Hamburg", "DE", "20095", 1_853, 53.55, 9.99),
    City("Barcelona", "ES", "08001", 1_637, 41.39, 2.17),
    City("Munich", "DE", "80331", 1_488, 48.14, 11.58),
    City("Cologne", "DE", "50667", 1_073, 50.94, 6.96),
    City("Marseille", "FR", "13001", 873, 43.30, 5.37),
    City("Valencia", "ES", "46001", 792, 39.47, -0.38),
    City("Frankfurt", "DE", "60311", 759, 50.11, 8.68),
    City("Seville", "ES", "41001", 682, 37.39, -5.98),
    City("Zaragoza", "ES", "50001", 673, 41.65, -0.89),
    City("Stuttgart", "DE", "70173", 626, 48.78, 9.18),
    City("Dusseldorf", "DE", "40213", 619, 51.23, 6.77),
    City("Leipzig", "DE", "04109", 602, 51.34, 12.37),
    City("Malaga", "ES", "29001", 579, 36.72, -4.42),
    City("Dresden", "DE", "01067", 555, 51.05, 13.74),
    City("Lisbon", "PT", "1100-148", 545, 38.72, -9.14),
    City("Lyon", "FR", "69002", 522, 45.76, 4.84),
    City("Nuremberg", "DE", "90402", 510, 49.45, 11.08),
    City("Toulouse", "FR", "31000", 504, 43.60, 1.44),
    City("Bilbao", "ES", "48001", 344, 43.26, -2.93),
    City("Nice", "FR", "06000", 343, 43.70, 7.27),
    City("Nantes", "FR", "44000", 323, 47.22, -1.55),
    City("Montpellier", "FR", "34000", 302, 43.61, 3.88),
    City("Strasbourg", "FR", "67000", 291, 48.57, 7.75),
    City("Bordeaux", "FR", "33000", 261, 44.84, -0.58),
    City("Lille", "FR", "59000", 236, 50.63, 3.06),
    City("Porto", "PT", "4000-322", 232, 41.15, -8.61),
    City("Rennes", "FR", "35000", 225, 48.11, -1.68),
    City("Braga", "PT", "4700-030", 193, 41.55, -8.43),
    City("Reims", "FR", "51100", 180, 49.26, 4.03),
    City("Coimbra", "PT", "3000-213", 141, 40.21, -8.43),
    City("Rouen", "FR", "76000", 114, 49.44, 1.10),
    City("Faro", "PT", "8000-138", 67, 37.02, -7.94),
)


class CityDemand:
    """Draws cities as often as orders come from them."""

    def __init__(self, countries: Collection[str] | None = None) -> None:
        self.cities = sorted(
            (city for city in CITIES if countries is None or city.country in countries),
            key=lambda city: -city.population,
        )
        if not self.cities:
            raise ValueError(f"no city is known in any of {', '.join(sorted(countries or ()))}")
        self._cumulative = list(
            accumulate(rank**-RANK_EXPONENT for rank, _ in enumerate(self.cities, start=1))
        )

    def draw(self, random: Random) -> City:
        """The city of the next order."""
        return self.cities[bisect(self._cumulative, random.random() * self._cumulative[-1])]
