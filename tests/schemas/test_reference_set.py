"""The hash of a set: no order, no name, every value."""

from __future__ import annotations

import msgspec

from schemas.reference import ItemEntity, ReferenceStated, ReferenceWithdrawn
from schemas.reference_set import Member, members_hash, set_name

FIRST = ReferenceStated(set_id="1-a", entity=ItemEntity(sku="SKU-1", unit="EA"))
SECOND = ReferenceWithdrawn(set_id="1-a", kind="item", key=("SKU-2",))


def test_the_order_of_members_does_not_matter() -> None:
    assert members_hash([FIRST, SECOND]) == members_hash([SECOND, FIRST])


def test_the_name_of_the_set_does_not_matter() -> None:
    renamed: list[Member] = [
        msgspec.structs.replace(FIRST, set_id="9-b"),
        msgspec.structs.replace(SECOND, set_id="9-b"),
    ]
    assert members_hash(renamed) == members_hash([FIRST, SECOND])


def test_a_value_matters() -> None:
    heavier = ReferenceStated(set_id="1-a", entity=ItemEntity(sku="SKU-1", unit="EA", weight_grams=1))
    assert members_hash([heavier, SECOND]) != members_hash([FIRST, SECOND])


def test_it_survives_the_wire() -> None:
    received = msgspec.json.decode(msgspec.json.encode(FIRST), type=ReferenceStated)
    assert members_hash([received]) == members_hash([FIRST])


def test_an_empty_set_has_a_hash_too() -> None:
    assert members_hash([]) == "0" * 16
    assert set_name(3, "0123456789abcdef") == "3-01234567"
