"""The hashes that inputs are known by: other names, other hashes, whatever characters the names hold."""

from __future__ import annotations

from itertools import combinations

import xxhash

from schemas.digest import identity_hash
from tests.promises import promise
from tests.small_network import network
from tests.world import World, counted


def test_where_the_source_ends_and_the_id_begins_is_part_of_an_identity() -> None:
    """The NUL sets the two apart, and a sender may have put one into either."""
    identities = [
        ("shop", "a\0b\0c"), ("shop\0a", "b\0c"), ("shop\0a\0b", "c"), ("shopa", "b\0c"), ("\0", "shop"),
        ("", "\0shop"),
    ]  # fmt: skip
    for one, other in combinations(identities, 2):
        assert identity_hash(*one) != identity_hash(*other), (one, other)


def test_an_identity_without_a_nul_has_the_hash_that_older_journals_hold() -> None:
    assert identity_hash("shop", "a") == xxhash.xxh3_64_intdigest(b"shop\0a")


@promise("P3")
def test_a_record_is_no_duplicate_of_one_from_another_source_that_a_nul_sets_apart() -> None:
    world = World(network())
    first = world.event(*counted("berlin", "lamp", 3, 10), event_id="a\0b")
    other = first.replace(b'"source":"test"', b'"source":"test\\u0000a"').replace(b"a\\u0000b", b"b")
    told = world.bundle({"inventory": [first, other]})
    assert (told.outcome.measures.duplicates, told.outcome.measures.stale) == (0, 1)
