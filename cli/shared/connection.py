"""A cluster whose topics exist: what every verb needs that reads or writes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from confluent_kafka.admin import AdminClient
from msgspec import Struct

from cli.shared.own_name import with_deployment
from infra.connect import admin_client, broker_for
from infra.errors import SluiceError
from infra.settings import Settings, load_settings
from infra.topics import Topics
from schemas.placement import partition_of
from schemas.topics import Names

READER = ("reader",)


class Connection(Struct, frozen=True):
    """Client properties, topic names and the partition count of one prefix, and who may ask about the cluster."""

    properties: Mapping[str, str]
    names: Names
    partitions: int
    admin: AdminClient

    @property
    def topics(self) -> Topics:
        """To create and verify them."""
        return Topics(self.admin, self.properties, self.names)

    def partitions_of(self, network: str | None) -> list[int]:
        """The partition of a network; all of them when none is named."""
        return list(range(self.partitions)) if network is None else [partition_of(network, self.partitions)]


@contextmanager
def connected(
    kafka: str | None, config: Path | None, prefix: str | None, roles: Sequence[str] = READER
) -> Iterator[Connection]:
    """The configured cluster, or the local broker that runs or ran here.

    `roles` are those of the doctor that this user may be meant to have.
    """
    with connected_by(load_settings(kafka, config, prefix), roles) as connection:
        yield connection


@contextmanager
def connected_by(settings: Settings, roles: Sequence[str] = READER) -> Iterator[Connection]:
    """The same, for settings that were read before."""
    with broker_for(settings) as bootstrap:
        properties, admin = settings.client(bootstrap), admin_client(settings, bootstrap)
        partitions = Topics(admin, properties, settings.names).recorded_partitions()
        if partitions is None:
            role, *others = roles
            asking = f"`sluice {with_deployment('doctor', '--role', role)}`"
            asking += f" (or {', '.join(others)})" if others else ""
            raise SluiceError(
                f"There are no topics under {settings.names.prefix!r} at {bootstrap}. Is the prefix right? "
                f"`sluice {with_deployment('topics')}` creates them; {asking} shows whether this user may see them"
            )
        yield Connection(properties, settings.names, partitions, admin)
