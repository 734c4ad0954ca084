"""Faults in what was decided and told to the warehouses, and what the auditor says of them."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from schemas.notices import InstructedLine, LineUnits
from schemas.times import rfc3339
from tests.audit.example import shipment
from tests.audit.planted import Case, Fault, names_of, require_reported
from tests.audit.story import START_MS, Story


def units(**states: int) -> list[LineUnits]:
    """The one line of order A by state."""
    return [LineUnits(line_id="1", sku="lamp", quantity=4, **states)]


# --- P1: no oversell ----------------------------------------------------------------------------------------


def oversold(story: Story) -> None:
    """Berlin holds 10, of which 2 are blocked and 1 is safety: 7 are free, not 8."""
    for sequence, text in ((3, "planned"), (4, "sent")):
        story.change_decision(
            f"A/{sequence - 2}",
            shipments=[shipment("A/1/1", "berlin", text, 8)],
            lines=[LineUnits(line_id="1", sku="lamp", quantity=8, allocated=8)],
        )
    story.rewrite_input(3, "orders", 0, lambda data: data["lines"][0].update(quantity=8))


def safety_used_up(story: Story) -> None:
    """Of 6 counted in berlin, 2 are blocked and 1 is safety: 3 are free, not 4."""
    story.rewrite_input(2, "inventory", 0, lambda data: data.update(quantity=6))


def promise_kept_on_gone_stock(story: Story) -> None:
    story.drop_notice("A/4")


def at_risk_not_marked(story: Story) -> None:
    story.change_decision("B/2", shipments=[shipment("B/1/1", "paris", "sent", 3)])


def suspect_stock_promised(story: Story) -> None:
    """After the short pick nothing in berlin may be promised."""
    gone = shipment("A/1/1", "berlin", "dispatched", 3, shipped=3)
    again = shipment("A/3/1", "berlin", "planned", 1)
    story.change_decision("A/3", shipments=[gone, again])


# --- P2: one effect -----------------------------------------------------------------------------------------


def contradictory_decision(story: Story) -> None:
    other = [shipment("A/1/1", "paris", "planned", 4)]
    story.repeat_notice("A/1", lambda notice: replace(notice, data=replace(notice.data, shipments=other)))


def same_decision_twice(story: Story) -> None:
    story.repeat_notice("A/1")


def gap_in_decision_numbers(story: Story) -> None:
    story.drop_notice("A/4")


def shipment_sent_twice(story: Story) -> None:
    story.repeat_notice("send B/1/1")


def decided_and_not_told(story: Story) -> None:
    story.drop_notice("send A/1/1")


def told_and_not_decided(story: Story) -> None:
    story.change_notice(
        "send A/1/1", lambda notice: replace(notice, data=replace(notice.data, shipment_id="A/9/1"))
    )


def told_before_release(story: Story) -> None:
    """Sent while the decision says planned."""
    story.change_decision(
        "A/2", shipments=[shipment("A/1/1", "berlin", "planned", 4)], lines=units(allocated=4)
    )


def wrong_lines_to_the_warehouse(story: Story) -> None:
    wrong = [InstructedLine(line_id="1", sku="lamp", quantity=5, unit="C62")]
    story.change_notice("send A/1/1", lambda notice: replace(notice, data=replace(notice.data, lines=wrong)))


def wrong_warehouse(story: Story) -> None:
    story.told[story.place_of("send A/1/1")].kind = "allocations.west"


def units_do_not_add_up(story: Story) -> None:
    story.change_decision("A/4", lines=units(shipped=3))


def states_and_shipments_differ(story: Story) -> None:
    story.change_decision("A/1", lines=units(released=4))


def unit_held_twice(story: Story) -> None:
    """Two shipments for the same lamps."""
    first, second = shipment("A/1/1", "berlin", "planned", 4), shipment("A/1/2", "paris", "planned", 1)
    story.change_decision("A/1", shipments=[first, second])


def quantity_changed(story: Story) -> None:
    story.change_decision("B/1", lines=[LineUnits(line_id="1", sku="lamp", quantity=2, released=2)])


def released_shipment_changed(story: Story) -> None:
    story.change_decision(
        "B/2",
        shipments=[shipment("B/1/1", "paris", "sent", 2)],
        lines=[LineUnits(line_id="1", sku="lamp", quantity=3, open=1, released=2)],
    )


def released_shipment_dropped(story: Story) -> None:
    story.change_decision("B/2", shipments=[], lines=[LineUnits(line_id="1", sku="lamp", quantity=3, open=3)])


def released_shipment_moved(story: Story) -> None:
    story.change_shipment("B/2", "B/1/1", pool="berlin")


def cancelled_without_a_wish(story: Story) -> None:
    story.change_decision("A/4", lines=units(shipped=3, cancelled=1))


def cancelled_unit_revived(story: Story) -> None:
    """What was cancelled in an earlier decision is open in a later one."""
    story.change_decision("A/4", lines=units(shipped=3, cancelled=1))
    story.change_decision("A/5", lines=units(shipped=3, released=1))


def wish_to_cancel_ignored(story: Story) -> None:
    story.drop_notice("B/3")
    story.drop_notice("cancel B/1/1")


def refused_though_sold(story: Story) -> None:
    story.change_decision("A/4", lines=units(shipped=3, refused=1))


def unwilling_pool_asked_again(story: Story) -> None:
    suspect_stock_promised(story)


def unknown_order_decided(story: Story) -> None:
    story.change_decision("A/1", order_id="Z")


def delivered_twice(story: Story) -> None:
    """Two have arrived, and the third is taken to have as well."""
    there = shipment("A/1/1", "berlin", "delivered", 3, delivered=3)
    story.change_decision(
        "A/5", shipments=[there, shipment("A/5/1", "paris", "sent", 1)], lines=units(released=1, delivered=3)
    )


def delivered_before_a_carrier_says_so(story: Story) -> None:
    there = shipment("A/1/1", "berlin", "dispatched", 3, shipped=1, delivered=2)
    story.change_decision("A/4", shipments=[there], lines=units(open=1, shipped=1, delivered=2))


def delivered_in_the_lines_alone(story: Story) -> None:
    story.change_decision("A/5", lines=units(released=1, delivered=3))


def delivered_with_a_part_on_its_way(story: Story) -> None:
    story.change_shipment("A/5", "A/1/1", state="delivered")


def outside_any_transaction(story: Story) -> None:
    story.change_notice("A/5", lambda notice: replace(notice, sequence=11))


def decisions_miscounted(story: Story) -> None:
    story.change_entry(3, decisions=3)


# --- P4: no missed truck ------------------------------------------------------------------------------------


def truck_already_gone(story: Story) -> None:
    story.change_shipment("A/1", "A/1/1", ship_by=rfc3339(START_MS))


def planned_for_a_truck_that_has_left(story: Story) -> None:
    """Between bundles 9 and 10 a day passes, and nobody decides again about a planned shipment."""
    gone = shipment("A/1/1", "berlin", "dispatched", 3, shipped=3)
    planned = [gone, shipment("A/5/1", "paris", "planned", 1)]
    story.change_decision("A/5", shipments=planned, lines=units(allocated=1, shipped=3))
    story.change_entry(10, decided_at_ms=START_MS + 86_400_000)


def decided_at_another_time(story: Story) -> None:
    story.change_decision("A/1", decided_at=rfc3339(START_MS))


CASES: list[Case] = [
    (
        oversold,
        "P1",
        "reserves 8 of lamp at berlin, which makes 8 reserved, 2 blocked, 0 suspect and 1 safety of 10",
    ),
    (safety_used_up, "P1", "4 reserved, 2 blocked, 0 suspect and 1 safety of 6 on hand"),
    (suspect_stock_promised, "P1", "reserves 1 of lamp at berlin"),
    (promise_kept_on_gone_stock, "P1", "1 unreleased units are still promised there"),
    (at_risk_not_marked, "P1", "1 released units are at risk, 0 are marked so"),
    (contradictory_decision, "P2", "order A: decision 1 was published again with another content"),
    (same_decision_twice, "P2", "order A: decision 1 was published twice"),
    (gap_in_decision_numbers, "P2", "order A: decision 5 follows decision 3"),
    (shipment_sent_twice, "P2", "shipment B/1/1 was sent to the warehouse a second time"),
    (decided_and_not_told, "P2", "shipment A/1/1 is decided as sent, and east was not told"),
    (told_and_not_decided, "P2", "asks for shipment A/9/1, which no decision of A shows"),
    (told_before_release, "P2", "while the last decision shows it as planned only"),
    (wrong_lines_to_the_warehouse, "P2", "asks the warehouse for 5 of lamp for line 1; decided is 4"),
    (wrong_warehouse, "P2", "is decided for berlin of east and went to berlin on allocations.west"),
    (units_do_not_add_up, "P2", "do not add up to the 4 ordered"),
    (states_and_shipments_differ, "P2", "the shipments hold 4 allocated where the line says 0"),
    (unit_held_twice, "P2", "the shipments hold 5 allocated where the line says 4"),
    (quantity_changed, "P2", "it shows 2 of lamp; ordered were 3 of lamp"),
    (released_shipment_changed, "P2", "shipment B/1/1, line 1 shows 2 units, 0 of them shipped"),
    (
        released_shipment_dropped,
        "P2",
        "no longer shows shipment B/1/1, which was sent to paris and still holds 3",
    ),
    (released_shipment_moved, "P2", "was sent to paris and is shown at berlin"),
    (cancelled_without_a_wish, "P2", "1 units cancelled; only 0 were asked for"),
    (cancelled_unit_revived, "P2", "cancelled or refused units came back to life"),
    (wish_to_cancel_ignored, "P2", "order B, line 1: 3 units were to be cancelled; 0 are"),
    (refused_though_sold, "P2", "1 units refused of an order that was sold"),
    (unwilling_pool_asked_again, "P2", "gives line 1 to berlin, which rejected or short-picked it before"),
    (unknown_order_decided, "P2", "decision 1 is about order Z, which was never accepted"),
    (delivered_twice, "P2", "shows 3 units, 3 of them shipped and 3 delivered"),
    (delivered_before_a_carrier_says_so, "P2", "it holds 3 units, 3 of them shipped and 0 delivered"),
    (delivered_in_the_lines_alone, "P2", "the shipments hold 1 shipped where the line says 0, 2 delivered"),
    (
        delivered_with_a_part_on_its_way,
        "P2",
        "decision 5: shipment A/1/1 is delivered, which its units are not",
    ),
    (outside_any_transaction, "P2", "1 records on decisions belong to no journalled transaction"),
    (decisions_miscounted, "P2", "the journal counts 3 decisions; 2 were published"),
    (truck_already_gone, "P4", "has shipment A/1/1 leave berlin by"),
    (planned_for_a_truck_that_has_left, "P4", "shipment A/5/1 is still planned to leave paris by"),
    (decided_at_another_time, "P4", "order A: decision 1 says it was decided at"),
]


@pytest.mark.parametrize(("plant", "promise", "sentence"), CASES, ids=names_of(CASES))
def test_a_planted_fault_is_reported(plant: Fault, promise: str, sentence: str) -> None:
    require_reported(plant, promise, sentence)
