"""The audit of a cluster: every partition, or one."""

from __future__ import annotations

from collections.abc import Mapping

from cli.audit.history import audit_partition
from cli.audit.journal import WINDOW
from cli.audit.report import AuditReport
from cli.audit.topics import Cluster
from infra.errors import ConfigurationError


def audit(
    bootstrap: str,
    prefix: str,
    settings: Mapping[str, str],
    partition: int | None = None,
    complete: bool = False,
    window: int = WINDOW,
) -> AuditReport:
    """Prove P1, P2 and P3 from the topics, and the first half of P4.

    `complete` makes inputs that no transaction has processed yet a violation, for when the router should be done;
    `window` is the routers' `identities_max`.
    """
    report = AuditReport()
    cluster = Cluster(bootstrap, prefix, settings)
    if partition is not None and not 0 <= partition < cluster.partitions:
        raise ConfigurationError(
            f"there is no partition {partition}: they are numbered 0 to {cluster.partitions - 1}"
        )
    for each in range(cluster.partitions) if partition is None else [partition]:
        if cluster.is_empty(each):
            continue
        with cluster.partition(each) as topics:
            audit_partition(topics, report, complete, window)
    return report
