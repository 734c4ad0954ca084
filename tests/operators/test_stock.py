"""One stock row: counts, moves, blocks and suspicion, against a ledger that forgets nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operators import stock
from schemas.rows import StockRow
from state.limits import Limits
from tests.promises import promise

LIMITS = Limits()
FEW = Limits(moves_max=2)


def row() -> StockRow:
    return stock.new_row("shop", "berlin", "lamp", "good")


def counted(before: StockRow, quantity: int, mark: int) -> StockRow:
    after = stock.counted(before, quantity, mark)
    assert after is not None
    return after


def moved(
    before: StockRow, position: int, delta: int, document: str = "", limits: Limits = LIMITS
) -> StockRow:
    after = stock.moved(before, position, delta, document or f"d{position}", limits)
    assert after is not None
    return after


# --- counts and moves ---------------------------------------------------------------------------------------


def test_a_count_sets_and_later_moves_add() -> None:
    after = moved(moved(counted(row(), 10, 100), 105, -3), 101, 2)
    assert (after.on_hand, after.base, after.mark) == (9, 10, 100)
    assert [move[0] for move in after.moves] == [101, 105], "moves stand in the order of the warehouse"


@promise("P2")
def test_a_move_that_the_count_has_seen_changes_nothing() -> None:
    before = counted(row(), 10, 100)
    assert stock.moved(before, 100, -3, "d", LIMITS) is None
    assert stock.moved(before, 99, -3, "d", LIMITS) is None


@promise("P2")
def test_a_document_moves_once() -> None:
    before = moved(counted(row(), 10, 100), 101, -3, "sale")
    assert stock.moved(before, 101, -3, "sale", LIMITS) is None
    assert stock.moved(before, 102, -3, "sale", LIMITS) is None


def test_a_newer_count_keeps_the_moves_after_it() -> None:
    after = counted(moved(moved(counted(row(), 10, 100), 101, -3), 110, -4), 8, 105)
    assert (after.on_hand, after.base, len(after.moves)) == (4, 8, 1)


@pytest.mark.parametrize("mark", [100, 99])
def test_an_older_count_is_stale(mark: int) -> None:
    assert stock.counted(counted(row(), 10, 100), 7, mark) is None


def test_the_first_count_may_have_any_mark() -> None:
    assert counted(row(), 7, 0).on_hand == 7


def test_drift_is_measured_at_the_mark() -> None:
    before = moved(moved(counted(row(), 10, 100), 101, -3), 110, -4)
    assert stock.expected_at(before, 105) == 7
    assert stock.expected_at(before, 110) == 3


def test_moves_are_capped_and_the_oldest_are_folded() -> None:
    after = counted(row(), 10, 100)
    for position in (101, 102, 103, 104):
        after = moved(after, position, 1, limits=FEW)
    assert (after.on_hand, after.base, after.floor, len(after.moves), after.uncertain) == (
        14,
        12,
        102,
        2,
        False,
    )


def test_a_count_below_the_floor_makes_the_row_uncertain_until_a_later_one() -> None:
    after = counted(row(), 10, 100)
    for position in (101, 102, 103, 104):
        after = moved(after, position, 1, limits=FEW)
    unsure = counted(after, 10, 101)
    assert unsure.uncertain, "the move at 102 is folded away, so nobody knows what to add"
    assert not counted(unsure, 14, 104).uncertain


@promise("P1")
def test_a_count_below_the_floor_gives_nothing_back_that_was_sold_since() -> None:
    after = counted(row(), 10, 100)
    for position in (101, 102, 103, 104):
        after = moved(after, position, -2, limits=FEW)
    assert counted(after, 8, 101).on_hand == 2, "nobody can tell whether it has seen the sale at 102"


@promise("P1")
def test_a_first_count_below_the_floor_gives_nothing_back_that_was_sold_since() -> None:
    after = row()
    for position in (101, 102, 103, 104):
        after = moved(after, position, -2, limits=FEW)
    unsure = counted(after, 10, 100)
    assert unsure.on_hand == 2
    assert counted(unsure, 3, 104).on_hand == 3


@promise("P1")
@given(st.lists(st.tuples(st.integers(-4, 4), st.integers(0, 9)), max_size=20))
def test_true_counts_never_make_more_of_stock_than_there_is(facts: list[tuple[int, int]]) -> None:
    """Moves come in the order of their places; after some comes a true count, up to six places old."""
    current, there = counted(row(), 30, 0), [30]
    for place, (delta, age) in enumerate(facts, start=1):
        there.append(there[-1] + delta)
        current = moved(current, place, delta, limits=FEW)
        if age <= 6:
            seen = max(0, place - age)
            current = stock.counted(current, there[seen], seen) or current
        assert current.on_hand <= there[-1]
        assert current.on_hand == there[-1] or current.uncertain


def test_a_move_below_the_floor_makes_the_row_uncertain() -> None:
    after = counted(row(), 10, 50)
    for position in (101, 102, 103, 104):
        after = moved(after, position, 1, limits=FEW)
    assert moved(after, 60, 1, limits=FEW).uncertain


@promise("P2")
def test_a_move_is_no_block_whatever_its_document_is_called() -> None:
    held = unblocked(blocked(counted(row(), 10, 1), 4, "7"), 1, "7", position=5)
    both = moved(moved(held, 6, -1, "block/7"), 7, -1, "unblock/5/7")
    assert (both.on_hand, both.blocked) == (8, 3)
    assert blocked(moved(row(), 6, -1, "block/7"), 4, "7").blocked == 4
    for document in ("block/7", "unblock/5/7", "/block/7"):
        assert stock.moved(moved(held, 6, -1, document), 8, -1, document, LIMITS) is None, (
            "a document moves once"
        )
    assert moved(moved(held, 6, -1, "block/7"), 7, -1, "/block/7").on_hand == 8


def test_a_row_of_the_release_before_knows_its_documents() -> None:
    """Those of moves have always been kept as they are."""
    assert moved(counted(row(), 10, 1), 2, -3, "sale/7").documents == ("sale/7",)


Fact = tuple[str, int, int]


@promise("P2")
@given(
    st.lists(
        st.tuples(st.sampled_from(["count", "move"]), st.integers(0, 30), st.integers(-4, 9)), max_size=25
    )
)
def test_the_row_agrees_with_a_ledger_that_forgets_nothing(facts: list[Fact]) -> None:
    """On hand is the latest count by mark and every known move behind it, in whatever order they came."""
    current = row()
    base, mark, moves = 0, -1, dict[int, int]()
    for kind, position, units in facts:
        if kind == "count":
            after = stock.counted(current, abs(units), position)
            assert (after is None) == (position <= mark)
            if position > mark:
                base, mark = abs(units), position
        else:
            after = stock.moved(current, position, units, f"d{position}", LIMITS)
            assert (after is None) == (position <= mark or position in moves)
            if position > mark:
                moves.setdefault(position, units)
        current = after or current
        assert current.on_hand == base + sum(units for at, units in moves.items() if at > mark)


# --- blocks -------------------------------------------------------------------------------------------------


def blocked(before: StockRow, quantity: int, document: str, until_ms: int | None = None) -> StockRow:
    after = stock.blocked(before, quantity, document, until_ms, LIMITS)
    assert after is not None
    return after


@promise("P2")
def test_a_block_counts_once() -> None:
    before = blocked(counted(row(), 10, 1), 4, "b")
    assert before.blocked == 4
    assert stock.blocked(before, 4, "b", None, LIMITS) is None


def test_a_block_ends_by_itself_at_its_time() -> None:
    before = blocked(blocked(row(), 4, "b", 1_000), 2, "c")
    assert stock.holds_expired(before, 999, LIMITS) is None
    after = stock.holds_expired(before, 1_000, LIMITS)
    assert after is not None
    assert (after.blocked, after.holds) == (2, ())


def test_an_unblocked_part_does_not_end_twice() -> None:
    before = stock.unblocked(blocked(row(), 4, "b", 1_000), 3, "b", 7, LIMITS)
    assert before is not None
    assert before.blocked == 1
    after = stock.holds_expired(before, 1_000, LIMITS)
    assert after is not None
    assert after.blocked == 0


def test_no_more_is_unblocked_than_is_blocked() -> None:
    after = stock.unblocked(blocked(row(), 2, "b"), 5, "b", 7, LIMITS)
    assert after is not None
    assert after.blocked == 0
    assert stock.unblocked(after, 5, "b", 7, LIMITS) is None, "said before"


def unblocked(before: StockRow, quantity: int, document: str, position: int = 7) -> StockRow:
    after = stock.unblocked(before, quantity, document, position, LIMITS)
    assert after is not None
    return after


def expired(before: StockRow) -> int:
    """What is blocked once every block that ends by itself has ended."""
    return (stock.holds_expired(before, 9_000, LIMITS) or before).blocked


@promise("P1")
def test_a_block_that_was_ended_under_another_paper_does_not_end_a_later_one() -> None:
    ended = unblocked(blocked(row(), 3, "b", 1_000), 3, "e")
    assert ended.holds == ()
    assert expired(blocked(ended, 3, "f")) == 3


def test_what_an_unknown_paper_ends_is_taken_from_the_block_that_ends_first() -> None:
    before = blocked(blocked(blocked(row(), 3, "f"), 2, "late", 2_000), 2, "early", 1_000)
    after = unblocked(before, 3, "e")
    assert (after.blocked, after.holds) == (4, ((2_000, 1, "late"),))
    assert expired(after) == 3, "units of a block without an end stay blocked"


def test_a_block_without_an_end_leaves_those_with_one_alone() -> None:
    after = unblocked(blocked(blocked(row(), 3, "f"), 2, "b", 1_000), 3, "f")
    assert (after.blocked, after.holds) == (2, ((1_000, 2, "b"),))


FACTS = st.lists(
    st.tuples(
        st.booleans(), st.integers(1, 5), st.sampled_from("abcd"), st.sampled_from([None, 1_000, 2_000])
    ),
    max_size=12,
)


@promise("P1")
@given(FACTS)
def test_no_more_ends_by_itself_than_is_blocked(facts: list[tuple[bool, int, str, int | None]]) -> None:
    current = row()
    for position, (is_block, quantity, document, until_ms) in enumerate(facts):
        after = (
            stock.blocked(current, quantity, document, until_ms, LIMITS)
            if is_block
            else stock.unblocked(current, quantity, document, position, LIMITS)
        )
        current = after or current
        assert sum(held for _, held, _ in current.holds) <= current.blocked


# --- suspicion ----------------------------------------------------------------------------------------------


@promise("P1")
def test_a_short_pick_puts_all_that_is_not_on_its_way_in_doubt() -> None:
    before = stock.reserved(blocked(counted(row(), 10, 1), 2, "b"), 5, 3)
    after = stock.suspected(before, 50)
    assert (after.suspect, after.suspect_position) == (5, 50)


@promise("P1")
@pytest.mark.parametrize(("mark", "suspect"), [(40, 9), (50, 9), (51, 0)])
def test_only_a_later_count_clears_it(mark: int, suspect: int) -> None:
    assert counted(stock.suspected(counted(row(), 10, 1), 50), 9, mark).suspect == suspect


def test_goods_that_come_in_are_not_in_doubt_with_those_that_were_sold() -> None:
    doubted = stock.suspected(stock.reserved(counted(row(), 10, 1), 2, 2), 50)
    assert doubted.suspect == 8
    sold = moved(doubted, 60, -7)
    assert (sold.on_hand, sold.suspect) == (3, 3), "nobody knows which three are left"
    received = moved(sold, 70, 20)
    assert received.on_hand - received.suspect == 20


@promise("P1")
def test_a_block_that_comes_and_goes_clears_nothing() -> None:
    doubted = stock.suspected(counted(row(), 10, 1), 50)
    assert unblocked(blocked(doubted, 5, "b"), 5, "b").suspect == 10


@promise("P1")
@given(
    st.lists(
        st.tuples(st.sampled_from(["count", "move", "doubt"]), st.integers(0, 30), st.integers(-9, 9)),
        max_size=25,
    )
)
def test_what_is_certain_is_what_no_fact_has_put_in_doubt_or_taken_away(facts: list[Fact]) -> None:
    """Of goods that are there, at least as many are certain as if all that is taken away were certain ones."""
    current = row()
    for kind, position, units in facts:
        certain = current.on_hand - current.suspect
        if kind == "count":
            current = stock.counted(current, abs(units), position) or current
        elif kind == "doubt":
            current = stock.suspected(current, position)
        elif (after := stock.moved(current, position, units, None, LIMITS)) is not None:
            there_at_the_pick = units > 0 and position <= current.suspect_position
            current = after
            there = min(0, current.on_hand)
            assert current.on_hand - current.suspect == max(
                there, certain + (0 if there_at_the_pick else units)
            )
        assert 0 <= current.suspect <= max(0, current.on_hand)


@promise("P1")
@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 50), st.integers(-9, 9)), max_size=8),
    st.integers(0, 8),
    st.integers(0, 5),
)
def test_what_is_told_after_the_short_pick_and_was_before_it_is_in_doubt_all_the_same(
    facts: list[tuple[bool, int, int]], told: int, released: int
) -> None:
    """Whichever topic is read first, no unit counts as certain that would not if the pick were told last."""

    def played(before: StockRow, facts: list[tuple[bool, int, int]]) -> StockRow:
        for is_count, position, units in facts:
            if is_count:
                before = stock.counted(before, abs(units), position) or before
            else:
                before = stock.moved(before, position, units, None, LIMITS) or before
        return before

    begun = stock.reserved(counted(row(), 10, 1), released, released)
    told_last = stock.suspected(played(begun, facts), 50)
    assert played(stock.suspected(played(begun, facts[:told]), 50), facts[told:]).suspect >= told_last.suspect


@promise("P1")
def test_finding_too_few_again_clears_nothing() -> None:
    doubted = stock.suspected(counted(row(), 10, 1), 50)
    assert stock.suspected(blocked(doubted, 4, "b"), 60).suspect == 10
    assert stock.suspected(stock.reserved(doubted, 3, 3), 60).suspect == 10
