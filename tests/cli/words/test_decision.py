"""A decision as lines of text says one thing, and never its opposite beside it."""

from __future__ import annotations

from cli.words.decision import decision_lines
from cli.words.places import Places
from schemas.codec import decode_notice
from schemas.notices import Decision
from schemas.topics import DECISIONS
from tests.published import count, decide, event, example_network, offline, order


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
    notices = [
        decode_notice(value or b"") for topic, _, value, _ in router.publications if topic == DECISIONS.name
    ]
    _, at_risk, there_again = [
        list(decision_lines(notice, Places(example_network().entities)))
        for notice in notices
        if isinstance(notice, Decision)
    ]
    because = "because more or less of the released stock is at risk"
    assert at_risk[0].endswith(because)
    assert "    AT RISK: 1 of these units may not be there" in at_risk
    assert "  note: 1 of mug-blue at dc-paris are released, and the ledger does not have them" in at_risk
    assert there_again[0].endswith(because)
    assert "  note: mug-blue at dc-paris is there again" in there_again
    assert not [line for line in there_again if "may not be there" in line]
