"""The settings that a topic must have, and those of an existing one that would break a promise."""

from collections.abc import Mapping
from dataclasses import dataclass

from schemas.topics import Topic

REPLICATION_MAX = 3

# These may be larger than Sluice asks for: an operator who keeps more, or demands more copies, breaks nothing.
AT_LEAST = {"retention.ms", "max.message.bytes", "min.insync.replicas", "retention.bytes"}


@dataclass(frozen=True)
class Fault:
    """One thing about one topic that is not as it must be: what was expected, and what to do."""

    topic: str
    setting: str
    actual: str
    expected: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.topic}: {self.setting} is {self.actual}, expected {self.expected}. {self.remedy}"


def wanted_settings(topic: Topic, replication: int) -> dict[str, str]:
    """By Kafka's names, for a topic with so many copies."""
    return {
        "cleanup.policy": topic.cleanup,
        "retention.ms": str(topic.retention_ms),
        # Retention is a time, never a size: a size would cut what was promised for a time.
        "retention.bytes": "-1",
        "max.message.bytes": str(topic.bytes_max),
        "message.timestamp.type": "LogAppendTime",
        "min.insync.replicas": str(_min_insync(replication)),
    }


def _min_insync(replication: int) -> int:
    """A transaction is acknowledged by two copies where there are three, so that one may be lost at any time."""
    return 2 if replication >= REPLICATION_MAX else 1


def setting_faults(name: str, topic: Topic, actual: Mapping[str, str], replication: int) -> list[Fault]:
    """Each setting that is neither what it must be nor more than that."""
    faults = []
    for setting, expected in wanted_settings(topic, replication).items():
        found = actual.get(setting, "unset")
        if found == expected or (setting in AT_LEAST and _is_enough(found, expected)):
            continue
        wanted = f"at least {expected}" if setting in AT_LEAST and expected != "-1" else expected
        remedy = f"Set it on the topic: {setting}={expected}"
        faults.append(Fault(name, setting, found, wanted, remedy))
    return faults


def _is_enough(found: str, expected: str) -> bool:
    """-1 is without limit."""
    if found == "-1":
        return True
    return expected != "-1" and found.isdigit() and int(found) >= int(expected)
