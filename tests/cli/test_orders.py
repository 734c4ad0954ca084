"""`sluice orders`: the orders that a figure counts, by what was decided about them and by how they stand."""

import inspect
import json
import re
import time
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from cli.decide.offline import Offline
from cli.orders.standing import LOOKS
from cli.orders.told import OUTCOMES
from cli.orders.wanted import wanted
from cli.shared.own_name import own_name
from cli.shared.topic_reader import CLOCKS_DIFFER_MS, read_topic
from infra.kafka.broker import LocalKafka
from operators import measures
from schemas.times import parse_rfc3339
from schemas.topics import DECISIONS
from tests.flows.metrics.figures import Counted
from tests.flows.metrics.stories import (
    cancelled_before_the_truck,
    dispatched_after_the_truck,
    dispatched_early,
    dispatched_in_parts,
    never_dispatched,
)
from tests.published import NETWORK, PARTITIONS, Cluster, cluster, count, decide, event, offline, order

pytestmark = pytest.mark.kafka

LATER = "2026-11-23T12:00:00Z"


def left(order_id: str, units: int) -> dict[str, Any]:
    data = {
        "shipment_id": f"{order_id}/1/1",
        "lines_total": {"1": units},
        "position": 20,
        "carrier": "colissimo",
    }
    return event("shipment.dispatched", f"left/{order_id}", data, LATER)


def arrived(order_id: str, units: int) -> dict[str, Any]:
    data = {"shipment_id": f"{order_id}/1/1", "lines_total": {"1": units}}
    return event("shipment.delivered", f"arrived/{order_id}", data, LATER)


@cache
def decided() -> Offline:
    """One order whose promise was withdrawn, one at risk, two that wait, one that arrived and one in parts."""
    engine = offline()
    decide(
        engine,
        count("bowl-blue", "dc-paris", 2, 2),
        count("bowl-blue", "dc-leipzig", 2, 1),
        order("O-WITHDRAWN", "bowl-blue", 1, channel="stores"),
        count("bowl-blue", "dc-paris", 0, 4, time=LATER),
        count("mug-blue", "dc-paris", 3, 1),
        order("O-RISK", "mug-blue", 2),
        count("mug-blue", "dc-paris", 0, 9, time=LATER),
        order("O-WAITS", "kettle-white", 5, time=LATER, deliver_by="2100-01-01T00:00:00Z"),
        order("O-OVERDUE", "kettle-white", 4, time=LATER),
        event("cancel.requested", "cancel/1", {"order_id": "O-NOBODY", "request_id": "C-1"}, LATER),
        count("lamp-night-white", "dc-paris", 9, 1),
        order("O-ARRIVED", "lamp-night-white", 1, time=LATER),
        left("O-ARRIVED", 1),
        arrived("O-ARRIVED", 1),
        order("O-ON-THE-WAY", "lamp-night-white", 3, time=LATER),
        left("O-ON-THE-WAY", 2),
        arrived("O-ON-THE-WAY", 1),
    )
    return engine


@pytest.fixture(scope="module")
def router(kafka: LocalKafka) -> Cluster:
    there = cluster(kafka.bootstrap, "test-orders.")
    there.publish(decided().publications)
    return there


def listed(router: Cluster, capsys: pytest.CaptureFixture[str], *options: str) -> list[str]:
    assert router.run("orders", "--json", *options) == 0
    # A withdrawal and the decision that follows it are two.
    return list(dict.fromkeys(json.loads(line)["order_id"] for line in capsys.readouterr().out.splitlines()))


@pytest.mark.parametrize(
    ("options", "orders"),
    [
        (["--cause", "stock_gone"], ["O-WITHDRAWN"]),
        (["--cause", "stock_gone", "--pool", "dc-paris"], ["O-WITHDRAWN"]),
        (["--cause", "stock_gone", "--pool", "store-.*"], []),
        (["--cause", "stock_gone", "--pool", ".+"], ["O-WITHDRAWN"]),
        (["--cause", "stock_gone", "--channel", "web|marketplace"], []),
        (["--cause", "stock_gone", "--since", LATER], ["O-WITHDRAWN"]),
        (["--cause", "stock_gone", "--until", "2026-11-23T11:59:59Z"], []),
        (["--cause", "order.placed", "--outcome", "waiting"], ["O-OVERDUE", "O-WAITS"]),
        (["--cause", "order.placed", "--limit", "1"], ["O-WAITS"]),
        (["--exception", "unknown_order"], ["O-NOBODY"]),
        (["--waiting"], ["O-OVERDUE", "O-WAITS"]),
        (["--at-risk"], ["O-RISK"]),
        (["--at-risk", "--pool", "dc-leipzig"], []),
        (["--unanswered"], ["O-RISK"]),
        (["--unanswered", "--pool", "dc-leipzig"], []),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_orders_are_found_by_what_a_figure_counts(
    options: list[str], orders: list[str], router: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    assert listed(router, capsys, *options) == orders


@pytest.mark.parametrize(
    ("look", "now", "orders"),
    [
        ("waiting", LATER, ["O-OVERDUE", "O-WAITS"]),
        ("overdue", LATER, []),
        ("overdue", "2026-12-24T00:00:00Z", ["O-OVERDUE"]),
        ("late", LATER, []),
        ("late", "2026-11-24T00:00:00Z", ["O-ON-THE-WAY", "O-RISK"]),
        ("undelivered", "2026-11-24T18:00:00Z", []),
        ("undelivered", "2026-11-24T20:00:00Z", ["O-ON-THE-WAY", "O-RISK", "O-WITHDRAWN"]),
    ],
)
def test_what_is_late_depends_on_the_time(look: str, now: str, orders: list[str]) -> None:
    network = decided().partition.networks[NETWORK]
    found = [
        row.order_id
        for row in network.orders.rows.values()
        if LOOKS[look](row, network.catalog.routes, parse_rfc3339(now)) is not None
    ]
    assert sorted(found) == orders


@pytest.mark.parametrize(
    ("story", "what"),
    [
        (never_dispatched, "has not left berlin"),
        (dispatched_in_parts, "left berlin 6 min late"),
        (dispatched_after_the_truck, "left berlin 1 min late"),
        (dispatched_early, None),
        (cancelled_before_the_truck, None),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_an_order_that_the_figure_of_missed_trucks_counts_is_late(
    story: Callable[[Counted], None], what: str | None
) -> None:
    it = Counted()
    story(it)
    assert it.value("cutoffs_missed_total", pool="berlin") == (what is not None)
    told = LOOKS["late"](it.world.order("o1"), it.world.network.catalog.routes, it.world.now_ms)
    assert (told and told.what) == what


def test_what_has_not_arrived_is_told_with_where_it_is(
    router: Cluster, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now_ms = parse_rfc3339("2026-11-25T00:00:00Z")
    monkeypatch.setattr(time, "time_ns", lambda: now_ms * 1_000_000)
    assert listed(router, capsys, "--undelivered") == ["O-ON-THE-WAY", "O-RISK", "O-WITHDRAWN"]
    assert router.run("orders", "--undelivered", "--pool", "dc-paris", "--limit", "1") == 0
    assert capsys.readouterr().out.startswith(
        "2026-11-24T19:00:00.000Z  O-RISK  promised for then: 2 units still at dc-paris"
    )
    network = decided().partition.networks[NETWORK]
    told = LOOKS["undelivered"](network.orders.rows["O-ON-THE-WAY"], None, now_ms)
    assert told is not None
    assert told.what == "promised for then: 1 unit on the way from dc-paris, 1 unit still at dc-paris"


def test_what_waits_is_told_with_its_time(router: Cluster, capsys: pytest.CaptureFixture[str]) -> None:
    assert router.run("orders", "--waiting", "--limit", "0") == 0
    text = capsys.readouterr().out
    assert "O-WAITS  waits for 5 units, due 2100-01-01T00:00:00" in text
    assert "2 orders\n" in text


def test_each_order_is_told_with_what_happened_and_the_next_command(
    router: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    assert router.run("orders", "--cause", "stock_gone") == 0
    told = capsys.readouterr().out.splitlines()
    assert "O-WITHDRAWN  promised stock turned out to be gone; " in told[0]
    assert "1 of bowl-blue at dc-paris are gone" in told[0]
    assert told[1].endswith("; one shipment: dc-leipzig")
    again = f"{own_name()} explain O-WITHDRAWN {' '.join(router.arguments)}"
    assert told[2:] == ["1 order, 2 times", f"Next:  {again}"]


def test_the_outcomes_are_all_that_a_decision_can_have() -> None:
    source = inspect.getsource(measures.outcome_of) + inspect.getsource(measures._without_shipments)
    named = {getattr(measures, name) for name in re.findall(r"\b[A-Z_]{5,}\b", source)}
    assert named | set(re.findall(r'"([a-z]+)"', source)) == set(OUTCOMES)


def test_a_kind_of_exception_that_never_occurred_is_told_with_those_that_did(
    router: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    assert router.run("orders", "--exception", "unknown_ordr") == 0
    assert capsys.readouterr().err == (
        'no exception of kind "unknown_ordr" has occurred; known here are: unknown_order\n'
    )


def test_a_time_may_be_said_as_how_long_ago_it_was() -> None:
    now_ms = time.time_ns() // 1_000_000
    assert 0 <= wanted(None, None, "1h30m", None).since_ms - (now_ms - 90 * 60_000) < 10_000


def test_what_was_written_before_that_time_is_not_read(kafka: LocalKafka) -> None:
    """Whoever is woken by a burst does not wait for a month of decisions."""
    there = cluster(kafka.bootstrap, "test-since.")
    there.publish([(DECISIONS.name, b"k", b"old", None)])
    (old,) = read_topic(there.connection, DECISIONS, range(PARTITIONS))
    new_ms = 0
    while new_ms <= old.timestamp()[1]:
        there.publish([(DECISIONS.name, b"k", b"new", None)])
        new_ms = max(
            each.timestamp()[1] for each in read_topic(there.connection, DECISIONS, range(PARTITIONS))
        )
    for since_ms, values in (
        (new_ms, {b"old", b"new"}),
        (new_ms + CLOCKS_DIFFER_MS, {b"new"}),
        (2 * new_ms, set()),
    ):
        read = read_topic(there.connection, DECISIONS, range(PARTITIONS), since_ms)
        assert {each.value() for each in read} == values


def test_nothing_found_is_said(router: Cluster, capsys: pytest.CaptureFixture[str]) -> None:
    assert router.run("orders", "--cause", "reference_changed") == 0
    assert capsys.readouterr().out == "none\n"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--pool", "("], "--pool '(' is no name and no pattern"),
        (["--since", "yesterday"], "--since 'yesterday' is no time; write it in UTC"),
        (["--since", "1w"], "or how long ago it was, for example 90m"),
        (["--cause", "stock_gon"], '--cause "stock_gon" is unknown; did you mean "stock_gone"?'),
        (
            ["--outcome", "torn"],
            '--outcome "torn" is unknown; there are waiting, partly_waiting, one_shipment, split, ',
        ),
        (["--late", "--cause", "stock_gone"], "One list at a time: late and cause or outcome"),
    ],
)
def test_what_cannot_be_read_is_refused(
    options: list[str], sentence: str, router: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    assert router.run("orders", *options) == 2
    assert sentence in capsys.readouterr().err
