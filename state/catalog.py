"""The catalog: the reference sets in force, and sets that wait for their commit."""

from __future__ import annotations

from typing import Any

from schemas.reference import AnyEntity
from schemas.rows import CatalogRow
from state.catalog_faults import faults_of
from state.routes import Routes

EntityKey = tuple[str, ...]
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
        """Forget a member of a set that was never committed; `key` is the row's."""
        set_id = key[-1]
        members = self.members.get(set_id, {})
        members.pop(tuple(key[2:-1]), None)
        if not members:
            self.members.pop(set_id, None)

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
        return faults_of(list(self.entities(sets).values()))

    def activate(self) -> None:
        """Derive the routing tables from the sets in force."""
        self.routes = Routes(list(self.entities(self.sets).values())) if self.sets else None
