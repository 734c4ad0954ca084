"""Safety stock by the reference sets in force."""

from __future__ import annotations

from schemas.reference import (
    AnyEntity,
    ItemPoolEntity,
    ReferenceStatedEvent,
    ReferenceWithdrawnEvent,
)

Member = tuple[str, str, int | None]
"""SKU, pool, and the safety stated; None withdraws it."""


class Safety:
    """Units never to be promised, by network, pool and SKU: members wait until the router says a set is in force."""

    def __init__(self) -> None:
        self._members: dict[tuple[str, str], list[Member]] = {}
        self._safety: dict[tuple[str, str, str], int] = {}

    def state(self, event: ReferenceStatedEvent | ReferenceWithdrawnEvent) -> None:
        """Keep a member of a set until the set takes effect."""
        member: Member | None = None
        set_id = event.data.set_id
        if isinstance(event, ReferenceStatedEvent):
            member = _stated(event.data.entity)
        elif event.data.kind == "item_pool":
            sku, pool = event.data.key
            member = (sku, pool, None)
        if member is not None:
            self._members.setdefault((event.network, set_id), []).append(member)

    def activate(self, network: str, set_id: str) -> None:
        """A set is in force: what it states overrides what earlier sets stated."""
        for sku, pool, safety in self._members.pop((network, set_id), []):
            if safety is None:
                self._safety.pop((network, pool, sku), None)
            else:
                self._safety[network, pool, sku] = safety

    def of(self, network: str, pool: str, sku: str) -> int:
        """Safety stock of one SKU in one pool; 0 when none is stated."""
        return self._safety.get((network, pool, sku), 0)


def _stated(entity: AnyEntity) -> Member | None:
    return (entity.sku, entity.pool, entity.safety) if isinstance(entity, ItemPoolEntity) else None
