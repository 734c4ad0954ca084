"""The catalog: the reference sets in force, and sets that wait for their commit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from schemas.reference import AnyEntity
from schemas.rows import CatalogRow, RowKey, row_key
from state.catalog_faults import EntityKey, faults_of
from state.routes import Routes

Entities = dict[EntityKey, AnyEntity]
"""By (kind, *key)."""


class Catalog:
    """Members of sets as they arrived, and what the sets in force add up to."""

    def __init__(self) -> None:
        self.members: dict[str, dict[EntityKey, CatalogRow]] = {}
        self.sets: tuple[str, ...] = ()
        self.routes: Routes | None = None

    @property
    def set_id(self) -> str:
        """The set in force; empty before the first."""
        return self.sets[-1] if self.sets else ""

    def put_member(self, row: CatalogRow) -> None:
        """Store a member of a set; it has no effect before the set is committed."""
        self.members.setdefault(row.set_id, {})[(row.kind, *row.key)] = row

    def remove_member(self, key: tuple[Any, ...]) -> None:
        """Forget a member of a set that was never committed, or one that a later set replaced; `key` is the row's."""
        set_id = key[-1]
        members = self.members.get(set_id, {})
        members.pop(tuple(key[2:-1]), None)
        if not members:
            self.members.pop(set_id, None)

    def rows_of(self, set_id: str) -> tuple[RowKey, ...]:
        """The keys of a set's members, in an order that does not depend on that of arrival."""
        return _in_order(self.members.get(set_id, {}).values())

    def replaced_by(self, set_id: str) -> tuple[RowKey, ...]:
        """What no decision needs once that set is in force: members that it states anew or withdraws, and its
        withdrawals, which withdraw nothing more.
        """
        members = self.members.get(set_id, {})
        gone = [row for row in members.values() if row.entity is None]
        for earlier in self.sets:
            rows = self.members.get(earlier, {})
            gone += [rows[key] for key in rows.keys() & members.keys()]
        return _in_order(gone)

    def sets_with(self, set_id: str) -> tuple[str, ...]:
        """The sets in force once that one is: without those of which nothing holds any more."""
        members = self.members.get(set_id, {}).keys()
        left = [name for name in self.sets if not self.members.get(name, {}).keys() <= members]
        return (*left, set_id)

    def entities(self, sets: tuple[str, ...]) -> Entities:
        """What these sets add up to, later ones overriding earlier ones."""
        entities: Entities = {}
        for set_id in sets:
            for key, row in self.members.get(set_id, {}).items():
                if row.entity is None:
                    entities.pop(key, None)
                else:
                    entities[key] = row.entity
        # The order of arrival must not matter to anything that walks over the entities.
        return dict(sorted(entities.items()))

    def faults(self, sets: tuple[str, ...]) -> list[str]:
        """What contradicts itself in these sets, as sentences; a set with any is refused as a whole."""
        return faults_of(self.entities(sets))

    def activate(self) -> None:
        """Derive the routing tables from the sets in force."""
        self.routes = Routes(list(self.entities(self.sets).values())) if self.sets else None


def _in_order(rows: Iterable[CatalogRow]) -> tuple[RowKey, ...]:
    return tuple(sorted((row_key(row) for row in rows), key=repr))
