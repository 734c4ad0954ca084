"""A broker with access rules: what a principal lacks for its role is found, and its password is not told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from confluent_kafka.admin import (
    AclBinding,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
)

from cli.doctor.checks import access
from cli.doctor.deployment import Deployment
from cli.doctor.findings import Severity
from flows.config import RouterConfig, RunConfig
from infra.kafka.broker import LocalKafka
from infra.kafka.directory import free_port
from infra.topics import Topics
from schemas.topics import Names
from state.limits import Limits
from tests.cli.running import code_of

pytestmark = pytest.mark.kafka

PASSWORD = "correct-horse-battery"
JAAS = "org.apache.kafka.common.security.plain.PlainLoginModule required"
LOG_IN = {
    "security.protocol": "SASL_PLAINTEXT",
    "sasl.mechanism": "PLAIN",
    "sasl.username": "reader",
    "sasl.password": PASSWORD,
}


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address where `reader` logs in; he may read every topic, and everybody may write decisions."""
    plain, controller, guarded = free_port(), free_port(), free_port()
    settings = {
        "listeners": f"PLAINTEXT://127.0.0.1:{plain},CONTROLLER://127.0.0.1:{controller},SASL://127.0.0.1:{guarded}",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{plain},SASL://127.0.0.1:{guarded}",
        "controller.quorum.voters": f"1@127.0.0.1:{controller}",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL:SASL_PLAINTEXT",
        "inter.broker.listener.name": "PLAINTEXT",
        "sasl.enabled.mechanisms": "PLAIN",
        "listener.name.sasl.plain.sasl.jaas.config": f'{JAAS} user_reader="{PASSWORD}";',
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:ANONYMOUS",
    }
    with LocalKafka(tmp_path_factory.mktemp("guarded"), plain, settings) as kafka:
        admin = AdminClient({"bootstrap.servers": kafka.bootstrap, "log_level": 0})
        Topics(admin, {"bootstrap.servers": kafka.bootstrap}, Names()).create_missing(1)
        reader, everybody = "User:reader", "User:*"
        rules = [
            _rule(ResourceType.TOPIC, "sluice.", reader, AclOperation.READ, ResourcePatternType.PREFIXED),
            _rule(
                ResourceType.TOPIC,
                "sluice.",
                reader,
                AclOperation.DESCRIBE_CONFIGS,
                ResourcePatternType.PREFIXED,
            ),
            # The client library calls the cluster a broker.
            _rule(ResourceType.BROKER, "kafka-cluster", reader, AclOperation.DESCRIBE),
            _rule(ResourceType.BROKER, "kafka-cluster", reader, AclOperation.DESCRIBE_CONFIGS),
            _rule(ResourceType.TOPIC, "sluice.decisions", everybody, AclOperation.WRITE),
        ]
        for future in admin.create_acls(rules).values():
            future.result(30)
        yield f"127.0.0.1:{guarded}"


def _rule(
    kind: ResourceType,
    name: str,
    principal: str,
    operation: AclOperation,
    pattern: ResourcePatternType = ResourcePatternType.LITERAL,
) -> AclBinding:
    return AclBinding(kind, name, pattern, principal, "*", operation, AclPermissionType.ALLOW)


def of(findings: list[dict[str, Any]], check: str) -> dict[str, str]:
    """Severities by sentence."""
    return {each["seen"]: each["severity"] for each in findings if each["check"] == check}


def test_a_reader_may_read_and_is_told_what_he_may_not_look_at(
    guarded: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in LOG_IN.items():
        monkeypatch.setenv("SLUICE_KAFKA_" + name.replace(".", "_").upper(), value)
    code_of("doctor", "--json", "--kafka", guarded, "--role", "reader")
    told = capsys.readouterr()
    assert PASSWORD not in told.out + told.err
    findings = json.loads(told.out)["findings"]
    assert of(findings, "access") == {
        "this principal may do on every topic what a reader needs": "ok",
        "everybody (User:*) may WRITE topics 'sluice.decisions'": "fail",
    }
    assert of(findings, "topics")["13 topics are as they must be, 1 partitions each"] == "ok"
    assert of(findings, "versions"), "the version is told before anybody logs in"
    assert set(of(findings, "placement").values()) == {"ok"}, "a group that is only named needs no right"
    assert set(of(findings, "group").values()) == {"unknown"}
    ((disk, severity),) = of(findings, "disk").items()
    assert "GB are free in" in disk, "on this machine it can be looked up"
    assert severity != "unknown"


def test_what_a_router_would_lack_is_named(guarded: str) -> None:
    properties = {"bootstrap.servers": guarded, **LOG_IN}
    config = RunConfig(router=RouterConfig(), limits=Limits())
    deployment = Deployment(AdminClient({**properties, "log_level": 0}), properties, Names(), config)
    told = {finding.seen: finding.severity for finding in access.look(deployment)}
    assert told["this principal may not READ group sluice.router"] is Severity.FAIL
    (write,) = [seen for seen in told if "may not WRITE" in seen]
    assert "sluice.ledger" in write
    assert "sluice.decisions" not in write, "that one everybody may write"
    assert "sluice.orders" not in write, "a router writes no input"
