"""The order of work in one bundle: reference, time, facts, shortages, routing, releases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from operators import clock, fulfilment, inventory, reference
from operators.agenda import Agenda
from operators.cancel import cancel
from operators.effects import Effects, Moment
from operators.finalise import begins_format
from operators.intake import book
from operators.measures import BundleMeasures
from operators.order_change import order_of
from operators.route import REFERENCE_CHANGED
from schemas.codec import TYPE_OF_EVENT, BadRecord, decode_input
from schemas.digest import content_hash, identity_hash
from schemas.journal import DeadLetter
from schemas.kinds import FULFILMENT, INVENTORY, ORDERS, REFERENCE, STATE_TOPICS
from schemas.notices import Outgoing
from schemas.orders import OrderPlacedEvent
from schemas.records import Record
from schemas.reference import FormatFinalisedEvent
from schemas.rows import TOPIC_OF_ROW, ActiveSetsRow, Row, RowKey, StockRow, row_key, topic_of_key
from state.network import Network
from state.partition import Partition


class Result:
    """What a bundle amounts to: the last row of each key (None: forgotten) by topic, and what to publish, in order."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[RowKey, Row | None]] = {topic: {} for topic in STATE_TOPICS}
        self.notices: list[Outgoing] = []
        self.dead_letters: list[DeadLetter] = []
        self.accepted: list[tuple[int, int]] = []
        self.measures = BundleMeasures()


class Step:
    """One bundle being decided.  It puts rows as it goes; an error half-way leaves the partition unusable."""

    def __init__(self, partition: Partition, moment: Moment) -> None:
        self.partition = partition
        self.moment = moment
        self.result = Result()
        self._agendas: dict[str, Agenda] = {}

    def run(self, records: dict[str, list[Record]]) -> Result:
        """Decide the bundle; `records` are by topic kind, each in offset order."""
        self._facts(REFERENCE, records)
        self._roll_time()
        for topic in (INVENTORY, FULFILMENT, ORDERS):
            self._facts(topic, records)
        for name in self.partition.network_names:
            network = self.partition.networks[name]
            if name in self._agendas or network.orders.undecided:
                self._agenda(network).settle(self.moment, self._apply)
        return self.result

    def _roll_time(self) -> None:
        for name in self.partition.network_names:
            network = self.partition.networks[name]
            next_ms = network.timers.next_ms()
            if next_ms is None or next_ms > self.moment.now_ms:
                continue
            due = clock.roll(network, self.moment)
            agenda = self._agenda(network)
            agenda.dirty.update(due.dirty)
            agenda.releases += due.releases
            for effects in due.effects:
                self._apply(network, effects)

    def _facts(self, topic: str, records: dict[str, list[Record]]) -> None:
        for record in records.get(topic, ()):
            try:
                self._fact(topic, record)
            except BadRecord as fault:
                self.result.dead_letters.append(
                    DeadLetter(
                        topic=topic,
                        offset=record.offset,
                        timestamp_ms=record.timestamp_ms,
                        key=record.key,
                        value=record.value,
                        reason=fault.reason,
                        detail=fault.detail,
                    )
                )

    def _fact(self, topic: str, record: Record) -> None:
        """One input: a duplicate, or put and accepted; raises `BadRecord` before it changes anything."""
        partition = self.partition
        if topic == ORDERS and record.value and len(record.value) > partition.limits.order_bytes_max:
            raise BadRecord(
                "oversized",
                f"the order has {len(record.value):,} bytes, at most {partition.limits.order_bytes_max:,} are taken "
                "(limits.order_bytes_max): split it",
            )
        event = decode_input(topic, record.value)
        event_type = TYPE_OF_EVENT[type(event)]
        received = self.result.measures.received
        received[event_type] = received.get(event_type, 0) + 1
        home = partition.partition_of(event.network)
        if home != partition.number and type(event) is not FormatFinalisedEvent:
            raise BadRecord(
                "wrong_partition",
                f'network "{event.network}" lives on partition {home}, this record came on {partition.number}: '
                "key it by the network alone and set partitioner=murmur2_random",
            )
        identity = identity_hash(event.source, event.id)
        content = content_hash(event_type, event.data)  # type: ignore[attr-defined]
        known = partition.seen.contents.get(identity)
        if known is not None:
            if known == content:
                self.result.measures.duplicates += 1
                return
            raise BadRecord(
                "conflict",
                f'source "{event.source}" id "{event.id}" was sent before with other data; '
                "a correction needs an id of its own",
            )
        if topic == REFERENCE:
            if type(event) is FormatFinalisedEvent:
                self._finalise(event)
                partition.seen.add(identity, content)
                self.result.accepted.append((identity, content))
                return
            network: Network | None = partition.network(event.network)
        else:
            network = partition.networks.get(event.network)
        if network is None or (network.catalog.routes is None and topic != REFERENCE):
            raise BadRecord(
                "unknown_network",
                f'network "{event.network}" has no reference set in force; sluice apply publishes it',
            )
        effects = (
            book(network, event, content, self.moment)
            if type(event) is OrderPlacedEvent
            else _DECIDE[topic](network, event, self.moment)
        )
        is_stale = not (effects.rows or effects.notices or effects.removed)
        if is_stale:
            self.result.measures.stale += 1
        else:
            self._apply(network, effects)
        if topic == INVENTORY:
            measures = self.result.measures.of(event.network)
            pool: str = event.data.pool  # type: ignore[attr-defined]
            if is_stale and inventory.is_ignored(network, event):
                measures.ignored[pool] = measures.ignored.get(pool, 0) + 1
            else:
                measures.heard[pool] = record.timestamp_ms
        partition.seen.add(identity, content)
        self.result.accepted.append((identity, content))

    def _finalise(self, event: FormatFinalisedEvent) -> None:
        """From this record on everything is decided and written in the new format, this bundle's rows too."""
        if begins_format(self.partition, event.data):
            self.partition.format = event.data.format
            before = self.moment
            self.moment = Moment(
                before.now_ms, before.time, before.sequence, before.limits, event.data.format
            )
        else:
            self.result.measures.stale += 1

    def _apply(self, network: Network, effects: Effects) -> None:
        """Put the rows, remember them for publication, and note what they touch."""
        rows = self.result.rows
        agenda = self._agenda(network)
        for row in effects.rows:
            if isinstance(row, StockRow):
                agenda.note_stock(network.put_stock(row), row)
            else:
                network.put(row)
            rows[TOPIC_OF_ROW[type(row)]][row_key(row)] = row
            if isinstance(row, ActiveSetsRow):
                network.activate()
                agenda.wake_all(REFERENCE_CHANGED)
        for key in effects.removed:
            network.remove(key)
            rows[topic_of_key(key)][key] = None
        if effects.notices:
            self.result.notices += effects.notices
            # Now, while its rows are in the processor's cache.
            agenda.measures.note(effects)
        if effects.before is not None:
            agenda.measures.changes.append((effects.before, order_of(effects)))
            if effects.sent_back is not None:
                agenda.note_sent_back(effects.before.order_id, effects.sent_back)

    def _agenda(self, network: Network) -> Agenda:
        agenda = self._agendas.get(network.name)
        if agenda is None:
            agenda = self._agendas[network.name] = Agenda(network, self.result.measures.of(network.name))
        return agenda


_DECIDE: dict[str, Callable[[Network, Any, Moment], Effects]] = {
    REFERENCE: reference.decide,
    INVENTORY: inventory.decide,
    FULFILMENT: fulfilment.decide,
    ORDERS: cancel,
}
