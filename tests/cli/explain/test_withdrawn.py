"""`sluice explain --all` of an order that names what was withdrawn: nothing can be priced, and it says why."""

from __future__ import annotations

import pytest

from cli.explain.candidates import outlook_lines, outlook_of
from tests.small_network import network
from tests.world import NETWORK, World, counted, placed


@pytest.mark.parametrize(
    ("kinds", "what"),
    [
        (("channel",), 'channel "web"'),
        (("service_level", "lane", "cutoff"), 'service level "standard"'),
        (("zone", "lane"), 'zone "de"'),
    ],
)
def test_what_was_withdrawn_is_named(kinds: tuple[str, ...], what: str) -> None:
    keys = {
        "channel": ("channel",), "service_level": ("service",), "zone": ("zone",),
        "cutoff": ("pool", "carrier", "service"), "lane": ("pool", "zone", "service", "carrier"),
    }  # fmt: skip
    world = World(network())
    world.send(counted("berlin", "lamp", 5, 10), placed("A", ("lamp", 2)))
    gone = [entity for entity in network() if entity["kind"] in kinds]
    world.apply(
        withdraw=tuple(
            (entity["kind"], tuple(entity[name] for name in keys[entity["kind"]])) for entity in gone
        )
    )
    told = list(outlook_lines(outlook_of(world.partition, NETWORK, "A", world.now_ms), world.now_ms))
    assert (
        told[-1]
        == f"  {what} is not in force any more: apply it again until the order is done, or cancel the order"
    )
