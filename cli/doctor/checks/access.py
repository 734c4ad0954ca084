"""Whether the principal that looks may do what its role needs, and whether anybody else is kept out.

The brokers say what the asking principal may do with a topic and a group, and which transactional ids it may look at;
so this is asked with the credentials of the role that is meant. Whether it may also write with such an id they do not
say: whoever may only look at it is taken for one who may.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from confluent_kafka import KafkaError, KafkaException, TopicCollection
from confluent_kafka.admin import (
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    ResourcePatternType,
    ResourceType,
)
from msgspec.structs import replace

from cli.doctor.deployment import Deployment
from cli.doctor.findings import Finding, fail, ok, unknown, warn
from cli.doctor.questions import refused_transactional_ids
from cli.doctor.rights import Operations, Right, granting, in_order
from cli.doctor.wire import Wire
from infra.errors import SluiceError

NOTHING: Operations = frozenset()


def look(deployment: Deployment) -> Iterator[Finding]:
    """What is missing for the role, each with the command that grants it."""
    topics = _on_topics(deployment)
    lacking: defaultdict[tuple[ResourceType, Operations, bool], list[Right]] = defaultdict(list)
    for right in deployment.needs:
        try:
            missing = _missing(deployment, right, topics)
        except (OSError, SluiceError) as error:
            yield unknown(f"whether this principal may use {_named(right)} is not known: {error}")
            continue
        if not missing:
            continue
        if right.is_prefix and right.kind == ResourceType.TOPIC and not _covered(right, topics):
            yield _not_seen(deployment, right)
        else:
            lacking[right.kind, missing, right.is_prefix].append(replace(right, operations=missing))
    for rights in lacking.values():
        yield _denied(deployment, rights, topics)
    if not lacking:
        yield ok(f"this principal may do what a {deployment.role} needs")


def _on_topics(deployment: Deployment) -> dict[str, Operations]:
    """What the principal may do on each topic that it sees."""
    if not deployment.topics:
        return {}
    described: Any = deployment.admin.describe_topics(
        TopicCollection(list(deployment.topics)),
        include_authorized_operations=True,
        request_timeout=deployment.timeout_s,
    )
    allowed: dict[str, Operations] = {}
    for name in deployment.topics:
        answer: Any = described[name].result(deployment.timeout_s)
        allowed[name] = frozenset(answer.authorized_operations or ())
    return allowed


def _covered(right: Right, topics: Iterable[str]) -> list[str]:
    return [name for name in topics if right.covers(name)]


def _missing(deployment: Deployment, right: Right, topics: dict[str, Operations]) -> Operations:
    if right.kind == ResourceType.GROUP:
        return right.operations - _on_group(deployment)
    if right.kind == ResourceType.TRANSACTIONAL_ID:
        return right.operations if _is_refused(deployment, right.name) else NOTHING
    covered = _covered(right, topics)
    if covered:
        return NOTHING.union(*(right.operations - topics[name] for name in covered))
    # Who may do everything would see it: then it is not there, which the check of the topics tells.
    return NOTHING if deployment.may_everything else right.operations


def _on_group(deployment: Deployment) -> Operations:
    try:
        answer: Any = deployment.described_group()
    except KafkaException as error:
        # Who may read a group may describe it, so a refusal says the same.
        if error.args[0].code() != KafkaError.GROUP_AUTHORIZATION_FAILED:
            raise
        return NOTHING
    return frozenset(answer.authorized_operations or ())


def _is_refused(deployment: Deployment, beginning: str) -> bool:
    """Whether a transactional id is kept from the principal that a partition has, or would have."""
    partitions = max((len(deployment.metadata_of(name).partitions) for name in deployment.topics), default=1)
    broker = deployment.brokers[0]
    with Wire(broker.host, broker.port, deployment.properties, deployment.timeout_s) as wire:
        return bool(refused_transactional_ids(wire, [f"{beginning}{number}" for number in range(partitions)]))


def _denied(deployment: Deployment, rights: list[Right], topics: dict[str, Operations]) -> Finding:
    operations = ", ".join(operation.name for operation in in_order(rights[0].operations))
    are_hidden = any(right.kind == ResourceType.TOPIC and not _covered(right, topics) for right in rights)
    return fail(
        f"this principal may not {operations} {', '.join(map(_named, rights))}",
        f"what a {deployment.role} needs",
        "Grant it, with credentials that may alter the cluster (or is --role not the one that was meant?)"
        + ("; a topic that is not there at all is made by `sluice topics`" if are_hidden else ""),
        granting(deployment.bootstrap, deployment.principal, rights),
    )


def _named(right: Right) -> str:
    kind = "" if right.kind == ResourceType.TOPIC else right.kind.name.lower().replace("_", " ") + " "
    return kind + right.name + "*" * right.is_prefix


def _not_seen(deployment: Deployment, right: Right) -> Finding:
    return unknown(
        f"this principal sees no topic {right.name}*: none is there yet, or it may not see them",
        "Grant it before the first network is applied: that makes these topics",
        granting(deployment.bootstrap, deployment.principal, [right]),
    )


def others(deployment: Deployment) -> Iterator[Finding]:
    """Whether there are any access rules at all."""
    if AclOperation.DESCRIBE not in (deployment.cluster.authorized_operations or ()):
        # The client library would show it no rules at all, as if there were none.
        yield unknown(
            "the access rules are not shown to this principal",
            "Ask with a principal that may DESCRIBE the cluster",
        )
        return
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
    yield from _open_to_all(deployment, asked.result(deployment.timeout_s))


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
