"""What a set would do to orders, shipments and stock that are under way, said before it is published.

The router's own rules in a planner's words; `docs/network-directory.md` has them in full.  Only what surprises is
said: that orders are planned anew by other prices and other trucks is what a planner wants.
"""

from __future__ import annotations

from collections.abc import Iterator

from cli.reference.sets import EntityKey, InForce, ReferenceSet, key_of, member_key
from cli.words.counting import some_of
from schemas.reference import (
    AnyEntity,
    ItemEntity,
    NetworkEntity,
    PolicyEntity,
    PoolEntity,
    ReferenceStated,
    ZoneEntity,
)

NAMES_SHOWN_MAX = 5

_WITHDRAWN = {
    "pool": "what is planned there is planned elsewhere or waits; what its warehouse was told of goes on; its stock is "
    "kept and not promised, and stock of other items is refused there",
    "channel": "its orders of which no warehouse knows wait, as exceptions, until it is back or they are cancelled; "
    "new ones are refused",
    "service_level": "its orders of which no warehouse knows wait, as exceptions, until it is back or they are "
    "cancelled; new ones are refused",
    "zone": "orders to it of which no warehouse knows wait, as exceptions, until it is back or they are cancelled: "
    "an order keeps the zone that it was placed for",
    "item": "orders of it of which no warehouse knows wait, as exceptions; its stock is kept and not promised",
}

_NOUNS = {"service_level": "service level"}


def consequences(network: str, in_force: InForce, reference_set: ReferenceSet) -> Iterator[str]:
    """One sentence for each kind of thing that happens, with the names of what it happens to."""
    if not in_force.set_id:
        yield f"network {network} is new here: nothing of that name is in force"
        return
    names: dict[str, list[str]] = {}
    for member in reference_set.members:
        key = member_key(member)
        before = in_force.entities.get(key)
        if before is None:
            continue
        comes = member.entity if isinstance(member, ReferenceStated) else None
        for sentence in _sentences(key, before, comes):
            names.setdefault(sentence, []).append("/".join(key[1:]))
    for sentence, about in names.items():
        yield sentence.replace("{}", some_of(about, NAMES_SHOWN_MAX))


def _sentences(key: EntityKey, before: AnyEntity, comes: AnyEntity | None) -> Iterator[str]:
    """Sentences about one change; `{}` stands for the names of all that it is true of."""
    kind = _NOUNS.get(key[0], key[0])
    if comes is None:
        if key[0] in _WITHDRAWN:
            yield f"{kind} {{}} withdrawn: {_WITHDRAWN[key[0]]}"
        return
    assert key_of(before) == key_of(comes)
    if isinstance(before, NetworkEntity) and isinstance(comes, NetworkEntity):
        if before.currency != comes.currency:
            yield (
                f"currency {before.currency} -> {comes.currency}: orders in {before.currency} are refused from then "
                "on; what was priced before keeps its figures, which nobody converts"
            )
    elif isinstance(before, PoolEntity) and isinstance(comes, PoolEntity):
        yield from _of_pool(before, comes)
    elif isinstance(before, ZoneEntity) and isinstance(comes, ZoneEntity):
        if (before.country, before.postal_prefixes) != (comes.country, comes.postal_prefixes):
            yield "zone {}: orders placed before keep the zone that they were placed for"
    elif isinstance(before, ItemEntity) and isinstance(comes, ItemEntity):
        if before.unit != comes.unit:
            yield (
                f"item {{}}: orders by the {before.unit} of which no warehouse knows wait, as exceptions; figures of "
                f"stock are not converted, so count it by the {comes.unit}"
            )
    elif isinstance(before, PolicyEntity) and isinstance(comes, PolicyEntity):
        if (before.unfilled_request, comes.unfilled_request) == ("wait", "refuse"):
            yield "policy {}: orders that were only requested and wait are refused at once"
        if before.release != comes.release and comes.release == "at-once":
            yield "policy {}: warehouses are told at once of all that is planned"


def _of_pool(before: PoolEntity, comes: PoolEntity) -> Iterator[str]:
    if before.wms != comes.wms:
        yield (
            f"pool {{}}: what {before.wms} was told of stays with {before.wms}, cancellations too; {comes.wms} is told "
            f"of all that follows, and its marks and positions must go on above those of {before.wms}"
        )
    if comes.status != before.status and comes.status == "paused":
        yield (
            "pool {} paused: what is planned there is planned elsewhere or waits; what is with its warehouse goes on"
        )
    if comes.orders_per_day and not 0 < before.orders_per_day <= comes.orders_per_day:
        yield (
            "pool {} with fewer orders a day: where too many are planned, the most urgent ones keep their places and "
            "the others are planned anew"
        )
