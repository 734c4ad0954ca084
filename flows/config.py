"""Every bound and name of the router's flow, with its default: the `[router]` section of `sluice.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, get_type_hints

import msgspec
from msgspec import Meta, Struct

from infra.errors import ConfigurationError

Count = Annotated[int, Meta(ge=1, le=10_000_000)]
Milliseconds = Annotated[int, Meta(ge=1, le=3_600_000)]


class RouterConfig(Struct, frozen=True, kw_only=True):
    """One router process.  Bounds of the decisions themselves are in `state.limits.Limits`."""

    group: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,64}$")] = "router"
    """Routers of one group share the partitions; a second group would decide everything again."""
    instance: str = ""
    """A static member id: a restart within the session time-out gets its partitions back at once."""

    bundle_records_max: Count = 5_000
    """Records that one poll may return: bundles grow with the lag up to here."""
    tick_ms: Milliseconds = 100
    """The longest wait for input; timers are looked at this often."""
    fetch_records_max: Count = 50_000
    """Records fetched ahead of the poll."""
    produce_queue_records_max: Count = 300_000
    """Records of one transaction that wait for the broker."""
    restore_slice_records: Count = 5_000
    """Rows read back between two polls, so that healthy partitions go on while another one restores."""
    commit_threads: Annotated[int, Meta(ge=1, le=64)] = 8
    """Partitions of one process that commit at the same time."""

    session_timeout_ms: Annotated[int, Meta(ge=6_000, le=300_000)] = 10_000
    """After this silence of a router its partitions go to the others."""
    poll_interval_ms_max: Annotated[int, Meta(ge=6_000, le=3_600_000)] = 60_000
    """A router that decides nothing for so long is taken for dead."""
    transaction_timeout_ms: Annotated[int, Meta(ge=1_000, le=900_000)] = 15_000
    """After this the broker aborts a transaction itself; a crash blocks readers no longer than this."""
    produce_timeout_ms: Milliseconds = 10_000
    """How long a full queue is waited for before the bundle is given up."""
    commit_timeout_ms: Milliseconds = 5_000
    """One attempt to commit; attempts go on until the transaction has timed out."""
    init_timeout_ms: Milliseconds = 30_000
    """How long fencing the previous owner may take."""
    request_timeout_ms: Milliseconds = 10_000
    """Any other question to the broker."""
    head_wait_ms: Milliseconds = 10_000
    """How long journal head and committed offsets may disagree before the partition stops."""

    setbacks_max: Annotated[int, Meta(ge=1, le=1000)] = 5
    """Failures of one partition in a row before it stops; each is followed by a restore."""
    setback_memory_ms: Milliseconds = 60_000
    """A failure is forgotten after so long without another."""
    setback_pause_ms: Milliseconds = 500
    """The wait after a failure that a person must mend, before the next attempt."""
    clock_jump_ms_max: Milliseconds = 5_000
    """How far the wall clock may jump between two polls."""
    clock_difference_ms_max: Milliseconds = 5_000
    """How far this machine's clock may be from the broker's."""

    metrics: str = "127.0.0.1:9464"
    """Where Prometheus reads, or "off"."""
    log: Annotated[str, Meta(pattern="^(text|json)$")] = "text"
    """Readable lines, or one JSON object a line."""


def router_config(section: Mapping[str, Any]) -> RouterConfig:
    """The `[router]` section as it was read; raises `ConfigurationError` with every fault of it at once."""
    types = get_type_hints(RouterConfig, include_extras=True)
    faults = [
        f"[router] has no setting {name!r}; it knows: {', '.join(types)}"
        for name in section
        if name not in types
    ]
    for name, value in section.items():
        if name in types:
            try:
                msgspec.convert(value, types[name])
            except msgspec.ValidationError as error:
                faults.append(f"[router] {name} = {value!r}: {error}")
    if faults:
        raise ConfigurationError("\n".join(faults))
    return RouterConfig(**section)
