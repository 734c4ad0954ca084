"""`sluice send`: all or nothing, on the topic of the type and the partition of the network."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType

from cli.main import main
from cli.shared.record_size import batch_bytes
from cli.shared.sending import how_far
from infra.kafka.broker import LocalKafka
from infra.reading import PlaceReader
from schemas.placement import partition_of
from schemas.topics import INPUT_BYTES_MAX
from tests.cli.test_apply import PARTITIONS, Cluster, cluster
from tests.faults.stage import wait_for
from tests.published import order

__all__ = ["cluster"]


def count_event(number: int, network: str = "eu", **changed: object) -> str:
    data = {"pool": "dc-paris", "sku": "SKU-7", "quantity": 5, "mark": number} | changed
    return json.dumps(
        {
            "specversion": "1.0",
            "source": "wms",
            "id": f"count-{number}",
            "type": "stock.counted",
            "time": "2026-11-23T12:00:00Z",
            "network": network,
            "data": data,
        }
    )


def send(cluster: Cluster, file: Path, *options: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["send", str(file), *cluster.arguments, *options])
    return ended.value.code if isinstance(ended.value.code, int) else 0


def values(kafka: LocalKafka, topic: str, network: str = "eu") -> list[tuple[bytes | None, bytes | None]]:
    """Key and value of everything on the network's partition of a topic."""
    consumer = Consumer(
        {"bootstrap.servers": kafka.bootstrap, "group.id": "test", "enable.partition.eof": True}
    )
    consumer.assign([TopicPartition(topic, partition_of(network, PARTITIONS), 0)])
    found = []
    while (message := consumer.poll(45)) is not None and message.error() is None:
        found.append((message.key(), message.value()))
    consumer.close()
    return found


def test_events_go_where_they_belong(
    kafka: LocalKafka, cluster: Cluster, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [count_event(1), count_event(2, network="us"), "", count_event(3)]
    file = tmp_path / "events.jsonl"
    file.write_text("\n".join(lines))
    assert send(cluster, file) == 0
    topic = f"{cluster.names.prefix}inventory"
    assert (b"eu", lines[0].encode()) in values(kafka, topic)
    assert (b"us", lines[1].encode()) in values(kafka, topic, "us")
    out = capsys.readouterr().out
    assert out.endswith("Sent 3 events.\n")
    assert f"{topic}   partition {partition_of('eu', PARTITIONS)}   " in out
    assert send(cluster, file, "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert report["sent"] == sum(place["events"] for place in report["places"]) == 3
    assert {place["topic"] for place in report["places"]} == {topic}


def test_all_faults_are_said_and_nothing_is_sent(
    kafka: LocalKafka, cluster: Cluster, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    unknown = count_event(4).replace("stock.counted", "stock.count")
    file = tmp_path / "events.jsonl"
    file.write_text("\n".join([count_event(1), "{", count_event(2, quantity=-1), unknown, "[]"]))
    assert send(cluster, file) == 2
    said = capsys.readouterr().err.splitlines()
    assert said[0].startswith(f"{file}:2: this is not JSON: ")
    assert said[1] == f"{file}:3: Expected `int` >= 0 - at `$.data.quantity`"
    assert said[2] == f'{file}:4: type "stock.count" is unknown; did you mean "stock.counted"?'
    assert said[3].startswith(f"{file}:5: Expected `object`, got `array`")
    assert said[4] == f"sluice: 4 lines of {file} cannot be sent, so nothing was"
    assert values(kafka, f"{cluster.names.prefix}inventory") == []


def line_of(batch: int) -> str:
    """An event that a batch of its own brings to this many bytes."""
    plain = count_event(1)
    about = batch - 80
    fill = batch - (batch_bytes(b"eu", bytes(about)) - about)
    return plain[:-1] + ', "more": "' + "x" * (fill - len(plain) - len(', "more": ""')) + '"}'


@pytest.mark.parametrize("more", [0, 1])
def test_what_the_broker_would_not_take_is_found_before_anything_is_sent(
    more: int, kafka: LocalKafka, cluster: Cluster, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """To the byte: one less and it is taken."""
    line = line_of(INPUT_BYTES_MAX + more)
    file = tmp_path / "events.jsonl"
    file.write_text(f"{count_event(2)}\n{line}\n")
    code = send(cluster, file)
    said = capsys.readouterr().err
    sent = values(kafka, f"{cluster.names.prefix}inventory")
    if not more:
        assert (code, len(sent)) == (0, 2)
        return
    assert (code, sent) == (2, [])
    assert f"{file}:2: the record has 1,048,589 bytes, and inventory takes at most 1,048,588" in said
    file.write_text(f"{line}\n{{\n")
    assert send(cluster, file) == 2
    assert [text.split(": ")[0] for text in capsys.readouterr().err.splitlines()[:2]] == [
        f"{file}:1",
        f"{file}:2",
    ]


def test_an_order_that_the_router_would_call_oversized_is_refused(
    cluster: Cluster, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "orders.jsonl"
    lines = [{"line_id": str(number), "sku": "x" * 100, "quantity": 1, "unit": "EA"} for number in range(500)]
    file.write_text(json.dumps(order("O-1", "SKU-7", lines=lines)))
    size = file.stat().st_size
    assert send(cluster, file) == 2
    assert (
        f"{file}:1: the order has {size:,} bytes, at most 65,536 are taken (limits.order_bytes_max): split it"
        in (capsys.readouterr().err)
    )
    config = tmp_path / "sluice.toml"
    config.write_text(f"[limits]\norder_bytes_max = {size}\n")
    assert send(cluster, file, "--config", str(config)) == 0


def test_a_topic_that_takes_more_is_asked(
    kafka: LocalKafka, cluster: Cluster, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    admin = AdminClient({"bootstrap.servers": kafka.bootstrap, "log_level": 0})
    topic = f"{cluster.names.prefix}inventory"
    larger = ConfigEntry(
        "max.message.bytes", str(2 * INPUT_BYTES_MAX), incremental_operation=AlterConfigOpType.SET
    )
    changed = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[larger])
    for future in admin.incremental_alter_configs([changed]).values():
        future.result()
    file = tmp_path / "events.jsonl"
    file.write_text(line_of(INPUT_BYTES_MAX + 1_000))
    assert send(cluster, file) == 0
    assert len(values(kafka, topic)) == 1


def test_bad_input_is_sent_as_it_is_when_asked(kafka: LocalKafka, cluster: Cluster, tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    file.write_text("not json\n")
    assert send(cluster, file, "--no-check") == 2
    assert send(cluster, file, "--no-check", "--topic", "orders") == 0
    assert values(kafka, f"{cluster.names.prefix}orders") == [(b"eu", b"not json")]


def test_an_event_on_a_foreign_topic_is_refused(
    cluster: Cluster, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "events.jsonl"
    file.write_text(count_event(1))
    assert send(cluster, file, "--topic", "orders") == 2
    assert f"{file}:1: this event belongs on inventory, not on orders" in capsys.readouterr().err
    assert send(cluster, file, "--topic", "stock") == 2


def test_a_rate_is_kept(cluster: Cluster, tmp_path: Path) -> None:
    import time

    file = tmp_path / "events.jsonl"
    file.write_text("\n".join(count_event(number) for number in range(11)))
    started = time.monotonic()
    assert send(cluster, file, "--rate", "20") == 0
    assert time.monotonic() - started >= 0.5


def stored_in(kafka: LocalKafka, topic: str) -> int:
    """How many records the partition of the network `eu` holds."""
    consumer = PlaceReader({"bootstrap.servers": kafka.bootstrap})
    try:
        place = TopicPartition(topic, partition_of("eu", PARTITIONS))
        return int(consumer.get_watermark_offsets(place, 10)[1])
    finally:
        consumer.close()


def test_ctrl_c_says_how_far_it_came(kafka: LocalKafka, cluster: Cluster, tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    file.write_text("\n".join(count_event(number) for number in range(60)))
    command = [sys.executable, "-m", "cli.main", "send", str(file), "--rate", "5", *cluster.arguments]
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
    ) as sending:
        wait_for(lambda: stored_in(kafka, f"{cluster.names.prefix}inventory") >= 2, "two events")
        sending.send_signal(signal.SIGINT)
        told = sending.communicate(timeout=45)[1]
    assert sending.returncode == 130
    stored = stored_in(kafka, f"{cluster.names.prefix}inventory")
    assert told == (
        f"sluice: interrupted: {stored} events sent, all of them acknowledged. The last one was line {stored}; what "
        "follows it was not sent\n"
    )


def test_ctrl_c_says_what_no_broker_has_acknowledged() -> None:
    assert how_far(12, 9, 14).startswith(
        "interrupted: 12 events sent, 9 of them acknowledged. The last one was line 14"
    )
    assert how_far(0, 0, 0) == "interrupted before anything was sent"
