"""Reference sets: members are stored as they arrive; a commit makes all of them take effect, or none."""

from __future__ import annotations

from operators.effects import Effects, Moment
from operators.obstacles import obstacles_changed
from schemas.codec import BadRecord
from schemas.envelope import Event
from schemas.kinds import EXCEPTIONS
from schemas.notices import Outgoing, SetActivated, SetOutcomeData, SetRefused
from schemas.reference import (
    ReferenceStated,
    ReferenceStatedEvent,
    ReferenceWithdrawn,
    ReferenceWithdrawnEvent,
    SetCommitted,
    SetCommittedEvent,
    entity_key,
    entity_kind,
)
from schemas.reference_set import members_hash
from schemas.rows import ActiveSetsRow, CatalogRow, RowKey
from state.network import Network


def decide(network: Network, event: Event, moment: Moment) -> Effects:
    """The rows and notices of one reference record; raises `BadRecord` for a member of a set already in force."""
    if isinstance(event, SetCommittedEvent):
        return _commit(network, event.data, moment)
    if isinstance(event, ReferenceStatedEvent):
        entity = event.data.entity
        row = CatalogRow(network.name, event.data.set_id, entity_kind(entity), entity_key(entity), entity)
    else:
        assert isinstance(event, ReferenceWithdrawnEvent)
        row = CatalogRow(network.name, event.data.set_id, event.data.kind, event.data.key, None)
    if row.set_id in network.catalog.sets:
        raise BadRecord(
            "set_in_force", f'set "{row.set_id}" is in force already; state the change in a new set'
        )
    return Effects([row], [], _one_too_many(network, row.set_id, moment))


def _one_too_many(network: Network, set_id: str, moment: Moment) -> tuple[RowKey, ...]:
    """The rows of the oldest open set, when a new one would be one more than are kept."""
    catalog = network.catalog
    if set_id in catalog.members:
        return ()
    waiting = [name for name in catalog.members if name not in catalog.sets]
    if len(waiting) < moment.limits.staged_sets_max:
        return ()
    return catalog.rows_of(min(waiting, key=_age))


def _age(set_id: str) -> tuple[int, str]:
    number = set_id.split("-", 1)[0]
    return (int(number) if number.isdecimal() else 0, set_id)


def _commit(network: Network, commit: SetCommitted, moment: Moment) -> Effects:
    catalog = network.catalog
    reasons = _reasons_against(network, commit)
    outcome = SetOutcomeData(set_id=commit.set_id, members=commit.members, reasons=reasons)
    if reasons:
        refused = SetRefused(
            id=f"set/{commit.set_id}/refused/{moment.sequence}",
            time=moment.time, network=network.name, sequence=moment.sequence, data=outcome,
        )  # fmt: skip
        gone = () if commit.set_id in catalog.sets else catalog.rows_of(commit.set_id)
        return Effects([], [Outgoing(EXCEPTIONS, commit.set_id, refused)], gone)
    activated = SetActivated(
        id=f"set/{commit.set_id}/activated",
        time=moment.time, network=network.name, sequence=moment.sequence, data=outcome,
    )  # fmt: skip
    effects = Effects(
        [ActiveSetsRow(network.name, catalog.sets_with(commit.set_id))],
        [Outgoing(EXCEPTIONS, commit.set_id, activated)],
        # The log of sets keeps them; here they would be read back at every restore, for ever.
        catalog.replaced_by(commit.set_id),
    )
    effects.notices += obstacles_changed(network, catalog.members.get(commit.set_id, {}), moment)
    return effects


def _reasons_against(network: Network, commit: SetCommitted) -> list[str]:
    catalog = network.catalog
    if commit.set_id in catalog.sets:
        return [f'set "{commit.set_id}" is in force already']
    rows = catalog.members.get(commit.set_id, {})
    members = [
        ReferenceWithdrawn(set_id=row.set_id, kind=row.kind, key=row.key)
        if row.entity is None
        else ReferenceStated(set_id=row.set_id, entity=row.entity)
        for row in rows.values()
    ]
    reasons = []
    if commit.based_on != catalog.set_id:
        reasons.append(
            f'it is based on set "{commit.based_on}", but "{catalog.set_id}" is in force: someone else applied first; '
            "apply again"
        )
    if len(members) != commit.members:
        reasons.append(f"it has {commit.members} members, {len(members)} arrived")
    elif members_hash(members) != commit.hash:
        reasons.append(f"its members hash to {members_hash(members)}, the commit says {commit.hash}")
    return reasons or catalog.faults((*catalog.sets, commit.set_id))
