"""A cluster that lets nobody do anything unasked: what a role needs is told, and is enough; what is wrong is named."""

from __future__ import annotations

import argparse
import json
import re
import shlex
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from confluent_kafka.admin import AclBinding, AclOperation, ResourcePatternType, ResourceType

from cli.doctor.questions import directories, features
from cli.doctor.rights import OPTIONS
from cli.doctor.wire import Wire
from cli.reference.publish import ReferenceLog
from cli.shared.connection import connected
from infra.errors import SluiceError
from infra.topics import Topics
from schemas.topics import DEAD_LETTERS, EXCEPTIONS, Names
from tests.cli.running import Deployed, code_of
from tests.cli.secured import PLAIN_USER, Authority, Guarded, guarded_broker, password_of, rule
from tests.faults.stage import wait_for
from tests.side_by_side import takes, together

pytestmark = [pytest.mark.kafka, together("secured"), takes(3)]

PREFIX = "guarded."


@pytest.fixture(scope="session")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    with guarded_broker(tmp_path_factory.mktemp("guarded")) as broker:
        yield broker


@pytest.fixture(scope="session")
def deployed(guarded: Guarded, tmp_path_factory: pytest.TempPathFactory) -> Deployed:
    """Topics and a network, made by the administrator."""
    return Deployed(guarded.open_bootstrap, PREFIX, tmp_path_factory.mktemp("deployed"))


class Person:
    """Somebody with a log-in and a configuration file, who may do nothing yet."""

    def __init__(self, guarded: Guarded, name: str, directory: Path) -> None:
        self.name = name
        self._guarded = guarded
        self.properties = guarded.add_user(name)
        file = configured(directory / "sluice.toml", self.properties)
        self.arguments = ("--config", str(file), "--prefix", PREFIX)

    def examine(self, capsys: pytest.CaptureFixture[str], *role: str) -> list[dict[str, str]]:
        """What the doctor says of this person's rights."""
        capsys.readouterr()
        code_of("doctor", "--json", *self.arguments, "--role", *role)
        told = capsys.readouterr().out
        assert password_of(self.name) not in told
        return [each for each in json.loads(told)["findings"] if each["check"] == "access"]

    def granted_what_is_printed(self, capsys: pytest.CaptureFixture[str], *role: str) -> None:
        """The administrator types every command that the doctor prints, and nothing else."""
        found = self.examine(capsys, *role)
        assert {each["severity"] for each in found} >= {"fail"}
        self._guarded.allow(
            binding for each in found if each["command"] for binding in bindings(each["command"])
        )

    def is_well(self, capsys: pytest.CaptureFixture[str], *role: str) -> bool:
        """Rules take a moment to be known everywhere, so this is asked until it is so."""
        severities = {each["severity"] for each in self.examine(capsys, *role)}
        return "fail" not in severities and "ok" in severities


def configured(path: Path, properties: dict[str, str]) -> Path:
    """A configuration file with these properties."""
    lines = [f"{json.dumps(name)} = {json.dumps(value)}" for name, value in properties.items()]
    path.write_text("\n".join(["[kafka]", *lines]), encoding="utf-8")
    return path


def bindings(command: str) -> Iterator[AclBinding]:
    """The rules that kafka-acls makes of its command line."""
    program, *words = shlex.split(command)
    assert program == "kafka-acls.sh"
    parser = argparse.ArgumentParser(exit_on_error=False)
    for name in ("--bootstrap-server", "--command-config", "--allow-principal"):
        parser.add_argument(name, required=True)
    parser.add_argument("--add", action="store_true", required=True)
    parser.add_argument("--operation", action="append", required=True)
    parser.add_argument("--resource-pattern-type", default="literal")
    for option in OPTIONS.values():
        parser.add_argument(option, action="append", default=[])
    found = vars(parser.parse_args(words))
    for kind, option in OPTIONS.items():
        for name in found[option.removeprefix("--").replace("-", "_")]:
            for operation in found["operation"]:
                yield rule(
                    found["allow_principal"],
                    kind,
                    name,
                    OPERATIONS[operation],
                    ResourcePatternType[found["resource_pattern_type"].upper()],
                )


OPERATIONS = {
    "Read": AclOperation.READ,
    "Write": AclOperation.WRITE,
    "Create": AclOperation.CREATE,
    "Describe": AclOperation.DESCRIBE,
    "DescribeConfigs": AclOperation.DESCRIBE_CONFIGS,
}


# --- rights ---------------------------------------------------------------------------------------------------


@takes(15)
def test_the_doctor_names_each_missing_right_of_a_router_and_with_these_alone_it_decides(
    guarded: Guarded, deployed: Deployed, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    person = Person(guarded, "router", tmp_path)
    person.granted_what_is_printed(capsys, "router")
    wait_for(lambda: person.is_well(capsys, "router"), "the doctor to find nothing missing")
    deployed.send(deployed.stock("SKU-1", 5))
    deployed.send(deployed.order("O-1", "SKU-1"))
    with deployed.router(*person.arguments):
        deployed.stage.wait_until_done([])
    # What it has decided, the next one reads back.
    with deployed.router(*person.arguments):
        deployed.send(deployed.order("O-2", "SKU-1"), file="second.jsonl")
        deployed.stage.wait_until_done([])
    decisions = [
        json.loads(value)["data"] for number in range(2) for value in deployed.stage.decisions(number)
    ]
    assert {each["order_id"] for each in decisions} == {"O-1", "O-2"}
    assert deployed.stage.audit(complete=False).violations == []
    log = deployed.router_log.read_text()
    assert "authorization" not in log
    assert password_of("router") not in log

    capsys.readouterr()
    assert code_of("explain", "O-1", *person.arguments) == 1, "whoever is on duty needs a log-in of a reader"
    told = capsys.readouterr().err
    assert re.search(
        f"{PREFIX}decisions cannot be read: .* `sluice doctor --role reader` shows what this user may do",
        told,
    ), told


def test_each_right_that_is_taken_away_is_missed(
    guarded: Guarded, deployed: Deployed, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    person = Person(guarded, "half", tmp_path)
    everything = {each["seen"] for each in person.examine(capsys, "router")}
    assert {seen.split(" guarded.")[0] for seen in everything} == {
        "this principal may not READ, DESCRIBE_CONFIGS",
        "this principal may not WRITE, DESCRIBE_CONFIGS",
        "this principal may not READ, WRITE, DESCRIBE_CONFIGS",
        "this principal may not READ group",
        "this principal may not WRITE transactional id",
        "this principal sees no topic",
        "the access rules are not shown to this principal",
    }
    user = "User:half"
    guarded.allow(
        [
            rule(user, ResourceType.TOPIC, PREFIX, AclOperation.READ, ResourcePatternType.PREFIXED),
            rule(
                user, ResourceType.TOPIC, PREFIX, AclOperation.DESCRIBE_CONFIGS, ResourcePatternType.PREFIXED
            ),
            rule(user, ResourceType.TOPIC, f"{PREFIX}ledger", AclOperation.WRITE),
            rule(user, ResourceType.GROUP, f"{PREFIX}router", AclOperation.DESCRIBE),
        ]
    )

    def told() -> set[str]:
        return {each["seen"] for each in person.examine(capsys, "router") if each["severity"] == "fail"}

    written = ("decisions", "exceptions", "dead-letters", "journal", "order-book", "catalog", "router-state")
    expected = {
        "this principal may not WRITE " + ", ".join(PREFIX + name for name in written),
        f"this principal may not WRITE {PREFIX}allocations.*",
        f"this principal may not READ group {PREFIX}router",
        f"this principal may not WRITE transactional id {PREFIX}router.*",
    }
    wait_for(lambda: told() == expected, "what is left to be told")


def test_who_may_look_at_the_cluster_is_told_everything_and_that_everybody_may_write(
    guarded: Guarded, deployed: Deployed, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = "open."
    Topics(guarded.admin, {"bootstrap.servers": guarded.open_bootstrap}, Names(other)).create_missing(1)
    person, user = Person(guarded, "inspector", tmp_path), "User:inspector"
    cluster, prefixed = (ResourceType.BROKER, "kafka-cluster"), ResourcePatternType.PREFIXED
    guarded.allow(
        [
            rule("User:*", ResourceType.TOPIC, f"{other}decisions", AclOperation.WRITE),
            rule(user, ResourceType.TOPIC, other, AclOperation.READ, prefixed),
            rule(user, ResourceType.TOPIC, other, AclOperation.DESCRIBE_CONFIGS, prefixed),
            # The client library calls the cluster a broker.
            rule(user, *cluster, AclOperation.DESCRIBE),
            rule(user, *cluster, AclOperation.DESCRIBE_CONFIGS),
        ]
    )

    def told() -> dict[str, set[str]]:
        """Severities of each check."""
        capsys.readouterr()
        code_of("doctor", "--json", *person.arguments, "--role", "reader", "--prefix", other)
        severities: dict[str, set[str]] = {}
        for each in json.loads(capsys.readouterr().out)["findings"]:
            severities.setdefault(each["check"], set()).add(f"{each['severity']} {each['seen']}")
        return severities

    wait_for(
        lambda: "ok this principal may do what a reader needs" in told()["access"], "the rules to be known"
    )
    seen = told()
    assert f"fail everybody (User:*) may WRITE topics '{other}decisions'" in seen["access"]
    assert f"ok broker 1 answers at {guarded.bootstrap}" in seen["brokers"], "asked as everybody logs in"
    assert seen["topics"] >= {"ok 13 topics are as they must be, 1 partitions each"}
    assert all(each.startswith("ok ") for each in seen["placement"] | seen["versions"])
    assert all("GB are free in" in each for each in seen["disk"]), "asked of the broker, behind the log-in"
    assert seen["group"] == {"unknown this principal may not look at it (Broker: Group authorization failed)"}
    assert seen["lag"] == seen["group"]


def sends_an_order(person: Person, deployed: Deployed, directory: Path) -> None:
    file = directory / "order.jsonl"
    file.write_text(json.dumps(deployed.order("O-3", "SKU-2")))
    assert code_of("send", str(file), *person.arguments) == 0


def sends_a_count(person: Person, deployed: Deployed, directory: Path) -> None:
    file = directory / "count.jsonl"
    file.write_text(json.dumps(deployed.stock("SKU-3", 7)))
    assert code_of("send", str(file), *person.arguments) == 0


def says_what_arrived(person: Person, deployed: Deployed, directory: Path) -> None:
    file = directory / "delivered.jsonl"
    file.write_text(json.dumps(deployed.delivery("O-1/1/1")))
    assert code_of("send", str(file), *person.arguments) == 0


def applies_a_network(person: Person, deployed: Deployed, directory: Path) -> None:
    """One with a warehouse system that has no topic yet; an answer could come in either form."""
    assert code_of("init", str(directory / "network")) == 0
    assert code_of("apply", str(directory / "network"), "--yes", *person.arguments) == 0
    with (
        connected(None, Path(person.arguments[1]), PREFIX) as connection,
        ReferenceLog(connection, "eu") as log,
    ):
        assert log.answers().begin.keys() == {EXCEPTIONS, DEAD_LETTERS}


def reads_everything(person: Person, deployed: Deployed, directory: Path) -> None:
    deployed.send(deployed.stock("SKU-4", 5))
    deployed.send(deployed.order("O-4", "SKU-4"))
    with deployed.router():
        deployed.stage.wait_until_done([])
        watching = ("watch", "--json", "--count", "1", "--router", deployed.page)
        assert code_of(*watching, *person.arguments) == 0
    assert code_of("explain", "O-4", *person.arguments) == 0
    assert code_of("stock", "SKU-4", *person.arguments) == 0
    assert code_of("orders", "--waiting", *person.arguments) == 0
    assert code_of("dead-letters", "list", *person.arguments) == 0
    assert code_of("audit", *person.arguments) == 0


DEEDS: dict[str, tuple[tuple[str, ...], Callable[[Person, Deployed, Path], None]]] = {
    "shop": ((), sends_an_order),
    "warehouse": (("--wms", "eu-dc"), sends_a_count),
    "carrier": ((), says_what_arrived),
    "planner": ((), applies_a_network),
    "reader": ((), reads_everything),
}


@takes(12)
@pytest.mark.parametrize("role", DEEDS)
def test_what_the_doctor_prints_for_a_role_is_enough_for_its_deed(
    role: str, guarded: Guarded, deployed: Deployed, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options, deed = DEEDS[role]
    person = Person(guarded, role, tmp_path)
    person.granted_what_is_printed(capsys, role, *options)
    wait_for(lambda: person.is_well(capsys, role, *options), "the doctor to find nothing missing")
    deed(person, deployed, tmp_path)
    assert "authorization" not in "".join(capsys.readouterr()).lower()


REFUSED = {
    "run": r"The settings of the topics cannot be read: .*authorization failed.* `sluice doctor`",
    "apply": r"The set could not begin, and nothing of it was published: .*Transactional Id authorization failed",
    # The first where there is no topic at all that he may write to; another test lets everybody write to one.
    "send": r"(this user may WRITE to no topic|guarded.orders: .*Topic authorization failed). `sluice doctor --role",
    "watch": r"guarded.* cannot be read: .*Topic authorization failed. `sluice doctor --role reader -",
    "audit": r"guarded.* cannot be read: .*Topic authorization failed. `sluice doctor --role reader` shows",
}


def test_what_a_user_may_not_do_is_one_line(
    guarded: Guarded, deployed: Deployed, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    person = Person(guarded, "onlooker", tmp_path)
    prefixed, user = ResourcePatternType.PREFIXED, "User:onlooker"
    guarded.allow(
        [
            rule(user, ResourceType.TOPIC, PREFIX, AclOperation.DESCRIBE, prefixed),
            rule(user, ResourceType.TOPIC, f"{PREFIX}layout", AclOperation.READ),
        ]
    )
    assert code_of("init", str(tmp_path / "network")) == 0
    (tmp_path / "order.jsonl").write_text(json.dumps(deployed.order("O-9", "SKU-2")))
    options = {
        "run": ["--metrics", "off"],
        "apply": [str(tmp_path / "network"), "--yes"],
        "send": [str(tmp_path / "order.jsonl")],
        "watch": ["--count", "1"],
    }

    def sees_what_it_may_not_read() -> bool:
        code_of("audit", *person.arguments)
        return re.search(REFUSED["audit"], capfd.readouterr().err) is not None

    wait_for(sees_what_it_may_not_read, "the rules to be known")
    for verb, told in REFUSED.items():
        capfd.readouterr()
        assert code_of(verb, *options.get(verb, []), *person.arguments) == 1
        (line,) = capfd.readouterr().err.splitlines()
        assert re.search(told, line), f"{verb}: {line}"


def test_who_may_see_nothing_is_not_told_to_make_the_topics_alone(
    guarded: Guarded, deployed: Deployed, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    person = Person(guarded, "stranger", tmp_path)
    assert code_of("init", str(tmp_path / "network")) == 0
    (tmp_path / "order.jsonl").write_text(json.dumps(deployed.order("O-9", "SKU-2")))
    for role, deed in (
        ("shop", ("send", str(tmp_path / "order.jsonl"))),
        ("planner", ("apply", str(tmp_path / "network"), "--yes")),
        ("reader", ("explain", "O-9")),
    ):
        capfd.readouterr()
        assert code_of(*deed, *person.arguments) == 1
        (line,) = capfd.readouterr().err.splitlines()
        assert f"`sluice doctor --role {role}" in line, line


# --- log-ins --------------------------------------------------------------------------------------------------


def a_wrong(guarded: Guarded, what: str, directory: Path) -> dict[str, str]:
    """The properties of somebody who gets one of them wrong."""
    right = guarded.add_user("clumsy")
    wrong = {
        "password": {"sasl.password": "guessed-wrongly"},
        "user": {"sasl.username": "nobody"},
        "mechanism": {"sasl.mechanism": "SCRAM-SHA-256"},
        "host name": {"bootstrap.servers": guarded.bootstrap.replace("127.0.0.1", "localhost")},
        "protocol: nothing at a guarded port": {"security.protocol": "PLAINTEXT"},
        "protocol: a log-in without TLS": {"security.protocol": "SASL_PLAINTEXT"},
        "protocol: TLS without a log-in": {"security.protocol": "SSL"},
        "protocol: TLS at an open port": {"bootstrap.servers": guarded.open_bootstrap},
        "protocol: a log-in at an open port": {
            "bootstrap.servers": guarded.open_bootstrap,
            "security.protocol": "SASL_PLAINTEXT",
        },
    }
    if what == "authority":
        return right | {"ssl.ca.location": str(Authority(directory, "another").certificate)}
    return right | wrong[what]


WRONG = {
    "password": "it refuses the log-in: .* Check sasl.username and sasl.password",
    "user": "it refuses the log-in: .* Check sasl.username and sasl.password",
    "mechanism": "does not take sasl.mechanism SCRAM-SHA-256. Set sasl.mechanism to .*SCRAM-SHA-512",
    # The client does not say which of the three it is, and at night it is mostly the last one.
    "authority": "its certificate is not vouched for by the authorities in .*another.pem, is for another host name, or "
    "has expired. Set ssl.ca.location .* openssl s_client",
    "host name": "another host name, or has expired. .* name the broker in bootstrap.servers as its certificate does",
    "protocol: nothing at a guarded port": "closes it without an answer, and security.protocol is PLAINTEXT",
    "protocol: a log-in without TLS": "closes it without an answer, and security.protocol is SASL_PLAINTEXT",
    "protocol: TLS without a log-in": "closes it without an answer, and security.protocol is SSL",
    # The broker answers in plain text and closes: on a busy machine the client may see only that it closes.
    "protocol: TLS at an open port": "(not speak TLS|without an answer), and security.protocol is SASL_SSL",
    "protocol: a log-in at an open port": "wants no log-in, and security.protocol is SASL_PLAINTEXT",
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_with_the_connection_is_one_line_that_names_the_property(
    what: str,
    guarded: Guarded,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Only what is plain is told before that.
    monkeypatch.setattr("infra.connect.METADATA_TIMEOUT_S", 600.0)
    properties = a_wrong(guarded, what, tmp_path)
    config = str(configured(tmp_path / "sluice.toml", properties))
    assert code_of("stock", "SKU-1", "--config", config) == 1
    out, said = capfd.readouterr()
    assert out == ""
    (line,) = said.splitlines()
    assert re.search(WRONG[what], line), line
    assert " set by " in line, "the place where the property stands"
    assert properties["sasl.password"] not in line


def test_the_router_the_auditor_and_the_doctor_tell_a_wrong_password_alike(
    guarded: Guarded, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    config = str(configured(tmp_path / "sluice.toml", a_wrong(guarded, "password", tmp_path)))
    assert code_of("run", "--config", config, "--metrics", "off") == 1
    router = capfd.readouterr().err
    assert code_of("audit", "--config", config) == 1
    auditor = capfd.readouterr().err
    assert code_of("doctor", "--config", config, "--json") == 1
    (finding,) = [
        each for each in json.loads(capfd.readouterr().out)["findings"] if each["check"] == "brokers"
    ]
    for told in (router, auditor, finding["seen"]):
        assert "it refuses the log-in: Authentication failed" in told or "authentication" in told.lower()
        assert "guessed-wrongly" not in told
    for told in (router, auditor):
        assert "Check sasl.username and sasl.password" in told
    assert finding["remedy"].startswith("Check sasl.username and sasl.password")


# --- the doctor's own questions -------------------------------------------------------------------------------


def wire(guarded: Guarded, properties: dict[str, str]) -> Wire:
    host, _, port = guarded.bootstrap.partition(":")
    return Wire(host, int(port), properties, timeout_s=30)


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-512", "PLAIN"])
def test_the_doctors_own_questions_log_in_over_tls(guarded: Guarded, mechanism: str) -> None:
    user = PLAIN_USER if mechanism == "PLAIN" else "looker"
    properties = guarded.log_in(user, mechanism) if mechanism == "PLAIN" else guarded.add_user(user)
    guarded.allow([rule(f"User:{user}", ResourceType.BROKER, "kafka-cluster", AclOperation.DESCRIBE)])

    def answers() -> bool:
        # Logged in, and not allowed yet: that would be another sentence.
        with wire(guarded, properties) as asked, suppress(SluiceError):
            (found,) = directories(asked)
            return 0 < found.free < found.total
        return False

    wait_for(answers, "the rule to be known")


def test_a_log_in_that_is_refused_is_told_and_the_version_is_for_everybody(guarded: Guarded) -> None:
    for changed in ({"sasl.password": "guessed-wrongly"}, {"sasl.mechanism": "PLAIN"}):
        with wire(guarded, guarded.add_user("forgetful") | changed) as answering:
            assert features(answering).supported
            with pytest.raises(SluiceError, match="refuses the log-in: Authentication failed"):
                directories(answering)
    by_ticket = guarded.add_user("forgetful") | {"sasl.mechanism": "GSSAPI"}
    with (
        wire(guarded, by_ticket) as answering,
        pytest.raises(SluiceError, match="PLAIN or SCRAM only, not by GSSAPI"),
    ):
        directories(answering)
