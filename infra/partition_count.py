"""Which partition count holds under a prefix whose record of it is missing, and why the count never changes.

A network's partition is the hash of its name modulo the partition count, so the count may never change under a prefix:
records of one network would lie on two partitions. Where the record was lost, the topics that are left are what is
known of it.
"""

from collections.abc import Mapping

from infra.errors import ConfigurationError
from infra.layout import Layout
from schemas.formats import FORMAT, FORMAT_UNRECORDED
from schemas.topics import Names

DEFAULT_PARTITIONS = 8
PARTITIONS_MAX = 1_000
"""Of each of a dozen topics.  A number that was mistyped could be recorded, but neither created nor taken back."""


def layout_to_record(names: Names, wanted: int | None, existing: Mapping[str, int]) -> Layout:
    """What to record where nothing is recorded: for a new prefix the wanted count, else the one that its topics have.

    `existing` is the partition count of every topic of the cluster, by full name. Raises `ConfigurationError` where
    the topics disagree, or have another count than is wanted.
    """
    found = _placed(names, existing)
    if wanted is not None and not found and not 1 <= wanted <= PARTITIONS_MAX:
        raise ConfigurationError(f"--partitions is {wanted}; expected 1 to {PARTITIONS_MAX:,}")
    count = _found_count(names, wanted, found) if found else wanted or DEFAULT_PARTITIONS
    # A record that was lost does not say whether an upgrade was final: the older format is read by either release,
    # and `sluice finalise` raises it.
    return Layout(count, FORMAT_UNRECORDED if found else FORMAT)


def migration(names: Names, recorded: int, wanted: int | None) -> str:
    """Why another count than the recorded one is refused, and how to move to it."""
    return (
        f"--partitions is {wanted}, but the topics under {names.prefix!r} were created for {recorded}, and each "
        "network's place was computed from that count. To move to another count: create topics under a new --prefix, "
        "apply the network directory there, have stock counts and open orders sent there, and point the routers to "
        f"it. To keep the count, say --partitions {recorded}, or leave it out"
    )


def _placed(names: Names, existing: Mapping[str, int]) -> dict[str, int]:
    """The partition count of each topic of this prefix that places records by it."""
    topics = {name: names.topic_of(name) for name in existing}
    return {
        name: existing[name]
        for name, topic in topics.items()
        if topic is not None and not topic.one_partition
    }


def _found_count(names: Names, wanted: int | None, found: Mapping[str, int]) -> int:
    """The count that the topics have whose record was lost; only a person can say it where they disagree."""
    counts = set(found.values())
    if wanted in counts:
        return wanted
    if wanted is None and len(counts) == 1:
        return counts.pop()
    named: dict[int, list[str]] = {}
    for name, count in sorted(found.items()):
        named.setdefault(count, []).append(name)
    told = "; ".join(f"{count} for {', '.join(names_of_it)}" for count, names_of_it in sorted(named.items()))
    asked = "no --partitions was given" if wanted is None else f"--partitions is {wanted}"
    raise ConfigurationError(
        f"{asked}, and the topics under {names.prefix!r} exist without the record of their partition count. "
        f"They have: {told}. Say with --partitions which of these they were created for"
    )
