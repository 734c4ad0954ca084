"""A decision as lines of text says one thing, and never its opposite beside it."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from cli.decide.offline import Offline
from cli.words.decision import decision_lines
from cli.words.names import printable
from cli.words.places import Places
from schemas.codec import decode_notice
from schemas.notices import Alternative, Cost, Decision, RuledOut, SentBack, Why
from schemas.topics import DECISIONS
from tests.promises import promise
from tests.published import count, decide, event, example_network, offline, order


def decisions(router: Offline) -> list[Decision]:
    notices = [
        decode_notice(value or b"") for topic, _, value, _ in router.publications if topic == DECISIONS.name
    ]
    return [notice for notice in notices if isinstance(notice, Decision)]


def words(decision: Decision) -> list[str]:
    return list(decision_lines(decision, Places(example_network().entities)))


def told(router: Offline) -> list[list[str]]:
    return [words(decision) for decision in decisions(router)]


def lines(*of: tuple[str, int]) -> dict[str, Any]:
    return {
        "lines": [
            {"line_id": str(at), "sku": sku, "quantity": units, "unit": "EA"}
            for at, (sku, units) in enumerate(of, start=1)
        ]
    }


def short_pick(missing: int) -> dict[str, Any]:
    data = {"shipment_id": "O-1/1/1", "line_id": "1", "missing": missing, "position": 5}
    return event("line.short_picked", "f/1", data, "2026-11-23T11:00:00Z")


def test_stock_that_is_blocked_and_unblocked_after_the_release_is_told_both_times() -> None:
    router = offline()
    goods = {"pool": "dc-paris", "sku": "mug-blue", "quantity": 1}
    decide(
        router,
        count("mug-blue", "dc-paris", 1, 1),
        order("O-1", "mug-blue"),
        event("stock.blocked", "b/1", {**goods, "document": "B-1", "reason": "damaged", "position": 2}),
        event("stock.unblocked", "u/1", {**goods, "document": "B-1", "reason": "a mistake", "position": 3}),
    )
    _, at_risk, there_again = told(router)
    because = "because released stock went missing, or is there again"
    assert at_risk[0].endswith(because)
    assert "    AT RISK: 1 of these units may not be there" in at_risk
    assert "  note: 1 of mug-blue at dc-paris are released, and the ledger does not have them" in at_risk
    assert there_again[0].endswith(because)
    assert "  note: mug-blue at dc-paris is there again" in there_again
    assert not [line for line in there_again if "may not be there" in line]


@promise("P5")
def test_the_parcels_of_a_split_and_its_price_add_up() -> None:
    router = offline()
    decide(
        router,
        count("mug-blue", "dc-paris", 5, 1),
        count("bowl-blue", "dc-zaragoza", 5, 1),
        order("O-1", "", **lines(("mug-blue", 2), ("bowl-blue", 2))),
    )
    [text] = told(router)
    assert "    5.74 EUR: carriage 4.90, handling 0.84" in text
    assert "    9.92 EUR: carriage 9.20, handling 0.72" in text
    total = "  2 shipments; what was decided now costs 17.66 EUR, 2.00 of it for more than one parcel"
    assert total in text


def test_what_was_decided_before_is_told_apart_from_what_is_decided_now() -> None:
    router = offline()
    decide(
        router,
        count("mug-blue", "dc-paris", 3, 1),
        count("mug-blue", "dc-leipzig", 5, 1),
        order("O-1", "mug-blue", 3),
        short_pick(1),
    )
    first, after = told(router)
    assert "  dc-paris: 3 mug-blue   (colissimo standard, O-1/1/1)" in first
    assert "  dc-paris: 2 mug-blue   (colissimo standard, O-1/1/1, as before)" in after
    assert "  dc-leipzig: 1 mug-blue   (dhl-paket standard, O-1/2/1)" in after
    assert "  2 shipments; what was decided now costs 9.44 EUR" in after


def test_of_what_the_picker_did_not_find_no_zero_is_told() -> None:
    router = offline()
    decide(
        router,
        count("mug-blue", "dc-paris", 2, 1),
        count("bowl-blue", "dc-paris", 2, 1),
        order("O-1", "", **lines(("mug-blue", 2), ("bowl-blue", 2))),
        short_pick(2),
    )
    assert "  dc-paris: 2 bowl-blue   (colissimo standard, O-1/1/1)" in told(router)[-1]


def test_an_order_of_which_all_is_cancelled_has_no_open_promise() -> None:
    router = offline()
    shipment = {"shipment_id": "O-1/1/1", "request_id": "C-1"}
    decide(
        router,
        count("mug-blue", "dc-paris", 2, 1),
        order("O-1", "mug-blue", 2),
        event("cancel.requested", "c/1", {"order_id": "O-1", "request_id": "C-1"}),
        event("cancel.accepted", "c/2", shipment),
    )
    text = told(router)[-1]
    assert "  units: all 2 cancelled" in text
    assert "  promise: nothing is left to deliver; first promised: Tue 24 Nov 20:00" in text


def test_why_it_does_not_ship_today_is_told_of_the_pool_that_ships() -> None:
    router = offline()
    late = "2026-11-23T15:45:00Z"  # 16:45 in Paris: the cut-off there was 16:30.
    decide(router, count("mug-blue", "dc-paris", 2, 1), order("O-1", "mug-blue", time=late))
    [text] = told(router)
    assert (
        "    ship by Tue 24 Nov 16:30 (today's cut-off, 16:30, has passed), deliver by Wed 25 Nov 20:00; "
        "manhattan was told"
    ) in text


def reasoned(why: Why, proved: bool = True) -> list[str]:
    """The words of a decision that ships from Paris with these reasons."""
    router = offline()
    decide(router, count("mug-blue", "dc-paris", 2, 1), order("O-1", "mug-blue"))
    [decision] = decisions(router)
    return words(replace(decision, data=replace(decision.data, why=why, proved=proved)))


def rival(dearer: int, pools: list[str], carriers: list[str]) -> Alternative:
    arrives = "2026-11-24T19:00:00Z"
    return Alternative(
        pools=pools, carriers=carriers, dearer=dearer, cost=Cost(lane=1), ship_by="2026-11-23T15:00:00Z",
        deliver_by=arrives,
    )  # fmt: skip


def test_where_the_search_was_cut_off_nothing_is_said_to_be_no_cheaper() -> None:
    text = reasoned(Why(cost=1, others=7), proved=False)
    assert (
        "  the search ended at its bound: a better plan may exist, perhaps with one of 7 other lanes" in text
    )
    assert not [line for line in text if "cannot be" in line]
    assert "  7 other lanes cannot be cheaper" in reasoned(Why(cost=1, others=7))
    assert "  1 other lane cannot be cheaper" in reasoned(Why(cost=1, others=1))


def test_pools_of_which_none_is_named_are_counted() -> None:
    text = reasoned(Why(ruled_out=[RuledOut(reason="not_enough_stock", count=9, pools=[])]))
    assert "  not 9 pools: not enough stock" in text


def test_the_carrier_is_named_where_the_pool_alone_would_contradict_itself() -> None:
    rivals = [
        rival(750_000, ["dc-paris"], ["dhl"]),
        rival(2_000_000, ["dc-lyon", "dc-paris"], ["ups", "dhl"]),
    ]
    text = reasoned(Why(cost=1, runners_up=rivals))
    assert "  not dc-paris by dhl: 0.75 EUR dearer, delivers by Tue 24 Nov 20:00" in text
    assert "  not dc-lyon + dc-paris by dhl: 2.00 EUR dearer, delivers by Tue 24 Nov 20:00" in text


def test_a_decision_of_a_router_that_named_no_carriers_is_still_told() -> None:
    text = reasoned(Why(cost=1, runners_up=[rival(0, ["dc-lyon", "dc-nice"], [])]))
    assert (
        "  not dc-lyon + dc-nice: costs the same, delivers by Tue 24 Nov 20:00; of equals fewer parcels win, "
        "then the cheaper lane, then the name"
    ) in text


@promise("P5")
def test_what_a_warehouse_sent_back_is_told_with_its_words() -> None:
    router = offline()
    decide(
        router,
        count("mug-blue", "dc-paris", 2, 1),
        order("O-1", "mug-blue", 2),
        event("shipment.rejected", "f/0", {"shipment_id": "O-1/1/1", "reason": "no more boxes", "lines": {"1": 1}}),
        short_pick(1),
    )  # fmt: skip
    _, rejected, missed = told(router)
    assert rejected[0].endswith("because the warehouse rejected the shipment")
    assert rejected[1] == '  dc-paris rejected 1 mug-blue of O-1/1/1: "no more boxes"'
    assert missed[1] == "  dc-paris did not find 1 mug-blue of O-1/1/1: it gave no reason"


def test_what_others_wrote_moves_no_cursor() -> None:
    said = "\x1b[2Jgone\u202e\x9b"
    sent_back = SentBack(
        shipment_id="O-1/1/1", pool="dc-paris", cause="shipment.rejected", lines={"1": 1}, reason=said
    )
    text = reasoned(Why(sent_back=(sent_back,)))
    assert text[1] == '  dc-paris rejected 1 mug-blue of O-1/1/1: "\\u001b[2Jgone\\u202e\\u009b"'
    assert printable(f"note: {said}") == "note: \\u001b[2Jgone\\u202e\\u009b"


@promise("P5")
def test_a_runner_up_says_that_its_next_trucks_are_full() -> None:
    later = replace(rival(1_000_000, ["dc-lyon", "dc-paris"], ["ups", "dhl"]), full_trucks=(0, 2))
    assert (
        "  not dc-lyon + dc-paris by dhl: 1.00 EUR dearer, delivers by Tue 24 Nov 20:00; "
        "dc-paris has no free place on dhl's next 2 trucks"
    ) in reasoned(Why(cost=1, runners_up=[later]))
