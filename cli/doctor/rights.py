"""What each role must be allowed on the cluster, and no more: docs/deployment.md shows it, and the doctor asks for it.

READ and WRITE let a principal DESCRIBE, too.  A group of a program's own (a shop's, a warehouse system's) is named by
that program, so its right is not here; the verbs of Sluice use no group.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Sequence

from confluent_kafka.admin import AclOperation, ResourceType
from msgspec import Struct

from schemas.kinds import ALLOCATIONS
from schemas.topics import (
    DEAD_LETTERS,
    DECISIONS,
    EXCEPTIONS,
    FIXED,
    FULFILMENT,
    INVENTORY,
    JOURNAL,
    LAYOUT,
    ORDERS,
    REFERENCE,
    Names,
    Purpose,
    Topic,
)

Operations = frozenset[AclOperation]

READ, WRITE = AclOperation.READ, AclOperation.WRITE
CREATE, DESCRIBE, DESCRIBE_CONFIGS = AclOperation.CREATE, AclOperation.DESCRIBE, AclOperation.DESCRIBE_CONFIGS

OPTIONS = {
    ResourceType.TOPIC: "--topic",
    ResourceType.GROUP: "--group",
    ResourceType.TRANSACTIONAL_ID: "--transactional-id",
}
"""How kafka-acls names what a rule is about."""


class Right(Struct, frozen=True):
    """What must be allowed on one thing, or on everything whose name begins so."""

    kind: ResourceType
    name: str
    operations: Operations
    is_prefix: bool = False

    def covers(self, topic: str) -> bool:
        """Whether it is about this topic."""
        return self.kind == ResourceType.TOPIC and (
            topic.startswith(self.name) if self.is_prefix else topic == self.name
        )


class Place(Struct, frozen=True):
    """Which deployment it is about."""

    names: Names
    group: str
    """The routers' group, with the prefix."""
    wms: str


def router(place: Place) -> Iterator[Right]:
    """Reads the inputs, keeps its own memory and journal, writes the rest; looks at the settings of every topic."""
    for topic in FIXED:
        yield _on(place, topic, _routers(topic) | {DESCRIBE_CONFIGS})
    yield _on_allocations(place, {WRITE, DESCRIBE_CONFIGS})
    yield Right(ResourceType.GROUP, place.group, frozenset({READ}))
    yield Right(ResourceType.TRANSACTIONAL_ID, f"{place.group}.", frozenset({WRITE}), is_prefix=True)


def _routers(topic: Topic) -> set[AclOperation]:
    if topic.purpose is Purpose.INPUT or topic == LAYOUT:
        return {READ}
    return {READ, WRITE} if topic.purpose is Purpose.STATE or topic == JOURNAL else {WRITE}


def shop(place: Place) -> Iterator[Right]:
    """Sends orders and commands on them, and reads what was decided."""
    yield _on(place, LAYOUT, {READ})
    yield _on(place, ORDERS, {WRITE})
    yield _on(place, DECISIONS, {READ})


def warehouse(place: Place) -> Iterator[Right]:
    """A warehouse system tells of its stock and shipments, and reads its own allocations, nobody else's."""
    yield _on(place, LAYOUT, {READ})
    yield _on(place, INVENTORY, {WRITE})
    yield _on(place, FULFILMENT, {WRITE})
    yield Right(ResourceType.TOPIC, place.names.allocations(place.wms), frozenset({READ}))


def carrier(place: Place) -> Iterator[Right]:
    """A carrier tells what arrived."""
    yield _on(place, LAYOUT, {READ})
    yield _on(place, FULFILMENT, {WRITE})


def planner(place: Place) -> Iterator[Right]:
    """`sluice apply`: publishes the network, hears what the routers say, makes the topics of new warehouse systems.

    What the routers say of a set comes as an exception, or as a dead letter where they cannot even read a record of it.
    """
    yield _on(place, LAYOUT, {READ})
    yield _on(place, REFERENCE, {READ, WRITE})
    yield _on(place, EXCEPTIONS, {READ})
    yield _on(place, DEAD_LETTERS, {READ})
    yield _on_allocations(place, {CREATE, DESCRIBE})
    yield Right(ResourceType.GROUP, place.group, frozenset({DESCRIBE}))
    yield Right(
        ResourceType.TRANSACTIONAL_ID, f"{place.names.prefix}apply.", frozenset({WRITE}), is_prefix=True
    )


def reader(place: Place) -> Iterator[Right]:
    """`sluice explain`, `orders`, `stock`, `watch`, `audit` and others that change nothing: reads everything."""
    for topic in FIXED:
        yield _on(place, topic, {READ})
    yield _on_allocations(place, {READ})


ROLES: dict[str, Callable[[Place], Iterator[Right]]] = {
    "router": router,
    "shop": shop,
    "warehouse": warehouse,
    "carrier": carrier,
    "planner": planner,
    "reader": reader,
}


def _on(place: Place, topic: Topic, operations: set[AclOperation]) -> Right:
    return Right(ResourceType.TOPIC, place.names.of(topic), frozenset(operations))


def _on_allocations(place: Place, operations: set[AclOperation]) -> Right:
    """New warehouse systems get new topics, for which nobody should have to grant anything again."""
    name = place.names.prefix + ALLOCATIONS
    return Right(ResourceType.TOPIC, name, frozenset(operations), is_prefix=True)


def granting(bootstrap: str, principal: str, rights: Sequence[Right]) -> str:
    """The command that grants these rights, which are alike but for their names."""
    first = rights[0]
    operations = [f"--operation {spelled(each)}" for each in in_order(first.operations)]
    named = [f"{OPTIONS[right.kind]} {shlex.quote(right.name)}" for right in rights]
    pattern = ["--resource-pattern-type prefixed"] if first.is_prefix else []
    return " ".join(
        [
            f"kafka-acls.sh --bootstrap-server {bootstrap} --command-config admin.properties",
            f"--add --allow-principal {shlex.quote(principal)}",
            *operations,
            *named,
            *pattern,
        ]
    )


def in_order(operations: Operations) -> list[AclOperation]:
    """Always in the same order."""
    return sorted(operations, key=lambda operation: operation.value)


def spelled(operation: AclOperation) -> str:
    """As Kafka's tools write it."""
    return operation.name.title().replace("_", "")


def rights_table() -> Iterator[str]:
    """Every right of every role, for the documentation."""
    place = Place(Names(), Names().prefix + "router", "wms")
    yield "| role | may | on |"
    yield "|---|---|---|"
    for role, needs in ROLES.items():
        alike: dict[tuple[Operations, ResourceType], list[str]] = {}
        for right in needs(place):
            # A WMS's own topic is one of those that a pattern stands for.
            name = right.name.replace("allocations.wms", "allocations.<wms>") + "*" * right.is_prefix
            alike.setdefault((right.operations, right.kind), []).append(f"`{name}`")
        for (operations, kind), names in alike.items():
            words = ", ".join(spelled(each) for each in in_order(operations))
            thing = kind.name.lower().replace("_", " ") + ("s" if len(names) > 1 else "")
            yield f"| {role} | {words} | {thing} {', '.join(names)} |"
