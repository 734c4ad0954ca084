"""The brokers' settings that a promise or the speed of a router depends on."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from cli.doctor.deployment import Deployment
from cli.doctor.findings import Finding, fail, ok, unknown, warn
from flows.config import RouterConfig

TRANSACTION_MS_MAX = 60_000
REMEDY = "Set it on every broker"

Rule = Callable[[str, str, RouterConfig, int], Finding | None]
Judge = Callable[[str, str, str], Finding]
"""`fail` or `warn`: seen, expected, remedy."""


def look(deployment: Deployment) -> Iterator[Finding]:
    """One finding for each broker's setting that is not as it should be, or one that all are."""
    for broker in map(str, (each.id for each in deployment.brokers)):
        settings = deployment.broker_settings.get(broker)
        if settings is None:
            yield unknown(f"broker {broker} does not answer", "See what is said of it under brokers")
            continue
        hidden = [name for name in RULES if name not in settings]
        if len(hidden) == len(RULES):
            yield unknown(
                f"broker {broker} does not show its settings",
                "Grant DESCRIBE_CONFIGS on the cluster to whoever looks",
            )
            continue
        faults = list(faults_of(broker, settings, deployment.router, len(deployment.brokers)))
        yield from faults
        if not faults:
            yield ok(f"broker {broker}: {len(RULES) - len(hidden)} settings are as they should be")


def faults_of(broker: str, settings: dict[str, str], router: RouterConfig, brokers: int) -> Iterator[Finding]:
    """What is wrong with one broker's settings; a setting that its version does not have is none."""
    for name, rule in RULES.items():
        if name in settings:
            fault = rule(f"broker {broker}: {name} is {settings[name]}", settings[name], router, brokers)
            if fault is not None:
                yield fault


def _transaction_timeout(seen: str, value: str, router: RouterConfig, _brokers: int) -> Finding | None:
    longest_ms = int(value)
    if longest_ms < router.transaction_timeout_ms:
        return fail(
            seen,
            f"at least the router's own transaction_timeout_ms, {router.transaction_timeout_ms}",
            f"{REMEDY}, or lower transaction_timeout_ms in [router]: a router cannot start a transaction",
        )
    if longest_ms > TRANSACTION_MS_MAX:
        return warn(
            seen,
            f"at most {TRANSACTION_MS_MAX}",
            f"{REMEDY}: a program that dies with its transaction open stops every reader of an input for so long",
        )
    return None


def _is(expected: str, judge: Judge, why: str) -> Rule:
    def rule(seen: str, value: str, _router: RouterConfig, _brokers: int) -> Finding | None:
        return None if value == expected else judge(seen, expected, f"{REMEDY}: {why}")

    return rule


def _at_least(least: int, judge: Judge, why: str, unit: str = "") -> Rule:
    def rule(seen: str, value: str, _router: RouterConfig, _brokers: int) -> Finding | None:
        return None if int(value) >= least else judge(seen, f"at least {least}{unit}", f"{REMEDY}: {why}")

    return rule


def _copies(wanted: int) -> Rule:
    """So many copies, or as many as there are brokers; two copies must agree where there are three."""

    def rule(seen: str, value: str, router: RouterConfig, brokers: int) -> Finding | None:
        enough = _at_least(wanted if brokers >= 3 else 1, warn, "the loss of one disk would lose commits")
        return enough(seen, value, router, brokers)

    return rule


def _shortest_session(seen: str, value: str, router: RouterConfig, _brokers: int) -> Finding | None:
    return None if int(value) <= router.session_timeout_ms else _session(seen, "at most", "raise", router)


def _longest_session(seen: str, value: str, router: RouterConfig, _brokers: int) -> Finding | None:
    return None if int(value) >= router.session_timeout_ms else _session(seen, "at least", "lower", router)


def _session(seen: str, bound: str, change: str, router: RouterConfig) -> Finding:
    return fail(
        seen,
        f"{bound} the router's session_timeout_ms, {router.session_timeout_ms}",
        f"{REMEDY}, or {change} session_timeout_ms in [router]: the group refuses the router",
    )


RULES: dict[str, Rule] = {
    "transaction.max.timeout.ms": _transaction_timeout,
    "auto.create.topics.enable": _is(
        "false", warn, "a misspelt topic would be created, with settings that break what is promised"
    ),
    "unclean.leader.election.enable": _is(
        "false", fail, "a copy that is behind could become the leader, and orders would be lost"
    ),
    "transaction.partition.verification.enable": _is(
        "true", warn, "a late record could leave a transaction open for ever"
    ),
    "offsets.retention.minutes": _at_least(
        7 * 24 * 60,
        warn,
        "a router that stood longer loses its second proof of where it was (the journal holds the first)",
        " (7 days)",
    ),
    "group.min.session.timeout.ms": _shortest_session,
    "group.max.session.timeout.ms": _longest_session,
    "min.insync.replicas": _copies(2),
    "transaction.state.log.replication.factor": _copies(3),
    "transaction.state.log.min.isr": _copies(2),
    "offsets.topic.replication.factor": _copies(3),
    # Every topic of Sluice carries its own limit, which wins; only a request as a whole must have room for it.
    "socket.request.max.bytes": _at_least(
        16 * 1024 * 1024, fail, "a dead letter of the largest size would not fit"
    ),
}
"""By the setting's name.  What each topic sets for itself (sizes, time stamps, retention) is checked on the topics."""
