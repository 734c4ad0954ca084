"""The reference as it was when a decision was taken, from the log that keeps every set for good."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

from cli.reference.sets import EntityKey, InForce
from schemas.codec import Undecodable, decode_input
from schemas.envelope import Event
from schemas.kinds import REFERENCE
from schemas.reference import AnyEntity, ReferenceStatedEvent, ReferenceWithdrawnEvent, SetCommittedEvent

_A_COMMIT = str(SetCommittedEvent.__struct_config__.tag).encode()

_OF_A_SET = ReferenceStatedEvent | ReferenceWithdrawnEvent | SetCommittedEvent

Log = Callable[[], Iterable[bytes | None]]
"""Reads a partition of the reference topic from its beginning, whenever it is called."""


class Lineage(InForce):
    """What held under sets that are known to have taken effect, and so under those that they were based on.

    Nothing else is folded, and no fault is looked for: the log may hold years of sets.
    """

    ancestors: frozenset[str] = frozenset()

    def fold(self, event: Event) -> None:
        """As of any log, but for other sets."""
        if isinstance(event, _OF_A_SET) and event.data.set_id in self.ancestors:
            super().fold(event)

    def _takes_effect(self, set_id: str, entities: Mapping[EntityKey, AnyEntity]) -> bool:
        return set_id in self.ancestors


def entities_under(set_ids: Collection[str], network: str, log: Log) -> dict[str, list[AnyEntity]]:
    """What was in force when each of these was the latest set, by set; without those that the log does not lead to.

    The log is read twice, once for what each set was based on: its members may not fit into memory.
    """
    lineage = Lineage(ancestors=_ancestors(set_ids, network, log))
    found: dict[str, list[AnyEntity]] = {}
    for event in _events(log(), network):
        lineage.fold(event)
        if isinstance(event, SetCommittedEvent) and lineage.set_id in set_ids:
            found.setdefault(lineage.set_id, list(lineage.entities.values()))
    return found


def _ancestors(set_ids: Iterable[str], network: str, log: Log) -> frozenset[str]:
    """The sets themselves, and all that led to them."""
    bases: dict[str, set[str]] = {}
    commits = (value for value in log() if value is not None and _A_COMMIT in value)
    for event in _events(commits, network):
        if isinstance(event, SetCommittedEvent):
            bases.setdefault(event.data.set_id, set()).add(event.data.based_on)
    known: set[str] = set()
    to_follow = set(set_ids)
    while to_follow:
        set_id = to_follow.pop()
        known.add(set_id)
        to_follow |= bases.get(set_id, set()) - known
    return frozenset(known)


def _events(values: Iterable[bytes | None], network: str) -> Iterable[Event]:
    for value in values:
        try:
            event = decode_input(REFERENCE, value)
        except Undecodable:
            continue  # A dead letter to the router, and nothing to us.
        if event.network == network:
            yield event
