"""Every topic of Sluice: its name, who writes it, what it is keyed by, and what the broker must promise for
it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

DEFAULT_PREFIX = "sluice."

DAY_MS = 24 * 60 * 60 * 1000
FOR_GOOD = -1
"""A retention that never ends."""

# A batch of one record is a little larger than the record: the broker's own default leaves 12 bytes for that.
INPUT_BYTES_MAX = 1_048_588
# A journal record carries two hashes of every input of its bundle; an order row and a decision a whole plan.
STATE_BYTES_MAX = 4 * INPUT_BYTES_MAX
# A dead letter carries an input of any size as it came, which may have arrived compressed, and its reason.
DEAD_LETTER_BYTES_MAX = 8 * INPUT_BYTES_MAX

TOPIC_NAME_CHARACTERS_MAX = 249
_WMS_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_PREFIX = re.compile(r"([A-Za-z0-9_-]+\.)+|")


class Kind(StrEnum):
    INPUT = "input"
    OUTPUT = "output"
    STATE = "state"
    LAYOUT = "layout"


class Cleanup(StrEnum):
    DELETE = "delete"
    COMPACT = "compact"


@dataclass(frozen=True)
class Topic:
    """One topic without its prefix. All are stamped by the broker (LogAppendTime), so that ages mean
    something."""

    name: str
    kind: Kind
    written_by: str
    key: str
    cleanup: Cleanup = Cleanup.DELETE
    retention_ms: int = 30 * DAY_MS
    bytes_max: int = INPUT_BYTES_MAX
    one_partition: bool = False
    """All topics have the same partition count, except the one that records that count."""


INVENTORY = Topic("inventory", Kind.INPUT, "ERP, WMS, POS, suppliers", key="network")
ORDERS = Topic("orders", Kind.INPUT, "stores, marketplaces, channels, customer service", key="network")
FULFILMENT = Topic("fulfilment", Kind.INPUT, "WMS, carriers", key="network")
# Kept for good: the log is also the history of the configuration.
REFERENCE = Topic("reference", Kind.INPUT, "sluice apply", key="entity", retention_ms=FOR_GOOD)

DECISIONS = Topic("decisions", Kind.OUTPUT, "router", key="order", bytes_max=STATE_BYTES_MAX)
EXCEPTIONS = Topic("exceptions", Kind.OUTPUT, "router", key="entity", retention_ms=90 * DAY_MS)
DEAD_LETTERS = Topic(
    "dead-letters", Kind.OUTPUT, "router", key="the record's own",
    retention_ms=90 * DAY_MS, bytes_max=DEAD_LETTER_BYTES_MAX,
)  # fmt: skip
JOURNAL = Topic("journal", Kind.OUTPUT, "router", key="sequence", bytes_max=STATE_BYTES_MAX)

LEDGER = Topic("ledger", Kind.STATE, "router", "row", Cleanup.COMPACT, FOR_GOOD, STATE_BYTES_MAX)
ORDER_BOOK = Topic("order-book", Kind.STATE, "router", "row", Cleanup.COMPACT, FOR_GOOD, STATE_BYTES_MAX)
CATALOG = Topic("catalog", Kind.STATE, "router", "row", Cleanup.COMPACT, FOR_GOOD, STATE_BYTES_MAX)
ROUTER_STATE = Topic("router-state", Kind.STATE, "router", "row", Cleanup.COMPACT, FOR_GOOD, STATE_BYTES_MAX)

# One record that says how many partitions all the others have: see infra/partition_count.py.
LAYOUT = Topic(
    "layout", Kind.LAYOUT, "sluice topics", "setting", Cleanup.COMPACT, FOR_GOOD, one_partition=True
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
            "digits, "
            "'-' and '_' only, and starts with a letter or digit"
        )
    return Topic(f"allocations.{wms}", Kind.OUTPUT, "router", key="order")


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
        if name.startswith("allocations."):
            wms = name.removeprefix("allocations.")
            return allocations(wms) if _WMS_NAME.fullmatch(wms) else None
        return next((topic for topic in FIXED if topic.name == name), None)


def all_topics(wms: Iterable[str] = ()) -> Iterator[Topic]:
    """Every topic that must exist for a network with these warehouse systems."""
    yield from FIXED
    for each in sorted(set(wms)):
        yield allocations(each)
