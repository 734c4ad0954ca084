"""Which entities are in force: the reference sets of one network, folded in the order of the log.

The rules are the router's: a set counts when it is based on the one in force, when as many members arrived as it
says and hash to what it says, and when the result fits together.  Anything else is as if it had never been sent.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from msgspec import Struct, field

from schemas.codec import Undecodable, decode_input
from schemas.envelope import Event
from schemas.kinds import REFERENCE
from schemas.reference import (
    AnyEntity,
    ReferenceStated,
    ReferenceStatedEvent,
    ReferenceWithdrawn,
    ReferenceWithdrawnEvent,
    SetCommitted,
    SetCommittedEvent,
    entity_key,
    entity_kind,
)
from schemas.reference_set import Member, members_hash, set_name
from state.catalog_faults import faults_of

EntityKey = tuple[str, ...]
"""Kind, then the entity's own key."""


def key_of(entity: AnyEntity) -> EntityKey:
    """What identifies an entity among all of a network."""
    return (entity_kind(entity), *entity_key(entity))


def member_key(member: Member) -> EntityKey:
    """What a member states or withdraws."""
    if isinstance(member, ReferenceStated):
        return key_of(member.entity)
    return (member.kind, *member.key)


class InForce(Struct):
    """What holds after the records folded so far."""

    set_id: str = ""
    entities: dict[EntityKey, AnyEntity] = field(default_factory=dict)
    commits: int = 0
    """Commits seen, the refused ones too: a new set's number is higher, so that no name comes twice."""
    _waiting: dict[str, dict[EntityKey, Member]] = field(default_factory=dict)
    _sets: set[str] = field(default_factory=set)

    def take(self, value: bytes | None, network: str) -> None:
        """Takes the next record of the log, whatever it is and whose."""
        try:
            event = decode_input(REFERENCE, value)
        except Undecodable:
            return  # A dead letter to the router, and nothing to us.
        if event.network == network:
            self.fold(event)

    def fold(self, event: Event) -> None:
        """Takes the next record of the network."""
        if isinstance(event, ReferenceStatedEvent | ReferenceWithdrawnEvent):
            if event.data.set_id not in self._sets:
                self._waiting.setdefault(event.data.set_id, {})[member_key(event.data)] = event.data
        elif isinstance(event, SetCommittedEvent):
            self.commits += 1
            self._commit(event.data)

    def _commit(self, commit: SetCommitted) -> None:
        if commit.set_id in self._sets:
            return
        members = self._waiting.pop(commit.set_id, {})
        if commit.based_on != self.set_id or commit.members != len(members):
            return
        if members_hash(members.values()) != commit.hash:
            return
        entities = dict(self.entities)
        for key, member in members.items():
            if isinstance(member, ReferenceStated):
                entities[key] = member.entity
            else:
                entities.pop(key, None)
        if not faults_of(entities):
            self.set_id, self.entities = commit.set_id, entities
            self._sets.add(commit.set_id)


def entities_under(
    set_ids: Collection[str], network: str, log: Iterable[bytes | None]
) -> dict[str, list[AnyEntity]]:
    """What was in force when each of these was the latest set, by set; without those that the log does not lead to.

    `log` is the reference topic from its beginning: it keeps every set for good.
    """
    in_force = InForce()
    found: dict[str, list[AnyEntity]] = {}
    for value in log:
        in_force.take(value, network)
        if in_force.set_id in set_ids and in_force.set_id not in found:
            found[in_force.set_id] = list(in_force.entities.values())
            if len(found) == len(set_ids):
                break
    return found


class ReferenceSet(Struct, frozen=True, kw_only=True):
    """A set to publish: its members and the commit that makes them take effect."""

    members: list[Member]
    commit: SetCommitted


def set_of(
    in_force: InForce, wanted: list[AnyEntity], author: str = "", message: str = ""
) -> ReferenceSet | None:
    """The set that leads from what is in force to what is wanted; None when that is the same."""
    by_key = {key_of(entity): entity for entity in wanted}
    stated = [entity for key, entity in by_key.items() if in_force.entities.get(key) != entity]
    gone = [key for key in in_force.entities if key not in by_key]
    if not stated and not gone:
        return None
    nameless: list[Member] = [ReferenceStated(set_id="", entity=entity) for entity in stated]
    nameless += [ReferenceWithdrawn(set_id="", kind=key[0], key=key[1:]) for key in gone]
    hash_of_members = members_hash(nameless)
    set_id = set_name(in_force.commits + 1, hash_of_members)
    members: list[Member] = [ReferenceStated(set_id=set_id, entity=entity) for entity in stated]
    members += [ReferenceWithdrawn(set_id=set_id, kind=key[0], key=key[1:]) for key in gone]
    commit = SetCommitted(
        set_id=set_id,
        members=len(members),
        hash=hash_of_members,
        based_on=in_force.set_id,
        author=author,
        message=message,
    )
    return ReferenceSet(members=members, commit=commit)
