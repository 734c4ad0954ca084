"""The dashboards' addresses, and the links from what one shows to where another tells why."""

from __future__ import annotations

from collections.abc import Iterable

from infra.grafana.model.fields import DataLink

NOW, FLOW, NETWORK, BUSINESS = "sluice-now", "sluice-flow", "sluice-network", "sluice-business"
"""Uids, and so addresses: /d/sluice-now."""

KEPT = "${__url_time_range}&${__all_variables}"
"""The time shown and every variable go along."""


def to(uid: str, title: str) -> DataLink:
    """To another dashboard, with the time and all variables as they are."""
    return DataLink(title=title, url=f"/d/{uid}?{KEPT}")


def to_one(uid: str, label: str, title: str) -> DataLink:
    """To another dashboard, with its variable set to what the series clicked on is labelled with."""
    return DataLink(
        title=title, url=f"/d/{uid}?${{__url_time_range}}&var-{label}=${{__field.labels.{label}}}"
    )


def to_one_of_row(uid: str, column: str, title: str) -> DataLink:
    """The same, from a table."""
    return DataLink(
        title=title, url=f"/d/{uid}?${{__url_time_range}}&var-{column}=${{__data.fields.{column}}}"
    )


def uid_of(alert: str) -> str:
    """The address of an alert's runbook is /d/<this>."""
    return f"runbook-{alert}"


def runbook(alert: str) -> DataLink:
    """To the page of the alert that a figure is about."""
    return DataLink(title=f"Runbook: {alert}", url=f"/d/{uid_of(alert)}?${{__url_time_range}}")


RUNBOOK_LINK = DataLink(
    title="Its runbook", url=f"/d/{uid_of('${__data.fields.alertname}')}?${{__url_time_range}}"
)
"""From a row of a table of alerts."""


DETAILS = {
    "pool": to_one(NETWORK, "pool", "Network: this pool"),
    "channel": to_one(BUSINESS, "channel", "Business: this channel"),
    "instance": to_one(FLOW, "instance", "Flow: this process"),
}
"""Where a label is looked at alone; the commands there name it, too."""


def details_of(legends: Iterable[str]) -> list[DataLink]:
    """The links of curves and bars whose legends are such labels."""
    shown = " ".join(legends)
    return [link for label, link in DETAILS.items() if f"{{{{{label}}}}}" in shown]
