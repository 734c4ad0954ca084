"""Every topic of Sluice: its name, who writes it, what it is keyed by, and what the broker must promise for it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from schemas import kinds
from schemas.times import DAY_MS

DEFAULT_PREFIX = "sluice."

FOR_GOOD = -1
"""A retention that never ends."""

# A batch of one record is a little larger than the record: the broker's own default leaves 12 bytes for that.
INPUT_BYTES_MAX = 1_048_588
# A journal record carries two hashes of every input of its bundle; an order row and a decision a whole plan.
STATE_BYTES_MAX = 4 * INPUT_BYTES_MAX
# A dead letter carries an input of any size as it came, which may have arrived compressed, and its reason.
DEAD_LETTER_BYTES_MAX = 8 * INPUT_BYTES_MAX

_WMS_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_PREFIX = re.compile(r"([A-Za-z0-9_-]+\.)+|")


class Purpose(StrEnum):
    """Which way a topic goes: into the router, out of it, from it to itself, or none."""

    INPUT = "input"
    OUTPUT = "output"
    STATE = "state"
    LAYOUT = "layout"


class Cleanup(StrEnum):
    DELETE = "delete"
    COMPACT = "compact"


@dataclass(frozen=True)
class Topic:
    """One topic without its prefix. All are stamped by the broker (LogAppendTime), so that ages mean something."""

    name: str
    """Its kind: see `schemas.kinds`."""
    purpose: Purpose
    written_by: str
    key: str
    cleanup: Cleanup = Cleanup.DELETE
    retention_ms: int = 30 * DAY_MS
    bytes_max: int = INPUT_BYTES_MAX
    one_partition: bool = False
    """All topics have the same partition count, except the one that records that count."""


INVENTORY = Topic(kinds.INVENTORY, Purpose.INPUT, "ERP, WMS, POS, suppliers", key="network")
ORDERS = Topic(kinds.ORDERS, Purpose.INPUT, "stores, marketplaces, channels, customer service", key="network")
FULFILMENT = Topic(kinds.FULFILMENT, Purpose.INPUT, "WMS, carriers", key="network")
# Kept for good: the log is also the history of the configuration.
REFERENCE = Topic(kinds.REFERENCE, Purpose.INPUT, "sluice apply", key="entity", retention_ms=FOR_GOOD)

DECISIONS = Topic(kinds.DECISIONS, Purpose.OUTPUT, "router", key="order", bytes_max=STATE_BYTES_MAX)
EXCEPTIONS = Topic(kinds.EXCEPTIONS, Purpose.OUTPUT, "router", key="entity", retention_ms=90 * DAY_MS)
DEAD_LETTERS = Topic(
    kinds.DEAD_LETTERS, Purpose.OUTPUT, "router", key="the record's own",
    retention_ms=90 * DAY_MS, bytes_max=DEAD_LETTER_BYTES_MAX,
)  # fmt: skip
JOURNAL = Topic(kinds.JOURNAL, Purpose.OUTPUT, "router", key="sequence", bytes_max=STATE_BYTES_MAX)

LEDGER = Topic(kinds.LEDGER, Purpose.STATE, "router", "row", Cleanup.COMPACT, FOR_GOOD, STATE_BYTES_MAX)
ORDER_BOOK = Topic(
    kinds.ORDER_BOOK, Purpose.STATE, "router", "row", Cleanup.COMPACT, FOR_GOOD, STATE_BYTES_MAX
)
CATALOG = Topic(kinds.CATALOG, Purpose.STATE, "router", "row", Cleanup.COMPACT, FOR_GOOD, STATE_BYTES_MAX)
ROUTER_STATE = Topic(
    kinds.ROUTER_STATE, Purpose.STATE, "router", "row", Cleanup.COMPACT, FOR_GOOD, STATE_BYTES_MAX
)

# One record that says how many partitions all the others have: see infra/partition_count.py.
LAYOUT = Topic(
    "layout", Purpose.LAYOUT, "sluice topics", "setting", Cleanup.COMPACT, FOR_GOOD, one_partition=True
)

FIXED: tuple[Topic, ...] = (
    LAYOUT,
    INVENTORY, ORDERS, FULFILMENT, REFERENCE,
    DECISIONS, EXCEPTIONS, DEAD_LETTERS, JOURNAL,
    LEDGER, ORDER_BOOK, CATALOG, ROUTER_STATE,
)  # fmt: skip


def allocations(wms: str) -> Topic:
    """The topic of one warehouse system: its own, so that access to it is granted to that system alone."""
    if not _WMS_NAME.fullmatch(wms):
        raise ValueError(
            f"{wms!r} cannot name a warehouse system: it becomes part of a topic's name, so it has letters, "
            "digits, '-' and '_' only, and starts with a letter or digit"
        )
    return Topic(kinds.ALLOCATIONS + wms, Purpose.OUTPUT, "router", key="shipment, or pool")


@dataclass(frozen=True)
class Names:
    """The topics' full names under one prefix."""

    prefix: str = DEFAULT_PREFIX

    def __post_init__(self) -> None:
        if not _PREFIX.fullmatch(self.prefix):
            raise ValueError(
                f"{self.prefix!r} cannot be a topic prefix: it is words of letters, digits, '-' and '_', "
                "each followed by a dot, such as 'sluice.' or 'acme.sluice.'"
            )

    def of(self, topic: Topic) -> str:
        return self.prefix + topic.name

    def allocations(self, wms: str) -> str:
        return self.of(allocations(wms))

    def topic_of(self, full_name: str) -> Topic | None:
        """The topic that has this full name, or None when it is not one of Sluice's."""
        if not full_name.startswith(self.prefix):
            return None
        name = full_name.removeprefix(self.prefix)
        if name.startswith(kinds.ALLOCATIONS):
            wms = name.removeprefix(kinds.ALLOCATIONS)
            return allocations(wms) if _WMS_NAME.fullmatch(wms) else None
        return next((topic for topic in FIXED if topic.name == name), None)


def all_topics(wms: Iterable[str] = ()) -> Iterator[Topic]:
    """Every topic that must exist for a network with these warehouse systems."""
    yield from FIXED
    for each in sorted(set(wms)):
        yield allocations(each)
