"""Ids that are made of names: other names, other ids, whatever characters the names hold."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from schemas.ids import in_id

NAMES = st.text("a1%/2F", min_size=1, max_size=6)


@given(st.tuples(NAMES, NAMES), st.tuples(NAMES, NAMES))
def test_two_pairs_of_names_make_two_ids(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert ("/".join(map(in_id, one)) == "/".join(map(in_id, other))) == (one == other)


@given(st.tuples(NAMES, NAMES), st.tuples(NAMES, NAMES))
def test_a_name_after_a_shipments_is_told_from_it(one: tuple[str, str], other: tuple[str, str]) -> None:
    """The shipment's own name is its order's with two numbers, and stands as it is."""
    ids = [f"{order_id}/1/2/{in_id(request_id)}" for order_id, request_id in (one, other)]
    assert (ids[0] == ids[1]) == (one == other)


@given(st.text("a1%2F", min_size=1))
def test_a_name_without_a_slash_stands_as_it_is(name: str) -> None:
    assert in_id(name) == name
