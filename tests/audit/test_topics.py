"""The audit over real topics: transactions, aborted ones, empty partitions, and a router that is at work."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient

from cli.audit import topics
from cli.audit.run import audit
from infra.errors import ConfigurationError, SluiceError
from infra.topics import Topics
from schemas.codec import decode_row
from schemas.records import Record
from schemas.rows import HeadRow
from schemas.topics import Names
from tests.audit.rehearsal import Rehearsal
from tests.audit.small_network import NUMBER, PARTITIONS

if TYPE_CHECKING:
    from infra.kafka.broker import LocalKafka

TIMEOUT_S = 30.0
BUNDLES = 60


def publish(rehearsal: Rehearsal, bootstrap: str, prefix: str) -> None:
    """Put a rehearsal's topics on a broker, its outputs in transactions as the router would write them."""
    properties: dict[str, Any] = {"bootstrap.servers": bootstrap}
    Topics(AdminClient(properties), properties, Names(prefix)).create_missing(PARTITIONS, ["east", "west"])
    plain = Producer(properties)
    for topic, values in rehearsal.inputs.items():
        for value in values:
            plain.produce(prefix + topic, value, b"shop", NUMBER)
    assert plain.flush(TIMEOUT_S) == 0

    router = Producer({**properties, "transactional.id": prefix})
    router.init_transactions(TIMEOUT_S)
    router.begin_transaction()
    router.produce(f"{prefix}decisions", b"never committed", b"key", NUMBER)
    router.abort_transaction(TIMEOUT_S)
    for topic, published in rehearsal.outputs.items():
        router.begin_transaction()
        for output_key, output, headers in published:
            router.produce(prefix + topic, output, output_key, NUMBER, headers=headers or [])
        router.commit_transaction(TIMEOUT_S)


@pytest.mark.promise("P3")
def test_a_clean_history_is_proved_on_a_broker(kafka: LocalKafka, prefix: str) -> None:
    rehearsal = Rehearsal(seed=3)
    rehearsal.run(BUNDLES)
    publish(rehearsal, kafka.bootstrap, prefix)
    report = audit(kafka.bootstrap, prefix, {}, complete=True)
    assert report.violations == []
    assert report.unproved == {}
    expected = rehearsal.audit().counts
    assert {what: report.counts[what] for what in expected} == dict(expected)
    assert report.counts["partitions"] == 1
    assert audit(kafka.bootstrap, prefix, {}, partition=(NUMBER + 1) % PARTITIONS).counts["inputs"] == 0


def test_what_was_published_outside_the_journal_is_found_on_a_broker(kafka: LocalKafka, prefix: str) -> None:
    rehearsal = Rehearsal(seed=4)
    rehearsal.run(BUNDLES)
    rehearsal.outputs["decisions"].append(rehearsal.outputs["decisions"][-1])
    publish(rehearsal, kafka.bootstrap, prefix)
    report = audit(kafka.bootstrap, prefix, {})
    assert not report.ok
    assert any("was published twice" in each.sentence for each in report.violations)


@pytest.mark.promise("P2")
def test_rows_that_compaction_took_while_the_router_went_on_are_no_violation(
    kafka: LocalKafka, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A newer row, behind the end at which the audit looks, has replaced the one before it."""
    rehearsal = Rehearsal(seed=6)
    rehearsal.run(BUNDLES)
    publish(rehearsal, kafka.bootstrap, prefix)

    def compacted(records: Iterable[Record]) -> list[Record]:
        found = as_they_stand(records)
        (head,) = [each for each in found if each.value and isinstance(decode_row(each.value), HeadRow)]
        writer = Producer({"bootstrap.servers": kafka.bootstrap})
        writer.produce(f"{prefix}{head.topic}", head.value, head.key, NUMBER)
        assert writer.flush(TIMEOUT_S) == 0
        found.remove(head)
        return found

    as_they_stand = topics._as_they_stand
    monkeypatch.setattr(topics, "_as_they_stand", compacted)
    report = audit(kafka.bootstrap, prefix, {})
    assert report.violations == []
    assert report.verdict("P2") == "unproved"


def test_missing_topics_and_partitions_are_a_sentence(kafka: LocalKafka, prefix: str) -> None:
    with pytest.raises(SluiceError, match=f"These topics do not exist: {prefix}catalog"):
        audit(kafka.bootstrap, prefix, {})
    publish(Rehearsal(seed=5), kafka.bootstrap, prefix)
    with pytest.raises(ConfigurationError, match="there is no partition 8"):
        audit(kafka.bootstrap, prefix, {}, partition=8)
