"""How full the brokers' disks are: a broker that cannot write stops, and then nobody decides."""

from __future__ import annotations

from collections.abc import Iterator

from cli.doctor.deployment import Deployment
from cli.doctor.findings import Finding, fail, ok, unknown, warn
from cli.doctor.questions import Directory, directories
from cli.doctor.wire import Wire
from infra.errors import SluiceError

FREE_WARN = 0.15
FREE_FAIL = 0.05
GIGABYTE = 1e9


def look(deployment: Deployment) -> Iterator[Finding]:
    """Every data directory of every broker."""
    for broker in deployment.brokers:
        try:
            with Wire(broker.host, broker.port, deployment.properties, deployment.timeout_s) as wire:
                found = directories(wire)
        except (OSError, SluiceError) as error:
            yield unknown(
                f"how full the disks of broker {broker.id} are is not known: {error}",
                "Ask on the broker's machine",
                deployment.kafka_command("log-dirs", "--describe"),
            )
            continue
        for directory in found:
            yield verdict(broker.id, directory)


def verdict(broker: int, directory: Directory) -> Finding:
    """Enough, little, or nearly nothing."""
    if directory.total <= 0 or directory.free < 0:
        return unknown(f"broker {broker} does not say how full the disk of {directory.path} is")
    share = directory.free / directory.total
    seen = (
        f"broker {broker}: {directory.free / GIGABYTE:,.1f} of {directory.total / GIGABYTE:,.1f} GB are free in "
        f"{directory.path} ({share:.0%})"
    )
    remedy = "Make room or add a disk; shorter retention cuts what can be proved, so it is the last resort"
    if share < FREE_FAIL:
        return fail(seen, f"at least {FREE_FAIL:.0%}", remedy)
    if share < FREE_WARN:
        return warn(seen, f"at least {FREE_WARN:.0%}", remedy)
    return ok(seen)
