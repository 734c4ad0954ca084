"""The cold-start gate: reference, then stock, then orders and fulfilment."""

from __future__ import annotations

from flows.takeover.gate import Gate

ENDS = {"reference": 3, "inventory": 5, "orders": 9, "fulfilment": 0}


def test_inputs_open_one_after_another() -> None:
    gate = Gate(ENDS)
    positions = dict.fromkeys(ENDS, 0)
    assert gate.open_topics == ("reference",)
    assert gate.advance(positions) == ()
    positions["reference"] = 3
    assert gate.advance(positions) == ("inventory",)
    positions["inventory"] = 4
    assert gate.advance(positions) == ()
    positions["inventory"] = 6
    assert gate.advance(positions) == ("orders", "fulfilment")
    assert gate.is_open
    assert gate.advance(positions) == ()


def test_empty_inputs_open_at_once() -> None:
    gate = Gate(dict.fromkeys(ENDS, 0))
    assert gate.advance(dict.fromkeys(ENDS, 0)) == ("inventory", "orders", "fulfilment")
    assert gate.is_open
