"""The world of the audit's rehearsal, living on a simulated Kafka: its warehouses answer what is committed there."""

from __future__ import annotations

from random import Random

from flows.port import Place
from schemas.codec import decode_notice, decode_row
from schemas.kinds import ALLOCATIONS, FULFILMENT, INPUT_TOPICS, ORDER_BOOK
from schemas.notices import CancelRequestedOfWms, ShipmentRequested, ShipmentRequestedData
from schemas.rows import OrderRow
from tests.audit.rehearsal import Rehearsal
from tests.audit.small_network import NETWORK, NUMBER
from tests.simulation.log import SimulatedKafka


class World(Rehearsal):
    """Sends what it says to Kafka, and reads there what it is asked.

    `in_transactions`: as an exactly-once source does, so that its topics hold markers, and records of transactions that
    were aborted and said again.
    """

    def __init__(self, seed: int, kafka: SimulatedKafka, *, in_transactions: bool = False) -> None:
        super().__init__(seed)
        self._transactions = Random(seed) if in_transactions else None
        self._kafka = kafka
        self._sent_until = dict.fromkeys(INPUT_TOPICS, 0)
        self._read_until: dict[str, int] = {}
        self._order_rows: dict[str, OrderRow] = {}

    def live(self) -> None:
        """Some events of every kind."""
        self.catch_up()
        actions = (
            self.stock_event, self.order, self.order, self.warehouse, self.warehouse, self.cancel,
            self.answer_cancel,
        )  # fmt: skip
        for _ in range(self.chance.choice((0, 1, 3, 8))):
            self.chance.choice(actions)()

    def send_all(self) -> None:
        """Copy to Kafka what was said since the last time."""
        for topic, values in self.inputs.items():
            self._send(Place(topic, NUMBER), values[self._sent_until[topic] :])
            self._sent_until[topic] = len(values)

    def _send(self, place: Place, values: list[bytes]) -> None:
        if self._transactions is None:
            for value in values:
                self._kafka.append(place, NETWORK.encode(), value)
            return
        while values:
            ended = self._transactions.random()
            if ended < 0.3:
                self.transact(place, values, is_committed=False)
            else:
                count = 1 + int(ended * len(values))
                self.transact(place, values[:count])
                values = values[count:]

    def transact(self, place: Place, values: list[bytes], *, is_committed: bool = True) -> None:
        """One transaction of a source; behind it there is a marker."""
        epoch = self._kafka.init("source")
        self._kafka.begin("source", epoch)
        for value in values:
            self._kafka.produce("source", epoch, place, NETWORK.encode(), value, None)
        if is_committed:
            self._kafka.commit("source", epoch)
        else:
            self._kafka.abort("source", epoch)

    def catch_up(self) -> None:
        """Read what was committed: requests to the warehouses, and what became of each shipment."""
        for topic in self._kafka.topics:
            if topic.startswith(ALLOCATIONS):
                for value in self._new(topic):
                    notice = decode_notice(value)
                    if isinstance(notice, ShipmentRequested):
                        self._sent.append(notice)
                    elif isinstance(notice, CancelRequestedOfWms):
                        self._cancels.append(notice)
        for value in self._new(ORDER_BOOK):
            row = decode_row(value)
            assert isinstance(row, OrderRow)
            self._order_rows[row.order_id] = row
        place = Place(FULFILMENT, NUMBER)
        if self._kafka.committed.get(place, 0) == len(self._kafka.logs[place]):
            self._answered.clear()

    def _new(self, topic: str) -> list[bytes]:
        found, self._read_until[topic] = self._kafka.read(
            Place(topic, NUMBER), self._read_until.get(topic, 0), 1_000_000
        )
        return [stored.value for _, stored in found if stored.value is not None]

    def _held(self, sent: ShipmentRequestedData, line_id: str) -> int:
        order = self._order_rows[sent.order_id]
        return sum(
            part.unshipped + part.shipped
            for shipment in order.shipments
            if shipment.shipment_id == sent.shipment_id
            for part in shipment.lines
            if order.lines[part.line].line_id == line_id
        )
