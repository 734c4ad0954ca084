"""`sluice dead-letters`: what was refused and why, and sending it again without harm."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cli.decide.offline import Offline
from infra.kafka.broker import LocalKafka
from schemas.topics import FULFILMENT, INVENTORY, ORDERS
from tests.promises import promise
from tests.published import HOME, Cluster, cluster, count, decide, event, offline, order

pytestmark = pytest.mark.kafka


def refused() -> Offline:
    """A count of a misspelt pool, bytes that are no JSON, an order from an unknown channel."""
    engine = offline()
    decide(engine, count("mug-blue", "dc-pariss", 99, 10))
    engine.send("inventory", b"\xff garbage \x01")
    decide(engine, count("mug-blue", "dc-paris", 5, 20), order("O-1", "mug-blue", channel="wbe"))
    return engine


@pytest.fixture
def engine() -> Offline:
    return refused()


@pytest.fixture
def router(kafka: LocalKafka, prefix: str, engine: Offline) -> Cluster:
    there = cluster(kafka.bootstrap, prefix)
    there.publish(engine.publications)
    return there


@pytest.fixture(scope="session")
def only_read(kafka: LocalKafka) -> Cluster:
    """The same, for all tests after which nothing has been sent."""
    there = cluster(kafka.bootstrap, "test-dead-letters.")
    there.publish(refused().publications)
    return there


def listed(router: Cluster, capsys: pytest.CaptureFixture[str], *options: str) -> list[dict[str, Any]]:
    capsys.readouterr()
    assert router.run("dead-letters", "list", "--json", *options) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@promise("P3")
def test_letters_are_listed_with_their_reasons(
    only_read: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    assert only_read.run("dead-letters", "list") == 0
    text = capsys.readouterr().out
    assert "inventory/0/0   " in text
    assert 'pool "dc-pariss" is not in network "eu"; apply it first' in text
    assert "\\xff garbage \\x01" in text
    assert 'unknown_channel from "test", order "O-1"\n' in text
    assert (
        '3 dead letters: 1 malformed_json, 1 unknown_channel from "test", 1 unknown_pool from "test"' in text
    )


def test_filters_and_json(only_read: Cluster, capsys: pytest.CaptureFixture[str]) -> None:
    (letter,) = listed(only_read, capsys, "--reason", "unknown_pool")
    assert letter["event"]["data"]["pool"] == "dc-pariss"
    assert letter["received"] == "2026-11-23T09:00:00.000Z"
    (letter,) = listed(only_read, capsys, "--topic", "orders")
    assert letter["reason"] == "unknown_channel"
    assert [each["base64"] for each in listed(only_read, capsys, "--reason", "malformed_json")] == [
        "/yBnYXJiYWdlIAE="
    ]


def test_letters_of_one_source_are_chosen(router: Cluster, capsys: pytest.CaptureFixture[str]) -> None:
    assert [each["reason"] for each in listed(router, capsys, "--source", "test")] == [
        "unknown_pool", "unknown_channel",
    ]  # fmt: skip
    assert listed(router, capsys, "--source", "tset") == []
    assert router.run("dead-letters", "list", "--source", "tset") == 0
    assert 'no dead letter from "tset" has occurred; known here are: test\n' in capsys.readouterr().err
    assert router.run("dead-letters", "retry", "--source", "test", "--reason", "unknown_pool") == 0
    assert "Sent 1 event again" in capsys.readouterr().out


def test_what_was_refused_again_is_one_letter_and_is_sent_again_once(
    router: Cluster, engine: Offline, capsys: pytest.CaptureFixture[str]
) -> None:
    """Tried too early, twice: the third time it would be sent three times, and refused three times more."""
    engine.publications.clear()
    for _ in range(2):
        decide(engine, count("mug-blue", "dc-pariss", 99, 10))
    router.publish(engine.publications)
    (letter,) = listed(router, capsys, "--reason", "unknown_pool")
    assert (letter["id"], letter["times"]) == ("inventory/0/4", 3)
    assert router.run("dead-letters", "list") == 0
    assert 'unknown_pool from "test", SKU "mug-blue", refused 3 times\n' in capsys.readouterr().out
    assert router.run("dead-letters", "retry", "inventory/0/0", "inventory/0/3", "--dry-run") == 0
    assert "1 dead letter: 1 unknown_pool" in capsys.readouterr().out
    assert router.run("dead-letters", "retry", "--reason", "unknown_pool") == 0
    assert "Sent 1 event again" in capsys.readouterr().out
    assert len(router.values(INVENTORY)) == 1


def test_what_was_taken_since_is_open_no_more(
    router: Cluster, engine: Offline, capsys: pytest.CaptureFixture[str]
) -> None:
    assert len(listed(router, capsys, "--open")) == 3
    (repaired,) = listed(router, capsys, "--reason", "unknown_pool")
    engine.publications.clear()
    decide(engine, order("O-1", "mug-blue", channel="web"))
    decide(engine, count("mug-blue", "dc-paris", 99, 30) | {"id": repaired["event"]["id"] + "/repaired/1"})
    router.publish(engine.publications)
    assert [each["reason"] for each in listed(router, capsys, "--open")] == ["malformed_json"]
    assert len(listed(router, capsys)) == 3


def test_a_dry_run_lists_what_would_be_sent_and_sends_nothing(
    only_read: Cluster, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert only_read.run("dead-letters", "retry", "--reason", "unknown_channel", "--dry-run") == 0
    text = capsys.readouterr().out
    assert "orders/0/0   " in text
    assert text.endswith("Nothing was sent.\n")
    (letter,) = listed(only_read, capsys, "--topic", "orders")
    letter["event"]["data"]["channel"] = "web"
    file = tmp_path / "repaired.jsonl"
    file.write_text(json.dumps(letter), encoding="utf-8")
    assert only_read.run("dead-letters", "retry", "--repaired", str(file), "--dry-run") == 0
    assert capsys.readouterr().out == "1 repaired event can be sent. Nothing was sent.\n"
    assert only_read.values(ORDERS) == []


def test_a_retry_sends_the_same_bytes_to_the_same_place(
    router: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    letter_ids = [letter["id"] for letter in listed(router, capsys)]
    assert router.run("dead-letters", "retry", *letter_ids) == 0
    assert "Sent 3 events again, unchanged." in capsys.readouterr().out
    refused_count = msgspec.json.encode(count("mug-blue", "dc-pariss", 99, 10))
    assert [(place, value) for place, _, value in router.values(INVENTORY)] == [
        (0, refused_count), (0, b"\xff garbage \x01"),
    ]  # fmt: skip
    assert len(router.values(ORDERS)) == 1


def test_what_needs_another_is_sent_after_it_and_after_a_pause(
    router: Cluster, engine: Offline, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fulfilment at once would be about shipments that the router does not know yet."""
    engine.publications.clear()
    accepted = {"shipment_id": "O-9/1/1", "position": 3}
    for each in (
        event("shipment.accepted", "a/1", accepted),
        order("O-9", "mug-blue"),
        count("mug-blue", "dc-paris", 5, 30),
    ):
        decide(engine, each | {"network": "new"})
    router.publish(engine.publications)
    slept: list[tuple[float, list[int]]] = []

    def sleep(seconds: float) -> None:
        slept.append((seconds, [len(router.values(topic)) for topic in (INVENTORY, ORDERS, FULFILMENT)]))

    monkeypatch.setattr("cli.dead_letters.resending.time.sleep", sleep)
    assert router.run("dead-letters", "retry", "--reason", "unknown_network") == 0
    assert "Sent 3 events again" in capsys.readouterr().out
    assert slept == [(1.0, [1, 0, 0]), (1.0, [1, 1, 0])]
    assert len(router.values(FULFILMENT)) == 1


def test_ctrl_c_says_how_far_it_came(
    router: Cluster, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the pause between stock and orders."""

    def interrupt(_seconds: float) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("cli.dead_letters.resending.time.sleep", interrupt)
        assert router.run("dead-letters", "retry", "--source", "test") == 130
    assert "interrupted: 1 of 2 dead letters sent again." in capsys.readouterr().err


def test_every_fault_of_the_named_letters_is_told(
    only_read: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    assert only_read.run("dead-letters", "retry", "orders/0/99999", "orders/99/1", "foo/0/1") == 2
    told = capsys.readouterr().err
    for sentence in (
        "no dead letter orders/0/99999; ",
        '"orders/99/1": there are 2 partitions, counted from 0',
        '"foo/0/1" is no ID of a dead letter; ',
    ):
        assert sentence in told


def test_a_topic_that_is_none_is_refused_and_a_reason_that_never_occurred_is_told(
    only_read: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    assert only_read.run("dead-letters", "list", "--topic", "foo") == 2
    assert '--topic "foo" is no input topic; there are reference, inventory, ' in capsys.readouterr().err
    assert only_read.run("dead-letters", "list", "--reason", "unknown_pol") == 0
    assert capsys.readouterr().err == (
        'no dead letter of reason "unknown_pol" has occurred; known here are: malformed_json, unknown_channel, '
        "unknown_pool\n"
    )


def test_all_of_one_reason_are_sent_again(router: Cluster, capsys: pytest.CaptureFixture[str]) -> None:
    assert router.run("dead-letters", "retry", "--reason", "unknown_channel") == 0
    assert "Sent 1 event again" in capsys.readouterr().out
    assert len(router.values(ORDERS)) == 1


@promise("P2")
def test_a_repaired_count_never_overwrites_newer_stock(
    router: Cluster, engine: Offline, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (letter,) = listed(router, capsys, "--reason", "unknown_pool")
    letter["event"]["data"]["pool"] = "dc-paris"
    file = tmp_path / "repaired.jsonl"
    file.write_text(json.dumps(letter), encoding="utf-8")
    assert router.run("dead-letters", "retry", "--repaired", str(file)) == 0
    assert "Sent 1 repaired event." in capsys.readouterr().out
    ((place, key, value),) = router.values(INVENTORY)
    assert (place, key) == (HOME, b"eu")
    assert json.loads(value or b"")["id"] == "count/dc-pariss/mug-blue/10/repaired/1"
    before = engine.partition.networks["eu"].ledger.row("dc-paris", "mug-blue")
    engine.send("inventory", value or b"")
    assert engine.partition.networks["eu"].ledger.row("dc-paris", "mug-blue") == before
    assert before is not None
    assert (before.on_hand, before.mark) == (5, 20)


def test_a_repaired_order_is_taken_under_the_id_that_the_file_gives(
    router: Cluster, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (letter,) = listed(router, capsys, "--topic", "orders")
    letter["event"]["data"]["channel"] = "web"
    letter["event"]["id"] = "mine"
    file = tmp_path / "repaired.jsonl"
    file.write_text(json.dumps(letter), encoding="utf-8")
    assert router.run("dead-letters", "retry", "--repaired", str(file)) == 0
    ((_, _, value),) = router.values(ORDERS)
    assert json.loads(value or b"")["id"] == "mine"


def test_a_refused_repair_gets_the_next_number(
    router: Cluster, engine: Offline, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    engine.publications.clear()
    decide(engine, order("O-2", "mug-blue", channel="wbe") | {"id": "x/repaired/1"})
    router.publish(engine.publications)
    letter = listed(router, capsys, "--topic", "orders")[-1]
    letter["event"]["data"]["channel"] = "web"
    file = tmp_path / "repaired.jsonl"
    file.write_text(json.dumps(letter), encoding="utf-8")
    assert router.run("dead-letters", "retry", "--repaired", str(file)) == 0
    assert json.loads(router.values(ORDERS)[-1][2] or b"")["id"] == "x/repaired/2"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("garbage", "repaired.jsonl:1: JSON is malformed"),
        ('{"id": "inventory/0/0"}', "`sluice dead-letters list --json` prints it"),
        ('{"id": "inventory/0/1", "event": {"type": "stock.counted"}}', "give it one"),
        (
            '{"id": "inventory/0/0", "event": {"type": "stock.countd", "network": "eu"}}',
            'did you mean "stock.counted"?',
        ),
        ('{"id": "stock/0/0", "event": {}}', '"stock/0/0" is no ID of a dead letter'),
    ],
)
def test_nothing_is_sent_of_a_file_with_a_fault(
    line: str, message: str, only_read: Cluster, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "repaired.jsonl"
    file.write_text(line, encoding="utf-8")
    assert only_read.run("dead-letters", "retry", "--repaired", str(file)) == 2
    assert message in capsys.readouterr().err
    assert only_read.values(INVENTORY) == []


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ([], 2, "say what to send again: IDs, or --reason or --source or both, or --repaired FILE; one of"),
        (["orders"], 2, '"orders" is no ID of a dead letter'),
        (["orders/7/0"], 2, "there are 2 partitions"),
        (["inventory/0/7"], 1, "no dead letter inventory/0/7; did you mean"),
    ],
)
def test_what_cannot_be_retried_is_said(
    arguments: list[str], code: int, message: str, only_read: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    assert only_read.run("dead-letters", "retry", *arguments) == code
    assert message in capsys.readouterr().err


def test_help_says_that_a_retry_cannot_harm_newer_stock(capsys: pytest.CaptureFixture[str]) -> None:
    from cli.main import main

    with pytest.raises(SystemExit):
        main(["dead-letters", "retry", "--help"])
    assert "A retry never overwrites newer stock" in " ".join(capsys.readouterr().out.split())
