"""What an order still needs: the same SKU on several lines is one demand, a pinned line one of its own."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from operators.demand import demands_of
from schemas.reference import AnyEntity
from schemas.rows import LineRow, OrderRow
from state.routes import Routes
from tests.small_network import network

ROUTES = Routes(msgspec.convert(network(), type=list[AnyEntity]))


def order(*lines: LineRow) -> OrderRow:
    return OrderRow(
        "shop", "A", 1, 1, 0, "web", "standard", "de", 5, 0, True, -1, -1, False, 3, "a", "c", 0, lines, (), "", -1,
        -1, -1, -1,
    )  # fmt: skip


def line(
    sku: str, quantity: int, pinned: str = "", excluded: tuple[str, ...] = (), unit: str = "C62"
) -> LineRow:
    return LineRow(sku, sku, quantity, unit, 0, pinned, excluded, 0, 0)


def test_two_lines_of_one_sku_are_one_demand() -> None:
    (demand,) = demands_of(order(line("lamp", 2), line("lamp", 3)), [2, 3], ROUTES)
    assert (demand.sku, demand.quantity, demand.lines) == ("lamp", 5, ((0, 2), (1, 3)))


def test_who_rejected_one_of_the_lines_may_send_the_others_and_each_line_is_left_to_one_such_pool() -> None:
    lines = (
        line("lamp", 2, excluded=("berlin",)),
        line("lamp", 3, excluded=("paris", "berlin")),
        line("lamp", 4),
    )
    (demand,) = demands_of(order(*lines), [2, 3, 4], ROUTES)
    assert (demand.excluded, demand.at_most) == (("berlin", "paris"), {"berlin": 4, "paris": 2})


def test_a_pinned_line_is_a_demand_of_its_own_and_comes_first() -> None:
    demands = demands_of(order(line("lamp", 2), line("lamp", 3, pinned="paris")), [2, 3], ROUTES)
    assert [(demand.pinned_pool, demand.quantity) for demand in demands] == [("paris", 3), ("", 2)]


def test_what_cannot_be_placed_is_no_demand() -> None:
    lines = (line("vase", 1), line("lamp", 1, unit="KGM"), line("chair", 1), line("rug", 1))
    demands = demands_of(order(*lines), [1, 1, 0, 1], ROUTES)
    assert [demand.sku for demand in demands] == ["rug"]


def test_a_single_line_is_no_special_case() -> None:
    assert demands_of(order(line("vase", 1)), [1], ROUTES) == []
    assert demands_of(order(line("lamp", 1)), [0], ROUTES) == []
    (demand,) = demands_of(order(line("lamp", 2, "paris", ("berlin",))), [2], ROUTES)
    assert (demand.quantity, demand.pinned_pool, demand.excluded) == (2, "paris", ("berlin",))


@given(
    st.lists(
        st.tuples(st.sampled_from(["lamp", "chair", "vase"]), st.integers(0, 4), st.sampled_from(["", "paris"])),
        min_size=1, max_size=5,
    )
)  # fmt: skip
def test_no_unit_is_lost_or_counted_twice(lines: list[tuple[str, int, str]]) -> None:
    units = [quantity for _, quantity, _ in lines]
    demands = demands_of(order(*(line(sku, 9, pinned) for sku, _, pinned in lines)), units, ROUTES)
    parts = sorted(part for demand in demands for part in demand.lines)
    assert parts == [(at, units[at]) for at, (sku, _, _) in enumerate(lines) if sku != "vase" and units[at]]
    assert all(demand.quantity == sum(taken for _, taken in demand.lines) for demand in demands)
    assert len({(demand.sku, demand.pinned_pool) for demand in demands}) == len(demands)
