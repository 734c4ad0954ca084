"""Every broker answers where it says it is, and every partition has its leader and its copies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from cli.doctor.deployment import Deployment
from cli.doctor.findings import Finding, fail, ok, warn
from cli.words.counting import counted, some_of
from infra.topic_settings import REPLICATION_MAX

INTERNAL = ("__consumer_offsets", "__transaction_state")
PLACES_NAMED_MAX = 3


def reachable(deployment: Deployment) -> Iterator[Finding]:
    """A client is sent from the bootstrap address to the advertised ones: each of them must work from here."""
    for broker in deployment.brokers:
        silence = deployment.silences.get(broker.id)
        if silence is None:
            yield ok(f"broker {broker.id} answers at {broker.address}")
        else:
            yield fail(
                silence.seen, "every broker to answer at the address that it advertises", silence.remedy
            )
    yield from _absent(deployment)
    controller: object = deployment.cluster.controller
    if controller is None:
        yield fail(
            "the cluster has no controller",
            "one, or no topic and no leader can change",
            "Look at the logs of the controllers: a majority of them must run and reach each other",
        )


def _absent(deployment: Deployment) -> Iterator[Finding]:
    """Kafka lists a broker that it has given up no more; the copies that it is to hold still name it."""
    listed = {broker.id for broker in deployment.brokers}
    missing = Counter(
        number
        for topic in deployment.metadata.topics.values()
        for partition in topic.partitions.values()
        for number in partition.replicas
        if number not in listed
    )
    for number, copies in sorted(missing.items()):
        yield fail(
            f"broker {number} is to hold copies of {counted(copies, 'partition')}, and is not in the cluster",
            "every broker that holds copies to take part",
            "Start it, or see its log: it is down, hangs, or is cut off from the controllers. If it is gone for good, "
            "move its copies with Kafka's kafka-reassign-partitions",
        )


def replicated(deployment: Deployment) -> Iterator[Finding]:
    """Leaders, copies in step, and as many copies as there should be."""
    brokers = len(deployment.metadata.brokers)
    wanted = min(REPLICATION_MAX, brokers)
    leaderless: list[str] = []
    behind: list[str] = []
    few: list[str] = []
    internal = [name for name in INTERNAL if name in deployment.metadata.topics]
    for name in [*deployment.topics, *internal]:
        for number, partition in sorted(deployment.metadata_of(name).partitions.items()):
            place = f"{name}/{number}"
            if partition.leader < 0:
                leaderless.append(place)
            elif len(partition.isrs) < len(partition.replicas):
                behind.append(f"{place} ({len(partition.isrs)} of {len(partition.replicas)})")
            if len(partition.replicas) < wanted:
                few.append(f"{place} ({len(partition.replicas)})")
    if leaderless:
        yield fail(
            f"{some_of(leaderless, PLACES_NAMED_MAX)} without a leader: nobody can read or write there",
            "a leader for every partition",
            "Start the brokers that hold them",
        )
    if behind:
        yield warn(
            f"{some_of(behind, PLACES_NAMED_MAX)} with copies that are behind",
            "every copy in step with its leader",
            "Find the broker that is down, slow or out of disk; below min.insync.replicas nothing can be committed",
        )
    if few:
        yield warn(
            f"{some_of(few, PLACES_NAMED_MAX)} with too few copies",
            f"{wanted} copies of each partition on {brokers} brokers",
            "Add copies with Kafka's kafka-reassign-partitions; one lost disk would lose what is promised",
        )
    if not leaderless and not behind and not few:
        copies = "one copy, as there is one broker" if brokers == 1 else f"{wanted} copies in step"
        yield ok(f"every partition has a leader and {copies}")
