"""Exceptions about what the reference does not have: each is opened once for its cause, and closed with that alone."""

from __future__ import annotations

from tests.promises import promise
from tests.small_network import item, network
from tests.world import World, counted, placed


@promise("P3")
def test_an_order_that_is_named_like_a_pool_leaves_the_exception_of_its_stock_alone() -> None:
    """Both are about one SKU that nobody knows; when the order is cancelled, its own exception is over."""
    world = World(network())
    told = world.send(counted("berlin", "new", 4, 10), placed("berlin", ("new", 1)))
    of_stock, of_order = told.of("exception.opened")
    assert (of_stock["pool"], of_order["order_id"]) == ("berlin", "berlin")
    cancelled = world.send(("cancel.requested", {"order_id": "berlin", "request_id": "r"}))
    assert [data["exception_id"] for data in cancelled.of("exception.closed")] == [of_order["exception_id"]]
    closed = world.apply(item("new")).of("exception.closed")
    assert [data["exception_id"] for data in closed] == [of_stock["exception_id"]]
    assert of_stock["exception_id"] != of_order["exception_id"]
