"""The topics are as `sluice topics` makes them, and the journal reaches as far back as the inputs do."""

from __future__ import annotations

from collections.abc import Iterator

from cli.doctor.deployment import Deployment
from cli.doctor.findings import Finding, fail, ok, unknown, warn
from infra.topic_settings import Fault
from schemas.times import DAY_MS, HOUR_MS, MINUTE_MS
from schemas.topics import FULFILMENT, INVENTORY, JOURNAL, ORDERS


def look(deployment: Deployment) -> Iterator[Finding]:
    """Every fault that would break a promise."""
    if not deployment.topics and not deployment.may_everything:
        yield unknown(
            f"this principal sees no topic under {deployment.names.prefix!r}: there is none, or it may see none",
            "Grant it what its role needs (access); is the prefix right?",
        )
        return
    if not deployment.topics:
        command = deployment.command("topics")
        yield fail(
            f"there are no topics under {deployment.names.prefix!r}",
            "the topics of Sluice",
            "Is the prefix right? If this is to be a new deployment, create them",
            command,
        )
        return
    # Kafka hides a topic from whoever may not describe it: what a role does not need may be there all the same.
    systems = [deployment.wms] if deployment.wms else []
    faults = [fault for fault in deployment.rules.verify(systems) if _concerns(fault, deployment)]
    for fault in faults:
        yield _told(fault, deployment)
    if not faults:
        yield ok(
            f"{len(deployment.topics)} topics are as they must be, {deployment.partitions} partitions each"
        )


def _concerns(fault: Fault, deployment: Deployment) -> bool:
    return (
        fault.setting != "topic"
        or any(right.covers(fault.topic) for right in deployment.needs)
        or deployment.may_everything
    )


def _told(fault: Fault, deployment: Deployment) -> Finding:
    """With the command that mends it, where there is one."""
    remedy = fault.remedy
    if (
        fault.setting == "topic"
        and deployment.wms
        and fault.topic == deployment.names.allocations(deployment.wms)
    ):
        command = deployment.command(f"topics {deployment.wms}")
        remedy = f"Is --wms right? {remedy}"
    elif fault.setting == "topic":
        command = deployment.command("topics")
    elif "=" in fault.remedy:
        setting = fault.remedy.rpartition(" ")[2]
        command = deployment.kafka_command("configs", f"--alter --topic {fault.topic} --add-config {setting}")
    else:
        command = ""
    return fail(f"{fault.topic}: {fault.setting} is {fault.actual}", fault.expected, remedy, command)


def window(deployment: Deployment) -> Iterator[Finding]:
    """An input that its sender repeats is known again for as long as the journal remembers it.

    The window is rebuilt from the journal at every restart. An input topic that is kept for longer than the journal
    could be copied or read again after the journal has forgotten what was taken from it.
    """
    settings = deployment.topic_settings
    journal = deployment.names.of(JOURNAL)
    if journal not in settings:
        return
    journal_ms = milliseconds(settings[journal]["retention.ms"])
    inputs = {deployment.names.of(topic) for topic in (INVENTORY, ORDERS, FULFILMENT)} & settings.keys()
    longer = sorted(name for name in inputs if milliseconds(settings[name]["retention.ms"]) > journal_ms)
    if longer:
        yield warn(
            f"{journal} is kept for {duration(journal_ms)}, {', '.join(longer)} for longer",
            "the journal to be kept for as long as the longest input",
            "Raise retention.ms of the journal: what it has forgotten is not known again when a sender repeats it",
        )
    else:
        latest = f"the latest {deployment.limits.identities_max:,} of a partition"
        yield ok(
            f"repeated inputs are known again for {duration(journal_ms)}, or {latest}, whichever is less"
        )


def milliseconds(retention_ms: str) -> float:
    """A retention as Kafka writes it: -1 never ends."""
    return float("inf") if retention_ms == "-1" else float(retention_ms)


def duration(retention_ms: float) -> str:
    """`30 days`, `90 minutes`: the largest unit of which it is a whole number, seconds otherwise."""
    if retention_ms == float("inf"):
        return "ever"
    for unit_ms, name in ((DAY_MS, "day"), (HOUR_MS, "hour"), (MINUTE_MS, "minute")):
        if retention_ms >= unit_ms and retention_ms % unit_ms == 0:
            return f"{retention_ms / unit_ms:,.0f} {name}{'' if retention_ms == unit_ms else 's'}"
    return f"{retention_ms / 1000:g} seconds"
