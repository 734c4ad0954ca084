"""An order's history as a person reads it."""

from __future__ import annotations

from collections.abc import Iterator

from cli.explain.since import since_lines, waiting_lines
from cli.reference.history import Reference
from cli.words.counting import counted
from cli.words.decision import decision_lines
from cli.words.places import Places
from schemas.notices import Decision
from schemas.rows import OrderRow


def history_lines(decisions: list[Decision], reference: Reference, now: OrderRow | None) -> Iterator[str]:
    """Every given decision in order, read by the reference that was in force when it was taken; then what came after.

    `now` is the order as it stands; None when it is forgotten.
    """
    first = decisions[0]
    yield (
        f"order {first.data.order_id}: network {first.network}, channel {first.data.channel}, "
        f"zone {first.data.zone}, priority {first.data.priority}"
    )
    if len(decisions) > 1 and first.data.decision > 1:
        # An order's numbers begin at 1 and have no gap, so what is missing was cut.
        yield f"{counted(first.data.decision - 1, 'earlier decision')} went with the topic's retention"
    places: dict[str, Places] = {}
    for decision in decisions:
        set_id = decision.data.set_id
        if set_id not in places:
            places[set_id] = Places(reference.get(set_id, ()))
        yield ""
        yield from decision_lines(decision, places[set_id])
        yield f"  by policy {decision.data.policy or 'none'} of set {set_id}, in transaction {decision.sequence:,}"
    if now is not None:
        last = decisions[-1].data
        yield from since_lines(now, last, places[last.set_id])
        yield from waiting_lines(now)
