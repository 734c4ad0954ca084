"""A cluster whose topics exist: what every verb needs that reads or writes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from infra.connect import admin_client, broker_for
from infra.errors import SluiceError
from infra.settings import load_settings
from infra.topics import Topics
from schemas.placement import partition_of
from schemas.topics import Names


class Connection(Struct, frozen=True):
    """Client properties, topic names and the partition count of one prefix."""

    properties: Mapping[str, str]
    names: Names
    partitions: int

    def partitions_of(self, network: str | None) -> list[int]:
        """The partition of a network; all of them when none is named."""
        return list(range(self.partitions)) if network is None else [partition_of(network, self.partitions)]


@contextmanager
def connected(kafka: str | None, config: Path | None, prefix: str | None) -> Iterator[Connection]:
    """The configured cluster, or the local broker that runs or ran here."""
    settings = load_settings(kafka, config, prefix)
    with broker_for(settings) as bootstrap:
        properties = settings.client(bootstrap)
        topics = Topics(admin_client(settings, bootstrap), properties, settings.names)
        partitions = topics.recorded_partitions()
        if partitions is None:
            raise SluiceError(
                f"There are no topics under {settings.names.prefix!r} at {bootstrap}. Is the prefix right? "
                "`sluice topics` creates them; `sluice doctor --role reader` shows whether this user may see them"
            )
        yield Connection(properties, settings.names, partitions)
