"""`sluice explain`: each decision with pools, money, local times, and what ruled the others out."""

import json
import time
from typing import Any

import pytest

from infra.kafka.broker import LocalKafka
from schemas.times import parse_rfc3339
from tests.promises import promise
from tests.published import Cluster, cluster, count, decide, event, offline, order

pytestmark = pytest.mark.kafka


def left(units: int) -> dict[str, Any]:
    return {
        "shipment_id": "O-1004/1/1", "lines_total": {"1": units}, "position": 10 + units, "carrier": "colissimo",
    }  # fmt: skip


@pytest.fixture(scope="module")
def router(kafka: LocalKafka) -> Cluster:
    """Three orders: one plainly routed, one placed after a truck had gone, one withdrawn and routed again."""
    there = cluster(kafka.bootstrap, "test-explain.")
    engine = offline()
    arrived_at = "2026-11-24T09:17:00Z"
    late = "2026-11-23T15:45:00Z"  # 16:45 in Paris: the cut-off there was 16:30.
    decide(
        engine,
        count("mug-blue", "dc-paris", 5, 1),
        count("mug-blue", "dc-zaragoza", 9, 1),
        order("O-1001", "mug-blue", 2),
        count("bowl-blue", "dc-paris", 2, 2),
        count("bowl-blue", "dc-leipzig", 2, 1),
        count("kettle-white", "dc-paris", 5, 5),
        count("kettle-white", "store-paris", 5, 1),
        order("O-1002", "bowl-blue", 1, channel="stores"),
        count("bowl-blue", "dc-paris", 0, 4),
        event("cancel.requested", "cancel/1", {"order_id": "O-1001", "request_id": "C-1"}),
        order("O-1003", "kettle-white", 1, time=late, latest_ship_by="2026-11-25T00:00:00Z"),
        count("lamp-night-white", "dc-paris", 9, 7),
        order("O-1004", "lamp-night-white", 3),
        event("shipment.dispatched", "d/1", left(2), "2026-11-23T15:40:00Z"),
        event("shipment.dispatched", "d/2", left(3), "2026-11-23T15:50:00Z"),
        order("O-1005", "pillow-gone", 2),
        event(
            "shipment.delivered", "s/1", {"shipment_id": "O-1004/1/1", "lines_total": {"1": 2}}, arrived_at
        ),
        order("O-1006", "mug-blue", currency="USD"),
        event("cancel.requested", "cancel/2", {"order_id": "O-1004", "request_id": "C-2", "lines": {"7": 1}}),
        event("cancel.requested", "cancel/3", {"order_id": "O-1004", "request_id": "C-3"}),
        order("O-1007", "cushion-new", 2),
        event("cancel.requested", "cancel/4", {"order_id": "O-1007", "request_id": "C-4"}),
    )
    there.publish_reference()
    there.publish(engine.publications)
    return there


@promise("P5")
def test_a_decision_is_told_with_its_reasons(router: Cluster, capsys: pytest.CaptureFixture[str]) -> None:
    assert router.run("explain", "O-1001") == 0
    text = capsys.readouterr().out
    for sentence in (
        "order O-1001: network eu, channel web, zone FR, priority 5",
        "O-1001/1   Mon 23 Nov 09:00:00 UTC   because the order was placed",
        "dc-paris: 2 mug-blue   (colissimo standard, O-1001/1/1)",
        "ship by Mon 23 Nov 16:30, deliver by Tue 24 Nov 20:00; manhattan was told",
        " EUR: carriage ",
        ", handling 0.84",
        "not enough stock",
        "does not serve this zone with this service",
        "units: all 2 released to the warehouse",
        "promise: deliver by Tue 24 Nov 20:00",
        "by policy default of set 1-",
        "O-1001/2   Mon 23 Nov 09:00:00 UTC   because a cancellation was asked for",
        "all 2 to be cancelled, if the warehouse agrees",
    ):
        assert sentence in text
    assert text.index("O-1001/1 ") < text.index("O-1001/2 ")


def test_what_was_decided_long_before_need_not_be_read(
    router: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    assert router.run("explain", "O-1001", "--since", "1h") == 0
    assert "O-1001/1 " in capsys.readouterr().out
    assert router.run("explain", "O-1001", "--since", "2100-01-01T00:00:00Z") == 1
    assert (
        "among the 0 in test-explain.decisions. It may have been decided before --since"
        in capsys.readouterr().err
    )


def test_a_withdrawn_promise_is_told_with_what_was_promised_first(
    router: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    assert router.run("explain", "O-1002") == 0
    text = capsys.readouterr().out
    assert "because promised stock turned out to be gone" in text
    assert "note: 1 of bowl-blue at dc-paris are gone: on hand 0, promised 1" in text
    assert "promise: none before all units have a place; first promised: Tue 24 Nov 20:00" in text
    assert "dc-leipzig: 1 bowl-blue" in text


def test_a_truck_that_has_gone_is_named(router: Cluster, capsys: pytest.CaptureFixture[str]) -> None:
    assert router.run("explain", "O-1003") == 0
    text = capsys.readouterr().out
    assert "today's cut-off there (14:30) has passed, the next is Tue 24 Nov 14:30" in text


def test_what_left_and_arrived_since_the_last_decision_is_told(
    router: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    assert router.run("explain", "O-1004") == 0
    told = capsys.readouterr().out
    assert (
        "\n  since then: O-1004/1/1 left dc-paris Mon 23 Nov 16:50, arrived Tue 24 Nov 10:17 (2 of 3)\n"
        in told
    )
    assert router.run("explain", "O-1003") == 0
    assert "since then" not in capsys.readouterr().out


def test_latest_and_json(router: Cluster, capsys: pytest.CaptureFixture[str]) -> None:
    assert router.run("explain", "O-1001", "--latest", "--json") == 0
    (decision,) = json.loads(capsys.readouterr().out)
    assert (decision["type"], decision["id"]) == ("order.decided", "O-1001/2")


def test_all_prices_every_lane_as_of_now(
    router: Cluster, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # "Now" is a moment of the story's own week: once the order's latest ship-by has passed no lane has a price.
    soon_ms = parse_rfc3339("2026-11-23T15:50:00Z")
    monkeypatch.setattr(time, "time_ns", lambda: soon_ms * 1_000_000)
    assert router.run("explain", "O-1003", "--all") == 0
    text = capsys.readouterr().out.split("as of now (", 1)[1]
    assert text.startswith("Mon 23 Nov 15:50:00 UTC")
    lanes = [line for line in text.splitlines() if " by " in line]
    assert "from each pool alone" in text
    assert any(line.startswith("  dc-paris by colissimo: ") and " EUR; ship by " in line for line in lanes)
    assert any("dc-zaragoza by correos: has 0 of 1 units, not enough stock" in line for line in lanes)


def test_json_says_what_the_text_says(
    router: Cluster, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    soon_ms = parse_rfc3339("2026-11-23T15:50:00Z")
    monkeypatch.setattr(time, "time_ns", lambda: soon_ms * 1_000_000)
    assert router.run("explain", "O-1004", "--json") == 0
    (decision,) = json.loads(capsys.readouterr().out)
    assert decision["since_then"] == [
        {
            "shipment_id": "O-1004/1/1", "pool": "dc-paris", "units": 3, "left_units": 3,
            "left_at": "2026-11-23T15:50:00.000Z", "arrived_units": 2, "arrived_at": "2026-11-24T09:17:00.000Z",
        }
    ]  # fmt: skip
    assert "as_of_now" not in decision
    assert router.run("explain", "O-1003", "--all", "--json") == 0
    (decision,) = json.loads(capsys.readouterr().out)
    assert decision["since_then"] == []
    now = decision["as_of_now"]
    assert (now["at"], now["unplaced"]) == ("2026-11-23T15:50:00.000Z", [])
    best = now["offers"][0]
    assert (best["pool"], best["carrier"], best["units"], best["reason"]) == ("dc-paris", "colissimo", 1, "")
    assert best["cost_micros"] > 0
    assert ("not_enough_stock", 0, None) in [
        (each["reason"], each["units"], each["cost_micros"]) for each in now["offers"]
    ]
    assert "does_not_serve_zone" in [each["reason"] for each in now["ruled_out"]]


def test_a_line_whose_item_is_not_in_force_is_not_called_shipped(
    router: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    assert router.run("explain", "O-1005", "--all") == 0
    text = capsys.readouterr().out
    assert "units: all 2 waiting" in text
    assert text.endswith("  pillow-gone: 2 units waiting; no such item is in force\n")
    assert "nothing is left to ship" not in text


def test_an_unknown_network_is_blamed_and_not_the_order(
    router: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    for unknown in ("foo", "bar", "baz"):  # Whatever partition they live on.
        assert router.run("explain", "O-1001", "--network", unknown) == 1
        assert f'network "{unknown}" is unknown here; known are "eu"' in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["\udcff"], ["O-1001", "--network", "\udcff"]])
def test_bytes_that_are_no_text_are_refused(
    arguments: list[str], router: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    assert router.run("explain", *arguments) == 2
    assert '"\\udcff" is no text in UTF-8' in capsys.readouterr().err


def test_only_the_named_networks_partition_is_read(
    router: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    assert router.run("explain", "O-1001", "--network", "eu") == 0
    capsys.readouterr()


def test_an_unknown_order_is_1_and_says_what_to_check(
    router: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    assert router.run("explain", "o-1010") == 1
    assert 'no decision about order "o-1010" among the' in (told := capsys.readouterr().err)
    assert 'Did you mean "O-100' in told
    assert router.run("explain", "something-else") == 1
    assert "nothing was refused under it either" in capsys.readouterr().err


def test_what_came_too_late_or_was_refused_is_told_with_the_order(
    router: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    assert router.run("explain", "O-1004") == 0
    told = capsys.readouterr().out
    assert "  refused " in told
    assert 'unknown_line: order "O-1004" has no line "7" (orders/' in told
    assert (
        '  exception too_late_to_cancel Tue 24 Nov 09:17:00 UTC: cancel request "C-3": the units have left, '
        in told
    )
    assert "\n    ways out: " in told
    assert router.run("explain", "O-1004", "--json") == 0
    last = json.loads(capsys.readouterr().out)[-1]
    assert [(each["kind"], each["closed_at"]) for each in last["exceptions"]] == [
        ("too_late_to_cancel", None)
    ]
    assert [letter["reason"] for letter in last["refused"]] == ["unknown_line"]


def test_an_exception_that_ended_asks_nobody_any_more(
    router: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    assert router.run("explain", "O-1007") == 0
    told = capsys.readouterr().out
    assert (
        "  exception unknown_item Tue 24 Nov 09:17:00 UTC, ended by itself Tue 24 Nov 09:17:00 UTC: " in told
    )
    assert "ways out" not in told


def test_an_order_that_was_refused_is_told_with_the_reason(
    router: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    assert router.run("explain", "O-1006") == 1
    told = capsys.readouterr().err
    assert "This is known of it:\n  refused " in told
    assert 'wrong_currency: currency "USD" should be "EUR"' in told


def test_what_waits_says_what_it_waits_for(router: Cluster, capsys: pytest.CaptureFixture[str]) -> None:
    assert router.run("explain", "O-1005") == 0
    told = capsys.readouterr().out
    assert "  promise: none before all units have a place\n" in told
    assert "  waiting: 2 pillow-gone; decided again when stock becomes free or the network changes\n" in told
    assert 'asks for "pillow-gone", and no such item is in force' in told
