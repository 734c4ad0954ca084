"""The example's 500 items: clothes, shoes, things for the home, and a few that are hard to ship."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import NamedTuple


class Item(NamedTuple):
    """A row of items.csv, and the category that decides where it is kept."""

    sku: str
    unit: str
    weight_grams: int
    restrictions: str
    category: str


class _Category(NamedTuple):
    """Articles with their weight, in all variants: `articles` x `variants` x `sizes` items."""

    category: str
    unit: str
    restrictions: str
    articles: tuple[tuple[str, int], ...]
    variants: tuple[str, ...]
    sizes: tuple[str, ...]


_LETTER_SIZES = ("xs", "s", "m", "l", "xl")
_SHOE_SIZES = tuple(str(size) for size in range(36, 46))

_CATEGORIES = (
    _Category("shirts", "EA", "", (("tee", 180), ("polo", 240), ("oxford", 280), ("linen", 230)),
              ("white", "navy", "black", "olive", "sand"), _LETTER_SIZES),
    _Category("jeans", "EA", "", (("jeans-slim", 620), ("jeans-wide", 700)),
              ("blue", "black", "stone"), tuple(str(size) for size in range(28, 38))),
    _Category("shoes", "PR", "", (("runner", 780), ("court", 860), ("loafer", 810), ("boot", 1_350),
                                  ("sandal", 520)),
              ("black", "white"), _SHOE_SIZES),
    _Category("jackets", "EA", "", (("parka", 1_450), ("blouson", 980), ("rain", 540)),
              ("navy", "black", "olive", "red"), _LETTER_SIZES),
    _Category("kitchen", "EA", "", (("mug", 380), ("bowl", 450), ("plate", 620), ("carafe", 900),
                                    ("pan", 1_600), ("casserole", 4_200), ("board", 1_100),
                                    ("kettle", 1_300)),
              ("white", "grey", "blue", "green", "terracotta"), ("",)),
    _Category("lamps", "EA", "", (("lamp-desk", 1_400), ("lamp-floor", 5_200), ("lamp-wall", 900),
                                  ("lamp-clip", 600), ("lamp-night", 450)),
              ("white", "black", "brass", "oak"), ("",)),
    _Category("furniture", "EA", "oversize", (("armchair", 21_000), ("stool", 5_500), ("shelf", 17_000),
                                              ("table", 28_000), ("bench", 14_000), ("bed", 46_000)),
              ("oak", "walnut", "white", "black", "grey"), ("",)),
    _Category("fragrance", "EA", "hazmat", (("perfume-fig", 320), ("perfume-cedar", 320),
                                            ("perfume-rose", 320), ("cologne", 410), ("hairspray", 350)),
              ("30ml", "50ml", "100ml"), ("single", "gift")),
    _Category("electronics", "EA", "lithium", (("headphones", 310), ("speaker", 680), ("watch", 120),
                                               ("powerbank", 260), ("e-reader", 240)),
              ("black", "white", "blue", "sand"), ("",)),
    _Category("chocolate", "EA", "cool", (("choc-dark", 100), ("choc-milk", 100), ("choc-nut", 120),
                                          ("choc-orange", 110), ("pralines", 250), ("truffles", 200),
                                          ("nougat", 180), ("marzipan", 150)),
              ("1", "2", "4", "6", "12"), ("",)),
)  # fmt: skip


def items() -> Iterator[Item]:
    """All items, category by category."""
    for category in _CATEGORIES:
        for (article, weight_grams), variant, size in product(
            category.articles, category.variants, category.sizes
        ):
            sku = "-".join(part for part in (article, variant, size) if part)
            yield Item(sku, category.unit, weight_grams, category.restrictions, category.category)
