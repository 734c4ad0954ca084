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
