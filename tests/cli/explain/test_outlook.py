"""`sluice explain --all` prices every pool with what is there now, and with no unit twice."""

from __future__ import annotations

from cli.explain.candidates import Offer, Outlook, outlook_lines, outlook_of
from tests.small_network import network
from tests.world import NETWORK, World, counted, placed


def outlook(world: World, order_id: str = "A") -> Outlook:
    found = outlook_of(world.partition, NETWORK, order_id, world.now_ms)
    assert found is not None
    return found


def offer(found: Outlook, pool: str) -> Offer:
    [offer] = [each for each in found.offers if each.lane.pool == pool]
    return offer


def test_a_pinned_line_and_a_free_one_share_what_the_pool_has() -> None:
    world = World(network())
    event_type, data = placed("A", ("lamp", 2), ("lamp", 2))
    data["lines"][0]["pinned_pool"] = "berlin"
    world.send((event_type, data), counted("berlin", "lamp", 3, 1), counted("paris", "lamp", 3, 1))
    assert (offer(outlook(world), "berlin").units, offer(outlook(world), "berlin").barred) == (
        3,
        "not_enough_stock",
    )
    assert offer(outlook(world), "paris").barred == "pinned_elsewhere"


def test_units_that_may_not_be_there_are_not_counted_as_there() -> None:
    world = World(network(release="at-once"))
    world.send(counted("berlin", "lamp", 3, 1))
    world.send(placed("A", ("lamp", 3)))
    world.send(counted("berlin", "lamp", 1, 2))
    assert world.order("A").shipments[0].lines[0].at_risk == 2
    assert offer(outlook(world), "berlin").units == 1


def test_a_pool_that_sent_back_one_of_two_lines_of_an_item_has_the_units_of_the_other() -> None:
    world = World(network())
    world.send(counted("berlin", "lamp", 9, 1))
    world.send(placed("A", ("lamp", 2), ("lamp", 1), channel="express"))
    world.send(("shipment.rejected", {"shipment_id": "A/1/1", "lines": {"1": 2}}))
    from_berlin = offer(outlook(world), "berlin")
    assert (from_berlin.units, from_berlin.wanted, from_berlin.barred) == (1, 3, "rejected_before")


def test_an_order_whose_channel_was_withdrawn_is_told_so() -> None:
    world = World(network())
    world.send(counted("berlin", "lamp", 3, 1))
    world.send(placed("A", ("lamp", 3)))
    world.apply(withdraw=(("channel", ("web",)),))
    found = outlook(world)
    remedy = '  channel "web" is not in force any more: apply it again until the order is done, or cancel the order'
    assert list(outlook_lines(found, world.now_ms))[-1] == remedy
    assert found.as_dict(world.now_ms)["withdrawn"] == 'channel "web" is not in force any more'


def test_a_pool_that_ships_later_for_its_full_trucks_says_so() -> None:
    world = World(network())
    world.send(counted("corner", "lamp", 9, 1), *(placed(each, ("lamp", 1)) for each in "ABC"))
    told = "; corner has no free place on post's next truck"
    assert [told in "".join(outlook_lines(outlook(world, each), world.now_ms)) for each in "AC"] == [
        False,
        True,
    ]


def test_a_pool_that_has_it_and_may_not_send_it_is_not_said_to_have_none() -> None:
    world = World(network())
    event_type, data = placed("A", ("lamp", 1))
    data["lines"][0]["pinned_pool"] = "paris"
    world.send(counted("berlin", "lamp", 2, 1), (event_type, data))
    told = "\n".join(outlook_lines(outlook(world), world.now_ms))
    assert "  berlin by post: may send 0 of 1 units, the line must ship from another pool; " in told
    assert "  paris by post: has 0 of 1 units, not enough stock; " in told
