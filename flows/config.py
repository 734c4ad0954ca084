"""Every bound and name of the router's flow, with its default: the section `[router]` of `sluice.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import msgspec
from msgspec import Meta, Struct

from infra.errors import ConfigurationError
from infra.settings import read_document
from schemas.times import HOUR_MS, MINUTE_MS
from state.limits import Limits

Count = Annotated[int, Meta(ge=1, le=10_000_000)]
Milliseconds = Annotated[int, Meta(ge=1, le=3_600_000)]


class RouterConfig(Struct, frozen=True, kw_only=True):
    """One router process.  Bounds of the decisions themselves are in `state.limits.Limits`."""

    group: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,64}$")] = "router"
    """Routers of one group share the partitions; a second group would decide everything again."""
    instance: str = ""
    """A static member id: a restart within the session time-out gets its partitions back at once."""

    bundle_records_max: Count = 250
    """Records that one poll may return: bundles grow with the lag up to here."""
    tick_ms: Milliseconds = 100
    """The longest wait for input; timers are looked at this often."""
    fetch_records_max: Count = 50_000
    """Records fetched ahead of the poll."""
    produce_queue_records_max: Count = 300_000
    """Records of one transaction that wait for the broker."""
    restore_slice_records: Count = 5_000
    """Rows read back between two polls, so that healthy partitions go on while another one restores."""

    standby: bool = False
    """Follow partitions that other processes own, so that taking one over need not read it back."""
    standby_partitions: Annotated[int, Meta(ge=1, le=1_000)] = 8
    """Partitions followed at once: each takes about 1 GB for a million rows once it has taken over, and less before."""
    standby_slice_records: Count = 1_000
    """Records that all copies together take between two polls, about 5 ms: partitions that decide wait no longer."""
    standby_join_ms_max: Milliseconds = 30_000
    """A standby joins the group when its copies are warm, and after so long at the latest."""

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
    """Failures in a row before a partition stops, each followed by a restore; what passes by itself never stops it."""
    setback_memory_ms: Milliseconds = 60_000
    """A failure is forgotten after so long without another."""
    setback_pause_ms: Milliseconds = 500
    """The wait after a failure that a person must mend; where one passes by itself but comes again, up to 10 s."""
    clock_jump_ms_max: Milliseconds = 5_000
    """How far the wall clock may jump between two polls."""
    stall_ms: Milliseconds = 1_000
    """A poll that comes later than this after the one before counts as a stall."""
    clock_difference_ms_max: Milliseconds = 5_000
    """How far this machine's clock may be from the broker's; two routers may differ by twice that."""

    metrics: str = "127.0.0.1:9464"
    """Where /metrics, /healthz and /readyz are served, or "off"."""
    stock_freshness_limit_ms: Milliseconds = 900_000
    """How long a pool may say nothing of its stock before what is known of it counts as out of date."""
    dispatch_told_grace_ms: Milliseconds = 5 * MINUTE_MS
    """How long after its truck has left a package's dispatch may still be told before it counts as missed."""
    delivery_scan_grace_ms: Milliseconds = 6 * HOUR_MS
    """How long after the deliver-by a carrier's scan may still come in before the delivery is judged."""
    silence_ms_max: Milliseconds = 45_000
    """A flow that has not polled for so long is not alive any more: longer than the longest wait for a commit."""
    ready_lag_ms_max: Milliseconds = 60_000
    """A partition that is later than this is not ready."""
    log: Annotated[str, Meta(pattern="^(text|json)$")] = "text"
    """Readable lines, or one JSON object a line."""
    log_level: Annotated[str, Meta(pattern="^(debug|info|warning|error)$")] = "info"
    """Lines below this are left out; debug lists every bundle, and decisions up to log_lines_per_second."""
    log_bundle_every_ms: Milliseconds = 1_000
    """An ordinary bundle is listed at most this often; the others are counted."""
    log_slow_ms: Milliseconds = 500
    """A bundle that took so long from its poll to its commit is always listed, as a warning."""
    log_lines_per_second: Annotated[int, Meta(ge=1, le=10_000)] = 20
    """Dead letters, and exceptions, that have a line of their own; the others are counted."""


class RunConfig(Struct, frozen=True, kw_only=True):
    """What `sluice run` reads from its file: the sections `[router]` and `[limits]`."""

    router: RouterConfig
    limits: Limits


def load_run_config(path: Path | None, given: Mapping[str, Any]) -> RunConfig:
    """From the file (`sluice.toml` when there is one); options that were given win over its `[router]` section.

    Raises `ConfigurationError` with every fault at once.
    """
    document = read_document(path)
    router = {
        **_section(document, "router"),
        **{name: value for name, value in given.items() if value is not None},
    }
    limits = _section(document, "limits")
    faults = _faults("router", RouterConfig, router) + _faults("limits", Limits, limits)
    if faults:
        raise ConfigurationError("\n".join(faults))
    return RunConfig(router=RouterConfig(**router), limits=Limits(**limits))


def _section(document: Mapping[str, Any], name: str) -> dict[str, Any]:
    section = document.get(name, {})
    if not isinstance(section, dict):
        raise ConfigurationError(f"{name} = {section!r}: expected a section, [{name}]")
    return section


def _faults(section: str, kind: type[Struct], values: Mapping[str, Any]) -> list[str]:
    """Every unknown name and every value that does not fit."""
    types = get_type_hints(kind, include_extras=True)
    faults: list[str] = []
    for name, value in values.items():
        if name not in types:
            faults.append(f"[{section}] has no setting {name!r}; it knows: {', '.join(types)}")
            continue
        try:
            msgspec.convert(value, types[name])
        except msgspec.ValidationError as error:
            faults.append(f"[{section}] {name} = {value!r}: {error}")
        else:
            if isinstance(value, int) and not isinstance(value, bool) and value < 1:
                faults.append(f"[{section}] {name} = {value!r}: expected 1 or more")
    return faults
