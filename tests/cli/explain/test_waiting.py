"""What an order waits for, as it stands now."""

from __future__ import annotations

from cli.explain.since import waiting_lines
from cli.words.places import utc
from state.limits import Limits
from tests.small_network import network, pool, with_entities
from tests.world import World, counted, placed


def test_a_full_pool_is_looked_at_again_at_a_time_that_is_told() -> None:
    world = World(with_entities(network(), pool("berlin", orders_per_day=1)))
    world.send(
        counted("berlin", "lamp", 50, 10), *[placed(f"A-{number}", ("lamp", 1)) for number in range(9)]
    )
    waiting = world.order("A-8")
    again = utc(world.now_ms + Limits().retry_ms)
    assert list(waiting_lines(waiting)) == [
        f"  waiting: 1 lamp; decided again when stock becomes free or the network changes, and {again} for a free truck"
    ]
    assert list(waiting_lines(world.order("A-0"))) == []


def test_a_line_that_no_arrival_helps_is_said_to_wait_for_a_person() -> None:
    """The only pool that may send the lamp has sent it back; the rug waits for stock as ever."""
    world = World(network())
    event_type, order = placed("A", ("lamp", 1), ("rug", 2), channel="express")
    order["lines"][0]["pinned_pool"] = "berlin"
    world.send(counted("berlin", "lamp", 1, 10), (event_type, order))
    world.send(("shipment.rejected", {"shipment_id": "A/1/1"}))
    assert list(waiting_lines(world.order("A"))) == [
        "  waiting: 1 lamp, for a person: it must ship from berlin, which has sent it back and is not asked again",
        "  waiting: 2 rug; decided again when stock becomes free or the network changes",
    ]


def test_so_is_what_no_further_shipment_may_bring() -> None:
    world = World(network())
    world.send(counted("berlin", "lamp", 2, 10))
    world.send(placed("A", ("lamp", 2), channel="express", max_shipments=1))
    world.send(("shipment.rejected", {"shipment_id": "A/1/1", "lines": {"1": 1}}))
    assert list(waiting_lines(world.order("A"))) == [
        "  waiting: 1 lamp, for a person: the order allows 1 shipment, and no further one"
    ]
