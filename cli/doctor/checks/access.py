"""Whether the principal that looks may do what its role needs, and whether anybody else is kept out.

The brokers say what the asking principal may do with a topic and a group; so this is asked with the credentials of the
role that is meant. What they do not say is which transactional ids it may use.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from confluent_kafka import KafkaError, KafkaException, TopicCollection
from confluent_kafka.admin import (
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    ConsumerGroupDescription,
    ResourcePatternType,
    ResourceType,
    TopicDescription,
)

from cli.doctor.deployment import Deployment
from cli.doctor.findings import Finding, fail, ok, unknown, warn
from schemas.topics import DECISIONS, FIXED, LAYOUT, ORDERS, Kind, Topic

READ, WRITE = AclOperation.READ, AclOperation.WRITE
SHOP_TOPICS = {ORDERS.name: {WRITE}, DECISIONS.name: {READ}}


def needs(role: str, topic: Topic) -> set[AclOperation]:
    """What a role must be allowed on a topic."""
    if role == "shop":
        return SHOP_TOPICS.get(topic.name, set())
    if role == "reader":
        return {READ}
    if topic.kind is Kind.INPUT or topic == LAYOUT:
        return {READ}
    # A router reads its own memory and journal back; allocations and notices it only writes.
    return {READ, WRITE} if topic.kind is Kind.STATE or topic.name == "journal" else {WRITE}


def look(deployment: Deployment) -> Iterator[Finding]:
    """What is missing for the role."""
    described: Any = deployment.admin.describe_topics(
        TopicCollection(list(deployment.topics)),
        include_authorized_operations=True,
        request_timeout=deployment.timeout_s,
    )
    lacking: defaultdict[str, list[str]] = defaultdict(list)
    for name, topic in deployment.topics.items():
        answer: TopicDescription = described[name].result(deployment.timeout_s)
        for operation in needs(deployment.role, topic) - set(answer.authorized_operations or ()):
            lacking[operation.name].append(name)
    for operation_name, names in sorted(lacking.items()):
        yield _denied(operation_name, names, deployment.role)
    hidden = [
        deployment.names.of(topic)
        for topic in FIXED
        if needs(deployment.role, topic) and deployment.names.of(topic) not in deployment.topics
    ]
    if hidden and deployment.topics:
        yield fail(
            f"{', '.join(hidden)}: not there, or this principal may not DESCRIBE it",
            f"what a {deployment.role} needs",
            "Create what is missing with `sluice topics`; grant DESCRIBE on what is there",
        )
    if not lacking and not hidden:
        yield ok(f"this principal may do on every topic what a {deployment.role} needs")
    if deployment.role == "router":
        yield from _group(deployment)


def _denied(operation: str, names: list[str], role: str) -> Finding:
    return fail(
        f"this principal may not {operation} {', '.join(names)}",
        f"what a {role} needs",
        f"Grant {operation} on them to the principal (or is --role not the one that was meant?)",
    )


def _group(deployment: Deployment) -> Iterator[Finding]:
    described: Any = deployment.admin.describe_consumer_groups(
        [deployment.group], include_authorized_operations=True, request_timeout=deployment.timeout_s
    )
    try:
        answer: ConsumerGroupDescription = described[deployment.group].result(deployment.timeout_s)
        allowed = set(answer.authorized_operations or ())
    except KafkaException as error:
        # Who may read a group may describe it, so a refusal says the same.
        if error.args[0].code() != KafkaError.GROUP_AUTHORIZATION_FAILED:
            raise
        allowed = set()
    if READ not in allowed:
        yield fail(
            f"this principal may not READ group {deployment.group}",
            "what a router needs",
            "Grant READ on the group to the principal (or is --role not the one that was meant?)",
        )


def others(deployment: Deployment) -> Iterator[Finding]:
    """Whether there are any access rules at all."""
    authorizers = {settings.get("authorizer.class.name") for settings in deployment.broker_settings.values()}
    if authorizers <= {"", "None"}:
        if deployment.is_local:
            yield ok("no access rules, on a cluster that only this machine can reach")
        else:
            yield warn(
                "the brokers have no authorizer: whoever reaches them may write anything, decisions too",
                "access rules, one principal for each role",
                "Set authorizer.class.name on the brokers and grant each role what it needs",
            )
        return
    anything: Any = None
    everything = AclBindingFilter(
        ResourceType.ANY,
        anything,
        ResourcePatternType.ANY,
        anything,
        anything,
        AclOperation.ANY,
        AclPermissionType.ANY,
    )
    asked: Any = deployment.admin.describe_acls(everything, request_timeout=deployment.timeout_s)
    try:
        rules = asked.result(deployment.timeout_s)
    except KafkaException as error:
        yield unknown(
            f"the access rules are not shown to this principal ({error.args[0].str()})",
            "Ask with a principal that may DESCRIBE the cluster",
        )
        return
    yield from _open_to_all(deployment, rules)


def _open_to_all(deployment: Deployment, rules: list[Any]) -> Iterator[Finding]:
    """Whoever but a router may write what only a router writes breaks every promise."""
    loose = [
        rule
        for rule in rules
        if rule.principal == "User:*"
        and rule.permission_type == AclPermissionType.ALLOW
        and rule.operation in {AclOperation.ALL, AclOperation.WRITE}
        and rule.restype == ResourceType.TOPIC
        and _covers(deployment, rule)
    ]
    for rule in loose:
        yield fail(
            f"everybody (User:*) may {rule.operation.name} topics {rule.name!r}",
            "only the router to write what the router writes",
            "Remove that rule, and grant each role what it needs",
        )
    if not loose:
        yield ok(f"{len(rules)} access rules, none of which lets everybody write")


def _covers(deployment: Deployment, rule: Any) -> bool:
    if rule.resource_pattern_type == ResourcePatternType.PREFIXED:
        return any(name.startswith(rule.name) for name in deployment.topics)
    return rule.name == "*" or rule.name in deployment.topics
