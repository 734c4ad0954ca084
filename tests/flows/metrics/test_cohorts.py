"""Orders that fall due are looked up a bounded number at a time: deciding stands still meanwhile."""

from __future__ import annotations

from flows.metrics.cohorts import DueOrders, LeaveTimes
from state.order_book import OrderBook
from state.timers import Timers
from tests.flows.metrics.figures import Counted
from tests.world import counted, placed

CUTOFF_MS = 1_000


def book_of(orders: int) -> OrderBook:
    it = Counted()
    it.send(counted("berlin", "lamp", 1, 1), placed("some", ("lamp", 1)))
    [row] = next(iter(it.world.partition.networks.values())).orders.rows.values()
    book = OrderBook(Timers())
    book.rows = {f"o{number}": row for number in range(orders)}
    return book


def expecting(book: OrderBook) -> DueOrders:
    due = DueOrders()
    for order_id in book.rows:
        due.expect(order_id, CUTOFF_MS)
    return due


def looks(due: DueOrders, book: OrderBook) -> list[int]:
    found = []
    while count := len(list(due.taken(CUTOFF_MS + 1, book))):
        found.append(count)
    return found


def test_an_ordinary_cut_off_is_one_look() -> None:
    book = book_of(1_500)
    assert looks(expecting(book), book) == [1_500]


def test_a_great_cut_off_is_spread_over_looks_and_everybody_is_seen_once() -> None:
    book = book_of(200_000)
    due = looks(expecting(book), book)
    assert sum(due) == 200_000
    assert max(due) == 200_000 // 16
    assert len(due) < 60


def test_when_a_truck_leaves_is_known_for_as_long_as_orders_on_it_are_judged() -> None:
    times = LeaveTimes()
    assert times.of("berlin", CUTOFF_MS, None) == CUTOFF_MS
    times.forget(before_ms=CUTOFF_MS)
    assert times.known == {("berlin", CUTOFF_MS): CUTOFF_MS}
    times.forget(before_ms=CUTOFF_MS + 1)
    assert times.known == {}


def test_what_falls_due_without_end_is_kept_up_with() -> None:
    """Ten thousand orders each second: more than the least of one look."""
    book = book_of(10_000)
    due = DueOrders()
    last = 0
    for second in range(200):
        for order_id in book.rows:
            due.expect(order_id, second)
        last = len(list(due.taken(second + 1, book)))
    assert 9_900 < last <= 10_000
