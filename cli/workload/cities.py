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


CITIES = (
    City("Berlin", "DE", "10115", 3_677),
    City("Madrid", "ES", "28013", 3_277),
    City("Paris", "FR", "75011", 2_133),
    City("Hamburg", "DE", "20095", 1_853),
    City("Barcelona", "ES", "08001", 1_637),
    City("Munich", "DE", "80331", 1_488),
    City("Cologne", "DE", "50667", 1_073),
    City("Marseille", "FR", "13001", 873),
    City("Valencia", "ES", "46001", 792),
    City("Frankfurt", "DE", "60311", 759),
    City("Seville", "ES", "41001", 682),
    City("Zaragoza", "ES", "50001", 673),
    City("Stuttgart", "DE", "70173", 626),
    City("Dusseldorf", "DE", "40213", 619),
    City("Leipzig", "DE", "04109", 602),
    City("Malaga", "ES", "29001", 579),
    City("Dresden", "DE", "01067", 555),
    City("Lisbon", "PT", "1100-148", 545),
    City("Lyon", "FR", "69002", 522),
    City("Nuremberg", "DE", "90402", 510),
    City("Toulouse", "FR", "31000", 504),
    City("Bilbao", "ES", "48001", 344),
    City("Nice", "FR", "06000", 343),
    City("Nantes", "FR", "44000", 323),
    City("Montpellier", "FR", "34000", 302),
    City("Strasbourg", "FR", "67000", 291),
    City("Bordeaux", "FR", "33000", 261),
    City("Lille", "FR", "59000", 236),
    City("Porto", "PT", "4000-322", 232),
    City("Rennes", "FR", "35000", 225),
    City("Braga", "PT", "4700-030", 193),
    City("Reims", "FR", "51100", 180),
    City("Coimbra", "PT", "3000-213", 141),
    City("Rouen", "FR", "76000", 114),
    City("Faro", "PT", "8000-138", 67),
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
