"""One partition in memory that tests drive as Kafka would: raw JSON records in, decoded publications out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec

from operators.bundle import Outcome, Publication, decide_bundle, next_due_ms
from schemas.codec import decode_journal, decode_row
from schemas.kinds import FULFILMENT, INVENTORY, ORDERS, REFERENCE, STATE_TOPICS
from schemas.records import Record
from schemas.reference import AnyEntity, ReferenceStated
from schemas.reference_set import members_hash, set_name
from schemas.rows import OrderRow, StockRow
from schemas.times import rfc3339
from state.limits import Limits
from state.network import Network
from state.partition import Partition
from tests.small_network import Entity, ms

NETWORK = "shop"
START = "2026-03-16 08:00"
"""A Monday."""

_TOPIC_OF_TYPE = {
    "stock": INVENTORY, "order": ORDERS, "cancel.requested": ORDERS, "reference": REFERENCE, "set": REFERENCE,
    "format": REFERENCE,
    "shipment": FULFILMENT, "line": FULFILMENT, "cancel": FULFILMENT,
}  # fmt: skip


@dataclass
class Told:
    """What one bundle published, decoded: for tests to look at."""

    outcome: Outcome
    notices: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    dead_letters: list[dict[str, str]] = field(default_factory=list)

    def of(self, kind: str) -> list[dict[str, Any]]:
        """The data of all notices of one type, in order."""
        return [notice["data"] for _, notice in self.notices if notice["type"] == kind]

    @property
    def decisions(self) -> list[dict[str, Any]]:
        return self.of("order.decided")

    @property
    def exceptions(self) -> list[str]:
        """The kinds of the exceptions opened."""
        return [data["kind"] for data in self.of("exception.opened")]

    @property
    def instructions(self) -> list[tuple[str, str, str]]:
        """(warehouse system, `shipment.requested` or ..., shipment)."""
        return [
            (topic.removeprefix("allocations."), notice["type"], notice["data"].get("shipment_id", ""))
            for topic, notice in self.notices
            if topic.startswith("allocations.")
        ]


class World:
    """The partition, the log it reads, and everything it ever published."""

    def __init__(
        self, entities: list[Entity] | None, limits: Limits | None = None, start: str = START
    ) -> None:
        self.limits = limits or Limits()
        self.partition = Partition(0, 1, self.limits)
        self.now_ms = ms(start)
        self.publications: list[Publication] = []
        self.offsets: dict[str, int] = {}
        self._events = 0
        self._sets = 0
        if entities is not None:
            self.apply(*entities)

    @property
    def network(self) -> Network:
        return self.partition.networks[NETWORK]

    def order(self, order_id: str) -> OrderRow:
        return self.network.orders.rows[order_id]

    def stock(self, pool: str, sku: str) -> StockRow:
        row = self.network.ledger.row(pool, sku)
        assert row is not None, f"nothing was ever said of {sku} in {pool}"
        return row

    # --- in -------------------------------------------------------------------------------------------------

    def event(
        self, event_type: str, data: dict[str, Any], event_id: str = "", network: str = NETWORK
    ) -> bytes:
        """The JSON of one event; its id is a running number unless it is given."""
        self._events += 1
        envelope = {
            "specversion": "1.0", "type": event_type, "source": "test", "id": event_id or f"e{self._events}",
            "time": rfc3339(self.now_ms), "network": network, "data": data,
        }  # fmt: skip
        return msgspec.json.encode(envelope)

    def number_events_from(self, number: int) -> None:
        """For a world with a past: no id comes twice."""
        self._events = number

    def bundle(self, records: dict[str, list[bytes | None]], now_ms: int | None = None) -> Told:
        """Decide these records, by topic, as one bundle at that time (by default the world's own)."""
        self.now_ms = max(self.now_ms, now_ms or 0)
        taken: dict[str, list[Record]] = {}
        for topic, values in records.items():
            first = self.offsets.get(topic, 0)
            taken[topic] = [
                Record(topic, first + at, self.now_ms, b"key", value) for at, value in enumerate(values)
            ]
            self.offsets[topic] = first + len(values)
        outcome = decide_bundle(self.partition, taken, dict(self.offsets), self.now_ms)
        self.publications += outcome.publications
        return told(outcome)

    def send(self, *events: tuple[str, dict[str, Any]]) -> Told:
        """One bundle of (type, data), each on the topic of its type."""
        records: dict[str, list[bytes | None]] = {}
        for event_type, data in events:
            records.setdefault(topic_of(event_type), []).append(self.event(event_type, data))
        return self.bundle(records)

    def tick(self, now: str | int | None = None) -> Told:
        """A bundle without records."""
        return self.bundle({}, ms(now) if isinstance(now, str) else now)

    def advance(self, until: str) -> list[Told]:
        """Let everything fire that is due by then, each at its own time, as an idle router would."""
        ticks = []
        while (due_ms := next_due_ms(self.partition)) is not None and due_ms <= ms(until):
            ticks.append(self.tick(max(due_ms, self.now_ms)))
            assert len(ticks) < 10_000, "time does not pass: something is due for ever"
        self.now_ms = max(self.now_ms, ms(until))
        return ticks

    def apply(self, *entities: Entity, withdraw: tuple[tuple[str, tuple[str, ...]], ...] = ()) -> Told:
        """State these entities, and withdraw those (kind, key), as one reference set."""
        return self.bundle({REFERENCE: self.set_events(*entities, withdraw=withdraw)})

    def set_events(
        self,
        *entities: Entity,
        withdraw: tuple[tuple[str, tuple[str, ...]], ...] = (),
        network: str = NETWORK,
    ) -> list[bytes | None]:
        """The records of one reference set with its commit."""
        self._sets += 1
        from schemas.reference import ReferenceWithdrawn

        members: list[Any] = [
            ReferenceStated(set_id="", entity=msgspec.convert(entity, type=AnyEntity)) for entity in entities
        ]
        members += [ReferenceWithdrawn(set_id="", kind=kind, key=key) for kind, key in withdraw]
        hashed = members_hash(members)
        set_id = set_name(self._sets, hashed)
        based_on = (
            self.partition.networks[network].catalog.set_id if network in self.partition.networks else ""
        )
        events: list[bytes | None] = [
            self.event("reference.stated", {"set_id": set_id, "entity": entity}, network=network)
            for entity in entities
        ]
        events += [
            self.event("reference.withdrawn", {"set_id": set_id, "kind": kind, "key": key}, network=network)
            for kind, key in withdraw
        ]
        commit = {"set_id": set_id, "members": len(members), "hash": hashed, "based_on": based_on}
        events.append(self.event("set.committed", commit, network=network))
        return events

    # --- the core's own memory, from what it published ------------------------------------------------------

    def restored(self) -> Partition:
        """A partition that reads back the compacted state topics and the journal, as after a crash."""
        return restore(self.publications, self.limits)

    def restart(self) -> None:
        """Go on with what a new process would have read back."""
        self.partition = self.restored()


def topic_of(event_type: str) -> str:
    """The input topic of a type."""
    return _TOPIC_OF_TYPE.get(event_type) or _TOPIC_OF_TYPE[event_type.split(".")[0]]


def told(outcome: Outcome) -> Told:
    """What was published, decoded from its bytes."""
    result = Told(outcome)
    for topic, _, value, headers in outcome.publications:
        if topic == "dead-letters":
            result.dead_letters.append({name: text.decode() for name, text in headers or []})
        elif topic != "journal" and topic not in STATE_TOPICS:
            assert value is not None
            result.notices.append((topic, msgspec.json.decode(value)))
    return result


def restore(publications: list[Publication], limits: Limits) -> Partition:
    """Compact the state topics, read them back in an order of their own, then the journal."""
    latest: dict[tuple[str, bytes], bytes | None] = {}
    journal = []
    for topic, key, value, _ in publications:
        if topic in STATE_TOPICS:
            assert key is not None
            latest.pop((topic, key), None)
            latest[topic, key] = value
        elif topic == "journal":
            assert value is not None
            journal.append(decode_journal(value))
    partition = Partition(0, 1, limits)
    for (_, key), value in latest.items():
        partition.restore_row(key, value)
        assert value is None or decode_row(value) is not None
    for entry in journal:
        partition.restore_journal(entry)
    partition.finish_restore()
    return partition


# --- events that many tests send ----------------------------------------------------------------------------


def counted(pool: str, sku: str, quantity: int, mark: int) -> tuple[str, dict[str, Any]]:
    return "stock.counted", {"pool": pool, "sku": sku, "quantity": quantity, "mark": mark}


def adjusted(
    pool: str, sku: str, delta: int, position: int, document: str = ""
) -> tuple[str, dict[str, Any]]:
    data = {"pool": pool, "sku": sku, "delta": delta, "reason": "test", "position": position}
    return "stock.adjusted", {**data, "document": document or f"{pool}-{sku}-{position}"}


def placed(order_id: str, *lines: tuple[str, int], **changes: Any) -> tuple[str, dict[str, Any]]:
    """An order of (sku, quantity) lines to Germany, over the channel that releases before the cut-off."""
    return "order.placed", {
        "order_id": order_id, "channel": "web", "placed_at": rfc3339(ms(START)), "service_level": "standard",
        "currency": "EUR", "destination": {"country": "DE"}, "customer_token": "c", "address_ref": "a",
        "lines": [
            {"line_id": str(number), "sku": sku, "quantity": quantity, "unit": "C62"}
            for number, (sku, quantity) in enumerate(lines, start=1)
        ],
        **changes,
    }  # fmt: skip
