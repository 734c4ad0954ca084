"""Which bundles, dead letters and exceptions have a line: a sample of the ordinary, all that a person looks for."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from flows.arrivals import Arrivals
from flows.config import RouterConfig
from flows.logs.bundle_log import BundleLog, identifier
from flows.logs.limiter import Limiter
from flows.logs.log import Log
from flows.metrics import Spent
from schemas.kinds import ORDERS, REFERENCE
from tests.small_network import network
from tests.world import Told, World, counted, placed

PARTITION = 3


class Said:
    """A bundle log, and its lines."""

    def __init__(self, level: str = "info", **settings: int) -> None:
        self._stream = io.StringIO()
        config = RouterConfig(**settings)  # type: ignore[arg-type]
        self._log = BundleLog(Log("json", self._stream, level=level), config)

    def commit(self, told: Told, bundle_s: float = 0.05, now_s: float = 100.0) -> list[dict[str, Any]]:
        """What is said when this bundle has been committed."""
        before = len(self._stream.getvalue())
        committed = (PARTITION, arrivals(told), told.outcome, Spent(0.01, 0.02, bundle_s))
        self._log.committed(*committed, now_s)
        return [json.loads(line) for line in self._stream.getvalue()[before:].splitlines()]


def arrivals(told: Told) -> Arrivals:
    """As many records as the bundle received."""
    return {"orders": {0: sum(told.outcome.measures.received.values())}}


def order(number: int, **changes: Any) -> tuple[str, dict[str, Any]]:
    return placed(f"O-{number}", ("lamp", 1), **changes)


@pytest.fixture
def world() -> World:
    world = World(network())
    world.send(counted("berlin", "lamp", 10, 1))
    return world


def test_an_ordinary_bundle_is_said_once_a_second_and_the_others_are_counted(world: World) -> None:
    said = Said()
    lines = [said.commit(world.send(order(number)), now_s=100 + number / 4) for number in range(6)]
    assert [len(each) for each in lines] == [1, 0, 0, 0, 1, 0]
    (first,), (second,) = lines[0], lines[4]
    assert (first["event"], first["level"]) == ("bundle", "info")
    assert first["bundle"] == f"{PARTITION}/{first['sequence']}"
    assert (first["records"], first["decisions"], first["left_out_bundles"]) == (1, 1, 0)
    assert (first["decide_ms"], first["commit_ms"], first["bundle_ms"]) == (10.0, 20.0, 50.0)
    assert (second["left_out_bundles"], second["left_out_records"]) == (3, 3)
    assert second["sequence"] == first["sequence"] + 4


def test_a_slow_bundle_is_always_said(world: World) -> None:
    said = Said(log_slow_ms=200)
    said.commit(world.send(order(1)))
    (line,) = said.commit(world.send(order(2)), bundle_s=0.2)
    assert (line["level"], line["slow"]) == ("warning", True)


def test_a_bundle_in_which_stock_was_gone_is_always_said(world: World) -> None:
    said = Said()
    said.commit(world.send(order(1)))
    assert said.commit(world.send(order(2))) == []
    (line,) = said.commit(world.send(counted("berlin", "lamp", 0, 2)))
    assert line["stock_gone"] > 0
    assert "because stock was gone" in line["message"]


def test_a_dead_letter_has_a_line_with_its_place_its_reason_and_its_order(world: World) -> None:
    said = Said()
    said.commit(world.send(order(1)))
    told = world.send(order(7, channel="nobody"))
    bundle, letter = said.commit(told)
    assert bundle["dead_letters"] == {"orders/unknown_channel": 1}
    assert (letter["event"], letter["order"], letter["bundle"]) == ("dead_letter", "O-7", bundle["bundle"])
    assert (letter["topic"], letter["offset"], letter["reason"]) == (ORDERS, 1, "unknown_channel")
    assert f"{ORDERS}/{PARTITION}/1" in letter["message"]


def test_an_exception_has_a_line_that_leads_to_its_order(world: World) -> None:
    said = Said()
    _bundle, exception = said.commit(world.send(placed("O-8", ("unheard-of", 1))))
    assert (exception["event"], exception["kind"]) == ("exception", "unknown_item")
    assert (exception["order"], exception["sku"]) == ("O-8", "unheard-of")
    assert "sluice explain O-8" in exception["message"]


def test_a_flood_of_dead_letters_is_counted_not_listed(world: World) -> None:
    said = Said(log_lines_per_second=5)
    flood = world.bundle({ORDERS: [b"{"] * 100})
    bundle, *letters = said.commit(flood)
    assert bundle["dead_letters"] == {"orders/malformed_json": 100}
    assert [letter["left_out"] for letter in letters] == [0] * 5
    _bundle, letter = said.commit(world.bundle({ORDERS: [b"{"]}), now_s=101.5)
    assert letter["left_out"] == 95


def test_a_reference_set_that_comes_into_force_is_said(world: World) -> None:
    said = Said(level="info")
    said.commit(world.send(order(1)))
    (line,) = said.commit(world.bundle({REFERENCE: world.set_events(*network())}))
    assert line["event"] == "set.activated"
    assert line["set"] in line["message"]


def test_at_level_debug_every_bundle_and_its_decisions_are_said(world: World) -> None:
    said = Said(level="debug")
    said.commit(world.send(order(1)))
    lines = said.commit(world.send(order(2), order(3)))
    assert [line["event"] for line in lines] == ["bundle", "decision", "decision"]
    assert [line.get("order") for line in lines] == [None, "O-2", "O-3"]


def test_what_has_not_the_form_of_an_identifier_is_not_said(world: World) -> None:
    said = Said()
    _bundle, letter = said.commit(world.send(placed("erika@example.org", ("lamp", 1), channel="nobody")))
    assert "order" not in letter
    assert "erika" not in json.dumps(letter)
    for text in ("Erika Musterfrau", "a\nb", "", "x" * 161):
        assert identifier(text) is None
    assert identifier("O-1/2/3") == "O-1/2/3"


def test_a_refused_record_may_hold_anything(world: World) -> None:
    values: list[bytes | None] = [
        None,
        b"",
        b"\xff",
        b"[" * 100_000,
        b"[]",
        b'{"data": 3}',
        b'{"data": {"order_id": 3}}',
    ]
    _bundle, *letters = Said().commit(world.bundle({ORDERS: values}))
    assert len(letters) == len(values)
    assert all("order" not in letter for letter in letters)


def test_lines_are_limited_by_the_second() -> None:
    limiter = Limiter(2)
    assert [limiter.allows(10.0 + at / 10) for at in range(4)] == [True, True, False, False]
    assert limiter.allows(11.0)
    assert limiter.take_left_out() == 2
    assert limiter.take_left_out() == 0
