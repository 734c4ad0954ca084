"""The presets have the shapes that real demand has."""

from collections import Counter
from random import Random

import pytest

from cli.workload.baskets import GENERAL, MARKETPLACE, BasketKind, Baskets
from cli.workload.cities import CityDemand
from cli.workload.geography import road_km
from cli.workload.popularity import HEAD_RANKS, Popularity

DRAWS = 20_000


@pytest.mark.parametrize(("kind", "mean"), [(MARKETPLACE, 1.13), (GENERAL, 2.0)])
def test_lines_of_an_order(kind: BasketKind, mean: float) -> None:
    assert kind.lines_mean == pytest.approx(mean, rel=0.05)
    baskets = Baskets(kind, Popularity(5_000))
    random = Random(1)
    drawn = [baskets.draw(random) for _ in range(2_000)]
    assert sum(map(len, drawn)) / len(drawn) == pytest.approx(mean, rel=0.1)
    assert all(len({rank for rank, _ in basket}) == len(basket) for basket in drawn)


def test_most_lines_are_for_one_unit() -> None:
    baskets = Baskets(GENERAL, Popularity(500))
    random = Random(2)
    quantities = Counter(quantity for _ in range(DRAWS) for _, quantity in baskets.draw(random))
    assert quantities[1] / quantities.total() == pytest.approx(0.8, abs=0.02)
    assert quantities[2] / quantities.total() == pytest.approx(0.15, abs=0.02)


def test_few_items_make_most_of_the_demand() -> None:
    shares = Popularity(68_509).shares
    assert sum(shares[:685]) == pytest.approx(0.34, abs=0.04)
    assert sum(shares[:6_851]) == pytest.approx(0.70, abs=0.04)
    assert sum(shares) == pytest.approx(1)
    # A bend at the break, not a step.
    assert shares[HEAD_RANKS] == pytest.approx(shares[HEAD_RANKS - 1], rel=0.01)


def test_an_assortment_smaller_than_a_basket_still_gives_different_items() -> None:
    large = BasketKind((0.1,) * 10)
    baskets = Baskets(large, Popularity(3))
    random = Random(3)
    assert max(len(baskets.draw(random)) for _ in range(500)) == 3


def test_large_cities_order_more_and_small_ones_order_too() -> None:
    demand = CityDemand({"FR"})
    random = Random(4)
    drawn = Counter(demand.draw(random).name for _ in range(DRAWS))
    assert drawn.most_common(1)[0][0] == "Paris"
    assert set(drawn) == {city.name for city in demand.cities}
    with pytest.raises(ValueError, match="no city is known in any of XX"):
        CityDemand({"XX"})


def test_roads_are_longer_than_the_crow_flies() -> None:
    assert road_km((48.86, 2.35), (45.76, 4.84)) == pytest.approx(490, rel=0.02)
    assert road_km((48.86, 2.35), (48.86, 2.35)) == 0


def test_the_same_seed_draws_the_same_orders() -> None:
    baskets = Baskets(GENERAL, Popularity(500))
    first, second = Random(5), Random(5)
    assert [baskets.draw(first) for _ in range(50)] == [baskets.draw(second) for _ in range(50)]
