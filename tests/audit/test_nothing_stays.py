"""Whatever went wrong on the way: once there is stock and every warehouse has answered, nothing is kept for ever."""

from __future__ import annotations

import pytest

from operators.bundle import next_due_ms
from schemas.rows import PLANNED, OrderRow
from schemas.times import DAY_MS, NEVER_MS, rfc3339
from state.network import Network
from state.order_units import is_live, open_units, unshipped
from tests.audit.rehearsal import Rehearsal
from tests.audit.small_network import NETWORK, POOLS, SKUS, entities
from tests.promises import promise

FAR_MARK = 1_000_000
"""Behind every place that the rehearsal has used, so that all that was in doubt is clear again."""


class RunOut(Rehearsal):
    """A rehearsal that is brought to its end."""

    @property
    def network(self) -> Network:
        return self.partition.networks[NETWORK]

    def pass_time(self, days: float) -> None:
        """Let everything fire that is due, each at its own time."""
        until_ms = self.now_ms + round(days * DAY_MS)
        ticks = 0
        while (due_ms := next_due_ms(self.partition)) is not None and due_ms <= until_ms:
            self.now_ms = max(self.now_ms, due_ms)
            self.bundle()
            ticks += 1
            assert ticks < 10_000, "something is due for ever"
        self.now_ms = until_ms

    def fill_the_shelves(self) -> None:
        self.apply(entities())
        self.bundle()
        for pool in POOLS:
            for sku in SKUS:
                counted = {"pool": pool, "sku": sku, "quantity": 1_000, "mark": FAR_MARK}
                self.send("inventory", "stock.counted", counted)
        self.bundle()

    def answer_everything(self) -> None:
        """The warehouses agree to every cancellation, and send the rest; what was sent arrives."""
        for order in list(self.network.orders.rows.values()):
            for shipment in order.shipments:
                if shipment.state == PLANNED:
                    continue
                about = {"shipment_id": shipment.shipment_id}
                for request in shipment.pending:
                    self.send("fulfilment", "cancel.accepted", {**about, "request_id": request.request_id})
                if unshipped(shipment):
                    totals = {
                        order.lines[part.line].line_id: part.dispatched + part.unshipped
                        for part in shipment.lines
                    }
                    left = {"lines_total": totals, "position": FAR_MARK + 1, "carrier": "post"}
                    self.send("fulfilment", "shipment.dispatched", {**about, **left})
                self.send("fulfilment", "shipment.delivered", {**about, "delivered_at": rfc3339(self.now_ms)})
        self.bundle()

    def may_wait(self, order: OrderRow) -> bool:
        """Whether a person must act first: for an item, for one more shipment, for a pool that has not said no."""
        items = self.network.catalog.routes.items if self.network.catalog.routes else {}
        said_no = {pool for line in order.lines for pool in line.excluded}
        return (
            any(line.sku not in items for line in order.lines)
            or sum(map(is_live, order.shipments)) >= order.max_shipments - 1
            or said_no >= set(POOLS)
        )


@promise("P3")
@pytest.mark.parametrize("seed", range(6))
def test_no_unit_no_order_and_no_place_of_a_day_is_kept_for_ever(seed: int) -> None:
    it = RunOut(seed, careless=seed % 2 == 1)
    it.run(60)
    it.fill_the_shelves()
    for _ in range(10):
        it.answer_everything()
        it.pass_time(days=0.5)
    for sku in SKUS:
        for row in it.network.ledger.rows_of(sku):
            assert (row.reserved, row.released, row.suspect) == (0, 0, 0), row
    for order in it.network.orders.rows.values():
        if order.closed_at_ms == NEVER_MS:
            assert any(open_units(order)), order
            assert it.may_wait(order), order
    it.pass_time(days=100)
    left = it.network.orders.rows.values()
    assert all(order.closed_at_ms == NEVER_MS for order in left), "a closed order is not forgotten"
    assert it.network.slots.keys() == {
        (shipment.pool, shipment.slot_day)
        for order in left
        for shipment in order.shipments
        if is_live(shipment)
    }
