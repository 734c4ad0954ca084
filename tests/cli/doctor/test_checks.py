"""What each check makes of what it sees, and that none of them hides another."""

from __future__ import annotations

import io
import json
import socket
import threading
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from confluent_kafka import ConsumerGroupState, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient
from rich.console import Console

from cli.doctor.checks import (
    broker_settings,
    calendars,
    clock,
    disk,
    group,
    lag,
    placement,
    routers,
    topics,
    versions,
)
from cli.doctor.checks.disk import verdict as disk_verdict
from cli.doctor.checks.lag import Waiting
from cli.doctor.deployment import Deployment
from cli.doctor.examine import Check, run_checks
from cli.doctor.findings import Finding, Located, Severity, fail, ok, unknown, warn
from cli.doctor.questions import Directory
from cli.doctor.reaching import Broker
from cli.doctor.report import exit_code, print_text, sorted_groups, verdict
from cli.shared.router_pages import Page, RouterAway, RouterSilent, fetch
from flows.config import RouterConfig, RunConfig
from schemas.topics import Names
from state.limits import Limits

ROUTER = RouterConfig()
WELL = {
    "transaction.max.timeout.ms": "60000",
    "auto.create.topics.enable": "false",
    "unclean.leader.election.enable": "false",
    "transaction.partition.verification.enable": "true",
    "offsets.retention.minutes": "10080",
    "group.min.session.timeout.ms": "6000",
    "group.max.session.timeout.ms": "1800000",
    "min.insync.replicas": "2",
    "transaction.state.log.replication.factor": "3",
    "transaction.state.log.min.isr": "2",
    "offsets.topic.replication.factor": "3",
    "socket.request.max.bytes": "104857600",
}


# --- calendars -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("last", "severity", "sentence"),
    [
        (date(2027, 12, 31), Severity.OK, "reach to 2027-12-31 at least"),
        (date(2027, 2, 20), Severity.WARN, "of network eu end on 2027-02-20, in 89 days"),
        (date(2026, 11, 23), Severity.WARN, "of network eu end on 2026-11-23, in 0 days"),
        (
            date(2026, 11, 22),
            Severity.FAIL,
            "of network eu have ended on 2026-11-22: its orders find no truck",
        ),
    ],
)
def test_an_end_of_the_calendars_is_told_a_quarter_before(
    last: date, severity: Severity, sentence: str
) -> None:
    ends = {"us": date(2027, 12, 31), "eu": last}
    (found,) = calendars.findings_of(ends, date(2026, 11, 23))
    assert found.severity == severity
    assert sentence in found.seen


# --- side by side ---------------------------------------------------------------------------------------------


def deployment(timeout_s: float) -> Deployment:
    """Of nothing: what is examined here is the examining."""
    properties = {"bootstrap.servers": "127.0.0.1:9"}
    config = RunConfig(router=ROUTER, limits=Limits())
    return Deployment(
        AdminClient({**properties, "log_level": 0}), properties, Names(), config, timeout_s=timeout_s
    )


def test_a_check_that_fails_or_hangs_hides_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    is_over = threading.Event()
    # When they began, then as each is waited for: the time is up for the second, and for no other, however slow.
    moments_s = iter((0.0, 0.0, 1_000.0, 0.0))
    monkeypatch.setattr("cli.doctor.examine.time", SimpleNamespace(monotonic=moments_s.__next__))

    def breaks(_deployment: Deployment) -> Iterator[Finding]:
        yield ok("the first half is fine")
        raise ZeroDivisionError("a mistake of ours")

    def hangs(_deployment: Deployment) -> Iterator[Finding]:
        is_over.wait()
        yield ok("nobody waits for this")

    def works(_deployment: Deployment) -> Iterable[Finding]:
        return [ok("it is well")]

    found = run_checks([Check("one", breaks), Check("two", hangs), Check("three", works)], deployment(45.0))
    is_over.set()
    assert [(each.check, each.finding.severity, each.finding.seen) for each in found] == [
        ("one", Severity.OK, "the first half is fine"),
        ("one", Severity.FAIL, "the check itself failed: ZeroDivisionError('a mistake of ours')"),
        ("two", Severity.UNKNOWN, "not all of it was answered within 90 s"),
        ("three", Severity.OK, "it is well"),
    ]


@pytest.mark.parametrize(
    "error",
    [KafkaException(KafkaError(KafkaError._TIMED_OUT)), TimeoutError()],
    ids=["of the client", "our own"],
)
def test_what_was_not_answered_in_time_is_neither_fine_nor_wrong(error: Exception) -> None:
    def asks(_deployment: Deployment) -> Iterable[Finding]:
        raise error

    ((name, found),) = [
        (each.check, each.finding) for each in run_checks([Check("lag", asks)], deployment(1.0))
    ]
    assert (name, found.severity) == ("lag", Severity.UNKNOWN)
    assert found.seen.startswith("Kafka did not answer in time")
    assert found.remedy.startswith("Try again with a longer --timeout")


# --- single checks --------------------------------------------------------------------------------------------


def test_a_broker_as_it_should_be_has_no_faults() -> None:
    assert list(broker_settings.faults_of("1", WELL, ROUTER, brokers=3)) == []
    assert broker_settings.RULES.keys() == WELL.keys(), "the table below tries each of them"


@pytest.mark.parametrize(
    ("setting", "value", "severity", "remedy"),
    [
        ("transaction.max.timeout.ms", "14999", Severity.FAIL, "a router cannot start a transaction"),
        ("transaction.max.timeout.ms", "900000", Severity.WARN, "stops every reader"),
        ("auto.create.topics.enable", "true", Severity.WARN, "misspelt topic"),
        ("unclean.leader.election.enable", "true", Severity.FAIL, "orders would be lost"),
        ("transaction.partition.verification.enable", "false", Severity.WARN, "open for ever"),
        ("offsets.retention.minutes", "1440", Severity.WARN, "second proof"),
        ("group.min.session.timeout.ms", "15000", Severity.FAIL, "the group refuses the router"),
        ("group.max.session.timeout.ms", "9000", Severity.FAIL, "the group refuses the router"),
        ("min.insync.replicas", "1", Severity.WARN, "one disk"),
        ("transaction.state.log.replication.factor", "1", Severity.WARN, "one disk"),
        ("transaction.state.log.min.isr", "1", Severity.WARN, "one disk"),
        ("offsets.topic.replication.factor", "2", Severity.WARN, "one disk"),
        ("socket.request.max.bytes", "1048576", Severity.FAIL, "would not fit"),
    ],
)
def test_each_setting_that_hurts_is_named(setting: str, value: str, severity: Severity, remedy: str) -> None:
    (fault,) = broker_settings.faults_of("1", WELL | {setting: value}, ROUTER, brokers=3)
    assert (fault.severity, fault.seen) == (severity, f"broker 1: {setting} is {value}")
    assert fault.expected
    assert remedy in fault.remedy


def test_one_broker_can_have_one_copy_only() -> None:
    alone = WELL | {"min.insync.replicas": "1", "offsets.topic.replication.factor": "1"}
    assert list(broker_settings.faults_of("1", alone, ROUTER, brokers=1)) == []


@pytest.mark.parametrize(
    ("level", "release"),
    [
        (30, "4.3"),
        (29, "4.2"),
        (27, "4.1"),
        (25, "4.0"),
        (21, "3.9"),
        (31, "4.3 or newer"),
        (9, "older than 3.7"),
    ],
)
def test_the_level_of_the_metadata_tells_the_release(level: int, release: str) -> None:
    assert versions.release_of(level) == release


@pytest.mark.parametrize(
    ("least_ms", "most_ms", "severity"),
    [
        (-40, 3, Severity.OK),
        (5_001, 5_100, Severity.FAIL),
        (-9_000, -5_001, Severity.FAIL),
        (4_999, 9_000, Severity.OK),
    ],
)
def test_clocks_differ_when_both_bounds_say_so(least_ms: int, most_ms: int, severity: Severity) -> None:
    assert clock.bounded(least_ms, most_ms, 5_000).severity is severity


def test_a_stamp_in_the_future_is_a_proof_and_one_in_the_past_is_none() -> None:
    assert clock.half_bounded(5_001, 5_000).severity is Severity.FAIL
    assert clock.half_bounded(200, 5_000).seen.endswith("ahead of this machine's by at least 200 ms")
    old = clock.half_bounded(-90_000, 5_000)
    assert (old.severity, old.seen.split(" by ")[0]) == (Severity.OK, "the newest record is 90.0 s old")


def test_lag_is_told_by_how_long_the_oldest_record_waits() -> None:
    waiting = [
        Waiting("orders", 0, 12, 0.2),
        Waiting("orders", 1, 30, 4.0),
        Waiting("inventory", 1, 9_000, 61.0),
    ]
    assert [(each.severity, each.seen) for each in lag.findings_of(waiting, late_s=60)] == [
        (Severity.OK, "12 records are on their way, none older than a second"),
        (Severity.WARN, "orders/1: 30 records wait, the oldest for 4.0 s"),
        (Severity.FAIL, "inventory/1: 9,000 records wait, the oldest for 61.0 s"),
    ]


@pytest.mark.parametrize(
    ("free", "severity"), [(0.16, Severity.OK), (0.14, Severity.WARN), (0.04, Severity.FAIL)]
)
def test_a_disk_that_fills_up_is_told(free: float, severity: Severity) -> None:
    assert disk_verdict(2, Directory("/kafka", 1_000_000_000, int(free * 1e9))).severity is severity


@pytest.mark.parametrize(
    ("retention", "told"),
    [
        ("-1", "ever"), ("2592000000", "30 days"), ("86400000", "1 day"), ("3600000", "1 hour"),
        ("129600000", "36 hours"), ("5400000", "90 minutes"), ("1500", "1.5 seconds"),
    ],
)  # fmt: skip
def test_a_time_is_told_in_the_unit_of_which_it_is_a_whole_number(retention: str, told: str) -> None:
    assert topics.duration(topics.milliseconds(retention)) == told


def test_routers_of_different_versions_are_told() -> None:
    (found,) = routers.same_build(
        {"a:1": "0.1.0, Python 3.11.7, source core", "b:1": "0.2.0, Python 3.11.7, source core"}
    )
    assert found.severity is Severity.WARN
    assert "a:1: 0.1.0" in found.seen
    assert "b:1: 0.2.0" in found.seen


class Pages:
    """What a router at an address answers, page by page, or why it is away."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._answers: dict[str, RouterAway | tuple[dict[str, Any], dict[str, Any]]] = {}
        monkeypatch.setattr(routers, "fetch", self._fetch)

    def are(self, address: str, *, alive: dict[str, Any], ready: dict[str, Any]) -> None:
        self._answers[address] = (alive, ready)

    def are_away(self, address: str, away: RouterAway) -> None:
        self._answers[address] = away

    def examined(self) -> list[Finding]:
        there = deployment(1.0)
        there.routers = tuple(self._answers)
        return list(routers.look(there))

    def _fetch(self, address: str, path: str, _timeout_s: float) -> Page:
        answer = self._answers[address]
        if isinstance(answer, RouterAway):
            raise answer
        alive, ready = answer
        text = {"/healthz": json.dumps(alive), "/readyz": json.dumps(ready)}.get(path, "")
        return Page(200, text, None)


@pytest.fixture
def pages(monkeypatch: pytest.MonkeyPatch) -> Pages:
    return Pages(monkeypatch)


WELL_ALIVE = {"ok": True}


def test_a_router_says_how_many_partitions_it_decides_and_how_many_it_follows(pages: Pages) -> None:
    phases = {"0": "live", "1": "following", "2": "following", "3": "copying"}
    partitions = {number: {"phase": phase} for number, phase in phases.items()}
    pages.are("http://a:1", alive=WELL_ALIVE, ready={"ok": True, "partitions": partitions})
    pages.are("http://b:1", alive=WELL_ALIVE, ready={"ok": True, "partitions": {"0": {"phase": "live"}}})
    pages.are("http://c:1", alive=WELL_ALIVE, ready={"ok": True})
    assert [found.seen for found in pages.examined()][:3] == [
        "router a:1 is alive and ready, and decides 1 partition and follows 3",
        "router b:1 is alive and ready, and decides 1 partition",
        "router c:1 is alive and ready, and decides no partitions",
    ]


def test_a_router_that_is_dead_comes_before_one_that_is_late(pages: Pages) -> None:
    pages.are("http://a:1", alive=WELL_ALIVE, ready={"ok": False, "reasons": ["partition 0 is 9 s late"]})
    pages.are(
        "http://b:1",
        alive={"ok": False, "reasons": ["the flow has not polled for 70 s"]},
        ready={"ok": False},
    )
    assert [found.seen for found in pages.examined()][:2] == [
        "router b:1 is not alive: the flow has not polled for 70 s",
        "router a:1 is not ready: partition 0 is 9 s late",
    ]


def test_a_router_that_does_not_answer_may_hang_and_one_that_refuses_does_not_run(pages: Pages) -> None:
    pages.are_away("http://a:1", RouterSilent("timed out"))
    pages.are_away("http://b:1", RouterAway("Connection refused"))
    silent, refused = pages.examined()
    assert silent.remedy.startswith("It may hang: where its process runs, see its log and restart it.")
    assert refused.remedy == (
        "Start it, and where something starts it over and over, see its last lines; or mend the address: it is what "
        "[router] metrics says"
    )


def test_a_process_that_is_stopped_is_told_from_one_that_is_not_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as hanging:
        port = hanging.getsockname()[1]
        with pytest.raises(RouterSilent, match="timed out"):
            fetch(f"http://127.0.0.1:{port}", "/healthz", 0.1)
    with pytest.raises(RouterAway, match="Connection refused") as refused:
        fetch(f"http://127.0.0.1:{port}", "/healthz", 0.1)
    assert not isinstance(refused.value, RouterSilent)


def test_what_is_there_to_type_is_typed_anywhere(tmp_path: Path) -> None:
    there = Deployment(
        AdminClient({"bootstrap.servers": "127.0.0.1:9", "log_level": 0}),
        {"bootstrap.servers": "kafka.example:9092"},
        Names("acme."),
        RunConfig(router=ROUTER, limits=Limits()),
        config_file=Path("/etc/sluice/my sluice.toml"),
    )
    expected = "--kafka kafka.example:9092 --prefix acme. --config '/etc/sluice/my sluice.toml'"
    assert there.command("topics") == f"sluice topics {expected}"
    sample = placement.Sample(records=2, unreadable=1, misplaced={("k", "eu"): (0, 7, 1)})
    found = list(placement.findings_of("acme.orders", sample, there.command))
    assert [each.command for each in found] == [
        f"sluice dead-letters list --reason wrong_partition {expected}",
        f"sluice dead-letters list {expected}",
    ]
    assert found[1].remedy == "Find who sends them: a router refuses each of them as a dead letter"


def test_a_partition_that_nobody_owns_is_not_mended_by_a_quick_restart(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A process with a name of its own gets its own partitions back, and nothing is shared out."""
    idle = SimpleNamespace(member_id="a", assignment=SimpleNamespace(topic_partitions=[]))
    settled = SimpleNamespace(members=[idle], state=ConsumerGroupState.STABLE, partition_assignor="range")
    monkeypatch.setattr(Deployment, "described_group", lambda _there: settled)
    monkeypatch.setattr(Deployment, "places", lambda _there: [TopicPartition("sluice.orders", 3)])
    (found,) = group.look(deployment(0.1))
    assert found.seen == "sluice.orders/3: no router reads it"
    assert "start it again only after its session_timeout_ms" in found.remedy


@pytest.mark.parametrize(
    ("protocol", "log_in"),
    [
        ({}, ""),
        ({"security.protocol": "PLAINTEXT"}, ""),
        ({"security.protocol": "SASL_SSL"}, "--command-config admin.properties "),
        ({"security.protocol": "ssl"}, "--command-config admin.properties "),
    ],
)
def test_a_tool_of_kafkas_own_is_told_to_log_in_where_the_cluster_asks_for_it(
    protocol: dict[str, str], log_in: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = deployment(0.1)
    there.properties = {"bootstrap.servers": "kafka.example:9093", **protocol}
    kafka = f"--bootstrap-server kafka.example:9093 {log_in}"
    monkeypatch.setattr(Deployment, "brokers", [Broker(1, "127.0.0.1", 9)])
    (of_disk,) = disk.look(there)
    (of_version,) = versions.look(there)
    assert [of_disk.command, of_version.command] == [
        f"kafka-log-dirs.sh {kafka}--describe",
        f"kafka-features.sh {kafka}describe",
    ]


# --- the report -----------------------------------------------------------------------------------------------

MIXED = [
    Located("topics", fail("two is wrong", "right", "mend it", "mend --two")),
    Located("topics", ok("one is right")),
    Located("disk", warn("little room", "more", "make room")),
    Located("group", ok("all there")),
    Located("access", unknown("nobody says")),
]


def printed(located: list[Located], *, is_terminal: bool) -> str:
    out = io.StringIO()
    print_text(located, Console(file=out, force_terminal=is_terminal, width=100))
    return out.getvalue()


def test_the_worst_stands_last_with_what_to_do_next() -> None:
    assert [name for name, _ in sorted_groups(MIXED)] == ["group", "access", "disk", "topics"]
    text = printed(MIXED, is_terminal=False)
    assert (
        text.splitlines()[-7:]
        == [
            "  ok       one is right",
            "  fail     two is wrong",
            "           expected  right",
            "           to do     mend it",
            "           command   mend --two",
            "",
            "Something is wrong: 1 wrong, 1 to look after, 1 not known, 2 fine.",
            "Next: mend --two",
        ][-7:]
    )


def test_a_router_that_is_dead_is_mended_before_what_follows_from_it() -> None:
    located = [
        Located("lag", fail("orders/0: 90 records wait", "none", "add routers up to the partition count")),
        Located("group", fail("orders/0: no router reads it", "an owner", "restart them")),
        Located("routers", fail("router a:1 is not alive", "it to poll", "Restart it")),
    ]
    assert printed(located, is_terminal=False).endswith("Next: Restart it\n")
    brokers = Located("brokers", fail("broker 2 cannot be reached", "it to answer", "Start that broker"))
    assert printed([brokers, *located], is_terminal=False).endswith("Next: Start that broker\n")


def test_colour_is_for_terminals_only() -> None:
    assert "\x1b[" in printed(MIXED, is_terminal=True)
    assert "\x1b[" not in printed(MIXED, is_terminal=False)


def test_the_exit_code_is_that_of_the_worst() -> None:
    assert exit_code(MIXED, is_strict=False) == 1
    assert exit_code(MIXED[2:], is_strict=False) == 0
    assert exit_code(MIXED[2:], is_strict=True) == 1
    assert exit_code(MIXED[3:], is_strict=True) == 0
    assert verdict(MIXED[2:]) == "It works, but: 1 to look after, 1 not known, 1 fine."
    assert verdict(MIXED[1:2]) == "All is well: 1 fine."
    assert verdict(MIXED[3:]) == "Nothing wrong was seen: 1 not known, 1 fine."
