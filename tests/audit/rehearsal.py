"""The router's core on a log in memory, in a world that goes wrong by chance, for the auditor to look at."""

from __future__ import annotations

from collections import defaultdict
from random import Random
from typing import Any

import msgspec

from cli.audit.history import PartitionTopics, audit_partition
from cli.audit.journal import Letter
from cli.audit.report import AuditReport
from operators.bundle import Outcome, decide_bundle
from schemas.codec import decode_notice
from schemas.formats import FORMAT
from schemas.kinds import (
    ALLOCATIONS,
    CATALOG,
    DEAD_LETTERS,
    DECISIONS,
    EXCEPTIONS,
    INPUT_TOPICS,
    JOURNAL,
    LEDGER,
    ORDER_BOOK,
    ROUTER_STATE,
)
from schemas.notices import CancelRequestedOfWms, ShipmentRequested, ShipmentRequestedData
from schemas.records import Record
from schemas.reference import AnyEntity, ItemPoolEntity, ReferenceStated
from schemas.reference_set import members_hash
from schemas.times import rfc3339
from state.limits import Limits
from state.partition import Partition
from tests.audit.small_network import NETWORK, NUMBER, PARTITIONS, POOLS, SKUS, START_MS, entities

ROWS = (LEDGER, ORDER_BOOK, CATALOG, ROUTER_STATE)


class Rehearsal:
    """A partition with its topics, and people and warehouses who behave as badly as the contract allows."""

    def __init__(self, seed: int, limits: Limits | None = None, careless: bool = False) -> None:
        self.careless = careless
        """More leaves than a shipment holds, and cancel requests and unblocks come again under another id."""
        self.chance = Random(seed)
        self.partition = Partition(NUMBER, PARTITIONS, limits)
        self.now_ms = START_MS
        self.inputs: dict[str, list[bytes]] = {topic: [] for topic in INPUT_TOPICS}
        self.outputs: dict[str, list[tuple[bytes | None, bytes | None, Any]]] = defaultdict(list)
        self._read = dict.fromkeys(INPUT_TOPICS, 0)
        self._events = 0
        self._positions = dict.fromkeys(POOLS, 100)
        self._used: set[tuple[str, int]] = set()
        self._documents: list[tuple[str, str, int]] = []
        self._orders: list[str] = []
        self._sent: list[ShipmentRequested] = []
        self._cancels: list[CancelRequestedOfWms] = []
        self._watched: dict[str, int] = defaultdict(int)
        self._set_id = ""
        self._answered: set[str] = set()
        """Shipments of which a warehouse has spoken since the last bundle."""

    # --- inputs -------------------------------------------------------------------------------------------

    def send(self, topic: str, event_type: str, data: dict[str, Any], network: str = NETWORK) -> None:
        """Append an event; now and then twice, or with another id, or with the id of another."""
        self._events += 1
        envelope = {
            "specversion": "1.0",
            "type": event_type,
            "source": "world",
            "id": f"{self._events}",
            "time": rfc3339(self.now_ms),
            "network": network,
            "data": data,
        }
        self.inputs[topic].append(msgspec.json.encode(envelope))
        luck = self.chance.random()
        if event_type in {"cancel.requested", "stock.unblocked"} and not self.careless:
            luck = 0.0 if luck < 0.04 else 1.0
        if luck < 0.04:
            self.inputs[topic].append(msgspec.json.encode(envelope))
        elif luck < 0.07:
            self.inputs[topic].append(msgspec.json.encode({**envelope, "id": f"{self._events}-again"}))
        elif luck < 0.09:
            another = str(self.chance.randint(1, self._events))
            self.inputs[topic].append(msgspec.json.encode({**envelope, "id": another}))
        elif luck < 0.10:
            self.inputs[topic].append(b'{"specversion": "1.0"')

    def apply(self, changed: list[AnyEntity]) -> None:
        """Publish a reference set."""
        set_id = f"{len(self.inputs['reference'])}-set"
        members = [ReferenceStated(set_id=set_id, entity=entity) for entity in changed]
        for member in members:
            self._reference("reference.stated", msgspec.to_builtins(member))
        commit = {
            "set_id": set_id,
            "members": len(members),
            "hash": members_hash(members),
            "based_on": self._set_id,
        }
        self._reference("set.committed", commit)
        self._set_id = set_id

    def _reference(self, event_type: str, data: dict[str, Any]) -> None:
        self._events += 1
        envelope = {
            "specversion": "1.0",
            "type": event_type,
            "source": "apply",
            "id": f"{self._events}",
            "time": rfc3339(self.now_ms),
            "network": NETWORK,
            "data": data,
        }
        self.inputs["reference"].append(msgspec.json.encode(envelope))

    def finalise(self) -> None:
        """The operator ends an upgrade."""
        data = {"partition": NUMBER, "format": FORMAT, "author": "anna"}
        self._reference("format.finalised", data)

    def _position(self, pool: str) -> int:
        """The warehouse's next place; messages overtake one another, so it is sometimes an earlier one."""
        self._positions[pool] += self.chance.randint(1, 3)
        position = self._positions[pool] - self.chance.choice((0, 0, 0, 2, 5))
        while (pool, position) in self._used:
            position -= 1
        self._used.add((pool, position))
        return position

    def stock_event(self) -> None:
        """A count, a correction, a sale, a block or its end."""
        chance = self.chance
        pool, sku = chance.choice(POOLS), chance.choice((*SKUS, "unknown-sku"))
        kind = chance.choice(("counted", "counted", "adjusted", "sold", "blocked", "unblocked"))
        data: dict[str, Any] = {"pool": pool, "sku": sku}
        if kind == "counted":
            data |= {"quantity": chance.choice((0, 2, 5, 10, 20)), "mark": self._position(pool)}
        else:
            data |= {"document": f"d{self._events}", "position": self._position(pool)}
            if kind == "adjusted":
                data |= {"delta": chance.randint(-3, 5), "reason": "found"}
            else:
                data |= {"quantity": chance.randint(1, 3)}
            if kind in {"blocked", "unblocked"}:
                data |= {"reason": "wet"}
            if kind == "blocked":
                self._documents.append((pool, sku, self._events))
                if chance.random() < 0.5:
                    data |= {"until": rfc3339(self.now_ms + chance.randint(0, 7_200_000))}
            elif kind == "unblocked" and self._documents and chance.random() < 0.8:
                data["pool"], data["sku"], document = chance.choice(self._documents)
                data |= {"document": f"d{document}", "position": self._position(data["pool"])}
        self.send("inventory", f"stock.{kind}", data)

    def order(self) -> None:
        """A basket of one to three lines."""
        chance = self.chance
        order_id = f"o{len(self._orders)}"
        self._orders.append(order_id)
        lines = [
            {
                "line_id": str(number),
                "sku": chance.choice(SKUS) if chance.random() < 0.97 else "unknown-sku",
                "quantity": chance.randint(1, 4),
                "unit": "C62",
            }
            for number in range(chance.randint(1, 3))
        ]
        data = {
            "order_id": order_id,
            "channel": chance.choice(("web", "stores")) if chance.random() < 0.98 else "nobody",
            "placed_at": rfc3339(self.now_ms),
            "commitment": chance.choice(("sold", "sold", "request")),
            "service_level": "standard",
            "priority": chance.randint(1, 9),
            "currency": "EUR",
            "destination": {"country": "FR"},
            "customer_token": "t",
            "address_ref": "a",
            "ship_complete": chance.random() < 0.1,
            "max_shipments": chance.randint(1, 4),
            "lines": lines,
        }
        self.send("orders", "order.placed", data)

    def cancel(self) -> None:
        """Some customer changes her mind, about all or part of it."""
        if not self._orders:
            return
        data: dict[str, Any] = {
            "order_id": self.chance.choice(self._orders),
            "request_id": f"r{self._events}",
        }
        if self.chance.random() < 0.5:
            data["lines"] = {"0": self.chance.randint(1, 3)}
        self.send("orders", "cancel.requested", data)

    def warehouse(self) -> None:
        """An answer to some shipment, in any order, of any truth."""
        if not self._sent:
            return
        chance = self.chance
        sent = chance.choice(self._sent[-30:]).data
        data: dict[str, Any] = {"shipment_id": sent.shipment_id}
        if not self.careless and sent.shipment_id in self._answered:
            return
        self._answered.add(sent.shipment_id)
        line = chance.choice(sent.lines)
        kind = chance.choice(
            (
                "shipment.accepted",
                "shipment.dispatched",
                "shipment.dispatched",
                "line.short_picked",
                "shipment.rejected",
            )
        )
        if kind == "shipment.dispatched":
            totals = {each.line_id: each.quantity for each in sent.lines}
            if chance.random() < 0.4:
                totals = {line.line_id: chance.randint(0, line.quantity + 1)}
            if not self.careless:
                totals = {line_id: min(total, self._held(sent, line_id)) for line_id, total in totals.items()}
            data |= {"lines_total": totals, "position": self._position(sent.pool), "carrier": "post"}
        elif kind == "line.short_picked":
            missing = chance.randint(0, line.quantity)
            data |= {"line_id": line.line_id, "missing": missing, "position": self._position(sent.pool)}
        elif kind == "shipment.rejected" and chance.random() < 0.5:
            data |= {"lines": {line.line_id: chance.randint(0, line.quantity)}}
        self.send("fulfilment", kind, data)

    def carrier(self) -> None:
        """What a carrier says of a shipment, now and then before its warehouse has said that it left."""
        if not self._sent:
            return
        chance = self.chance
        sent = chance.choice(self._sent[-30:]).data
        data: dict[str, Any] = {"shipment_id": sent.shipment_id}
        if chance.random() < 0.5:
            line = chance.choice(sent.lines)
            data["lines_total"] = {line.line_id: chance.randint(0, line.quantity + self.careless)}
        if chance.random() < 0.5:
            data["delivered_at"] = rfc3339(self.now_ms - chance.randint(0, 86_400_000))
        self.send("fulfilment", "shipment.delivered", data)

    def answer_cancel(self) -> None:
        """Yes or no to a cancel request, all of it or part."""
        if not self._cancels:
            return
        chance = self.chance
        asked = chance.choice(self._cancels[-10:]).data
        if not self.careless and asked.shipment_id in self._answered:
            return
        self._answered.add(asked.shipment_id)
        data: dict[str, Any] = {"shipment_id": asked.shipment_id, "request_id": asked.request_id}
        if chance.random() < 0.4:
            line_id = chance.choice(sorted(asked.lines))
            data["lines"] = {line_id: chance.randint(0, asked.lines[line_id])}
        self.send("fulfilment", chance.choice(("cancel.accepted", "cancel.refused")), data)

    def _held(self, sent: ShipmentRequestedData, line_id: str) -> int:
        """Units of a line that the shipment has not given back."""
        order = self.partition.networks[NETWORK].orders.rows[sent.order_id]
        return sum(
            part.unshipped + part.shipped
            for shipment in order.shipments
            if shipment.shipment_id == sent.shipment_id
            for part in shipment.lines
            if order.lines[part.line].line_id == line_id
        )

    # --- running ------------------------------------------------------------------------------------------

    def bundle(self) -> Outcome:
        """Decide what has arrived and publish it."""
        records = {
            topic: [
                Record(topic, offset, self.now_ms, NETWORK.encode(), values[offset])
                for offset in range(self._read[topic], len(values))
            ]
            for topic, values in self.inputs.items()
        }
        positions = {topic: len(values) for topic, values in self.inputs.items()}
        outcome = decide_bundle(self.partition, records, positions, self.now_ms)
        self._read = positions
        self._answered.clear()
        for topic, key, value, headers in outcome.publications:
            self.outputs[topic].append((key, value, headers))
        self._watch()
        return outcome

    def _watch(self) -> None:
        """The warehouses read what they are told."""
        for topic, published in self.outputs.items():
            if not topic.startswith(ALLOCATIONS):
                continue
            for _, value, _ in published[self._watched[topic] :]:
                notice = decode_notice(value or b"")
                if isinstance(notice, ShipmentRequested):
                    self._sent.append(notice)
                elif isinstance(notice, CancelRequestedOfWms):
                    self._cancels.append(notice)
            self._watched[topic] = len(published)

    def run(self, bundles: int) -> None:
        """That many bundles of everything."""
        chance = self.chance
        self.apply(entities())
        self.bundle()
        actions = (
            self.stock_event, self.order, self.order, self.warehouse, self.warehouse, self.cancel,
            self.answer_cancel, self.carrier,
        )  # fmt: skip
        for _ in range(bundles):
            for _ in range(chance.choice((0, 1, 3, 10))):
                chance.choice(actions)()
            if chance.random() < 0.05:
                self.apply(
                    [
                        ItemPoolEntity(
                            sku=chance.choice(SKUS), pool=chance.choice(POOLS), safety=chance.randint(0, 4)
                        )
                    ]
                )
            self.now_ms += chance.choice((5, 1_000, 60_000, 3_600_000))
            self.bundle()

    # --- auditing -----------------------------------------------------------------------------------------

    def topics(self) -> PartitionTopics:
        """As the audit reads them."""

        def records(topic: str) -> list[Record]:
            return [
                Record(topic, offset, START_MS, key, value)
                for offset, (key, value, _) in enumerate(self.outputs[topic])
            ]

        letters = []
        for key, value, headers in self.outputs[DEAD_LETTERS]:
            said = {name: text.decode() for name, text in headers}
            letters.append(
                Letter(
                    int(said["sequence"]),
                    said["topic"],
                    int(said["offset"]),
                    key,
                    value,
                    said["reason"],
                    said["detail"],
                )
            )
        kinds = [
            DECISIONS,
            EXCEPTIONS,
            *(topic for topic in list(self.outputs) if topic.startswith(ALLOCATIONS)),
        ]
        return PartitionTopics(
            partition=NUMBER,
            partitions=PARTITIONS,
            inputs={
                topic: [
                    Record(topic, offset, START_MS, NETWORK.encode(), value)
                    for offset, value in enumerate(values)
                ]
                for topic, values in self.inputs.items()
            },
            journal=records(JOURNAL),
            notices={kind: records(kind) for kind in kinds},
            letters=letters,
            rows=[record for topic in ROWS for record in records(topic)],
        )

    def audit(self) -> AuditReport:
        """What the auditor says."""
        report = AuditReport()
        audit_partition(self.topics(), report, complete=True)
        return report
