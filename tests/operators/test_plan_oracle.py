"""The search against every plan there is: it finds the best wherever it says proved, and it says so nearly always."""

from __future__ import annotations

from hypothesis import event, given, settings
from hypothesis import strategies as st

from operators.plan import INFINITE, Board
from operators.search import Found, find
from tests.operators.brute_force import best_plan
from tests.operators.offers import Offer, Priced, search

Case = tuple[list[int], list[Offer], int, int]


@st.composite
def cases(draw: st.DrawFn, pools_max: int = 5) -> Case:
    """Up to three demands, up to six lanes of up to five pools, cheapest first as the search wants them."""
    demands = draw(st.integers(1, 3))
    quantities = draw(st.lists(st.integers(1, 4 - demands // 2), min_size=demands, max_size=demands))
    per_demand = st.tuples(*[st.integers(0, 3)] * demands)
    offer = st.builds(
        lambda pool, fixed, units, costs: Offer(pool, fixed, tuple(map(min, units, quantities)), costs),
        st.integers(0, pools_max - 1), st.integers(0, 12), per_demand, st.tuples(*[st.integers(0, 6)] * demands),
    )  # fmt: skip
    offers = draw(st.lists(offer, max_size=pools_max + 1))
    offers.sort(key=lambda offer: offer.fixed)
    return quantities, offers, draw(st.integers(1, 4)), draw(st.integers(0, 5))


def found(case: Case, sets_max: int = 2_000) -> Found:
    quantities, offers, shipments_max, penalty = case
    return search(quantities, offers, shipments_max, penalty, sets_max, others_max=3)


@given(cases())
@settings(max_examples=600, deadline=None)
def test_what_is_proved_is_the_best_of_all_plans(case: Case) -> None:
    result = found(case)
    assert result.proved, "with room for two thousand sets, six lanes are always searched to the end"
    assert (result.best.unfilled, result.best.cost) == best_plan(*case)


@given(cases(), st.integers(0, 6))
@settings(max_examples=600, deadline=None)
def test_a_search_that_is_cut_off_never_claims_too_much(case: Case, sets_max: int) -> None:
    result = found(case, sets_max)
    merit = (result.best.unfilled, result.best.cost)
    event(f"proved: {result.proved}")
    assert merit >= best_plan(*case)
    if result.proved:
        assert merit == best_plan(*case)
    assert result.weighed <= sets_max + len(case[1]) + 1, "one more: the greedy start"


@given(cases(), st.integers(0, 6))
def test_never_worse_than_the_best_single_pool(case: Case, sets_max: int) -> None:
    quantities, offers, _, penalty = case
    result = found(case, sets_max)
    assert (result.best.unfilled, result.best.cost) <= best_plan(quantities, offers, 1, penalty)


@given(cases(), st.integers(0, 6))
def test_a_plan_keeps_the_rules(case: Case, sets_max: int) -> None:
    """Stock, quantities, one lane of each pool, the limit; and its own figures add up."""
    quantities, offers, shipments_max, penalty = case
    result = found(case, sets_max)
    for plan in (result.best, *result.others):
        chosen = [offers[index] for index, _ in plan.shipments]
        assert len(chosen) <= shipments_max
        assert len({offer.pool for offer in chosen}) == len(chosen)
        for offer, (_, sent) in zip(chosen, plan.shipments, strict=True):
            assert any(sent)
            assert all(0 <= units <= there for units, there in zip(sent, offer.units, strict=True))
        totals = [sum(sent[demand] for _, sent in plan.shipments) for demand in range(len(quantities))]
        assert all(total <= quantity for total, quantity in zip(totals, quantities, strict=True))
        assert plan.unfilled == sum(quantities) - sum(totals)
        if chosen:
            units_cost = sum(
                units * cost
                for offer, (_, sent) in zip(chosen, plan.shipments, strict=True)
                for units, cost in zip(sent, offer.costs, strict=True)
            )
            assert (
                plan.cost == sum(offer.fixed for offer in chosen) + penalty * (len(chosen) - 1) + units_cost
            )


@given(cases())
def test_runners_up_are_other_plans_that_fill_as_much_and_cost_no_less(case: Case) -> None:
    result = found(case)
    plans = [result.best, *result.others]
    assert len({plan.shipments for plan in plans}) == len(plans), "the winner is not its own runner-up"
    assert all(plan.unfilled == result.best.unfilled for plan in plans)
    assert [plan.cost for plan in plans] == sorted(plan.cost for plan in plans)


@given(cases())
def test_the_same_question_has_the_same_answer(case: Case) -> None:
    assert found(case) == found(case)


def test_a_tie_goes_to_the_lane_that_comes_first() -> None:
    twins = [Offer(0, 5, (2,), (1,)), Offer(1, 5, (2,), (1,)), Offer(2, 5, (2,), (1,))]
    assert found(([2], twins, 2, 0)).best.shipments == ((0, (2,)),)


def test_sold_orders_are_filled_first_and_cheapened_second() -> None:
    dear_but_whole = [Offer(0, 1, (2,), (0,)), Offer(1, 1_000_000, (1,), (0,))]
    assert found(([3], dear_but_whole, 2, 1_000)).best.unfilled == 0


def test_one_line_may_be_split_by_quantity() -> None:
    halves = [Offer(0, 1, (2,), (0,)), Offer(1, 1, (2,), (0,))]
    assert found(([4], halves, 2, 0)).best.shipments == ((0, (2,)), (1, (2,)))


def test_nearly_all_orders_of_a_wide_network_are_proved() -> None:
    """Sixty lanes, two SKUs in a third of the pools each, three shipments: what an ordinary order looks like."""
    proved = 0
    for number in range(100):
        offers = [
            Offer(
                pool,
                4_000_000 + (pool * 7_919 + number * 104_729) % 6_000_000,
                (1 * ((pool + number) % 3 == 0), 2 * ((pool * 5 + number) % 3 == 1)),
                (100_000, 120_000),
            )
            for pool in range(60)
        ]
        offers.sort(key=lambda offer: offer.fixed)
        proved += found(([1, 2], offers, 3, 1_000_000)).proved
    assert proved >= 99


def test_what_nobody_has_does_not_hide_the_best_plan_for_the_rest() -> None:
    """The second demand is nowhere; the first still takes its cheapest units from two pools."""
    case = (
        [2, 3, 1],
        [
            Offer(2, 0, (2, 0, 1), (5, 5, 2)),
            Offer(1, 0, (1, 0, 1), (2, 4, 3)),
            Offer(0, 1, (2, 0, 1), (0, 4, 5)),
        ],
        3,
        0,
    )
    assert (found(case).best.unfilled, found(case).best.cost) == best_plan(*case) == (3, 3)


def test_only_lanes_that_complete_something_are_asked_for_a_truck() -> None:
    """Forty lanes have the first demand, one the second: the two cheapest that meet are the plan."""
    offers = [Offer(pool, 5 + pool, (1, 0), (1, 1)) for pool in range(40)]
    offers.insert(20, Offer(40, 24, (0, 1), (1, 1)))
    asked: list[int] = []

    class Asked(Priced):
        def fixed(self, index: int) -> int:
            asked.append(index)
            return super().fixed(index)

    lanes = Asked([1, 1], offers)
    board = Board((1, 1), [1, 1], lanes, 3, 2, 500, INFINITE)
    assert find(board, 3, alone=True).best.cost == 5 + 24 + 2 + 2
    assert sorted(asked) == [0, 20]
