"""What Grafana is told at its start: where Prometheus is, and which folders its dashboards come from."""

from __future__ import annotations

import msgspec

from infra.grafana.figures import PROMETHEUS
from infra.grafana.model.fields import Model
from infra.prometheus.yaml_text import yaml_text

MOUNTED = "/etc/sluice/grafana"
"""Where this folder is inside the container."""

HEADER = "# Written by `python -m infra.grafana`: change infra/grafana/provisioning.py.\n"


class PrometheusOptions(Model, frozen=True, kw_only=True):
    http_method: str
    time_interval: str
    """How often Prometheus scrapes: `$__rate_interval` goes by it."""
    prometheus_type: str
    manage_alerts: bool


class ProvisionedSource(Model, frozen=True, kw_only=True):
    name: str
    uid: str
    type: str
    access: str
    url: str
    is_default: bool
    editable: bool
    json_data: PrometheusOptions


class Datasources(Model, frozen=True, kw_only=True):
    """provisioning/datasources."""

    api_version: int
    prune: bool
    datasources: list[ProvisionedSource]


class ProviderOptions(Model, frozen=True, kw_only=True):
    path: str


class Provider(Model, frozen=True, kw_only=True):
    name: str
    org_id: int
    folder: str
    folder_uid: str
    type: str
    disable_deletion: bool
    allow_ui_updates: bool
    update_interval_seconds: int
    options: ProviderOptions


class Providers(Model, frozen=True, kw_only=True):
    """provisioning/dashboards."""

    api_version: int
    providers: list[Provider]


def datasources() -> Datasources:
    """The one Prometheus, by a uid that never changes: every query names it."""
    return Datasources(
        api_version=1,
        prune=True,
        datasources=[
            ProvisionedSource(
                name="Sluice", uid=PROMETHEUS.uid, type=PROMETHEUS.kind, access="proxy", url="http://prometheus:9090",
                is_default=True, editable=False,
                json_data=PrometheusOptions(
                    http_method="POST", time_interval="15s", prometheus_type="Prometheus", manage_alerts=False
                ),
            )
        ],
    )  # fmt: skip


def providers() -> Providers:
    """Two folders; what is changed in the browser cannot be saved, because the files are the truth."""
    return Providers(
        api_version=1,
        providers=[
            _provider("sluice", "Sluice", "dashboards"),
            _provider("sluice-runbooks", "Sluice runbooks", "runbooks"),
        ],
    )


def _provider(name: str, folder: str, directory: str) -> Provider:
    return Provider(
        name=name, org_id=1, folder=folder, folder_uid=name, type="file", disable_deletion=True, allow_ui_updates=False,
        update_interval_seconds=30, options=ProviderOptions(path=f"{MOUNTED}/{directory}"),
    )  # fmt: skip


def text_of(settings: Datasources | Providers) -> str:
    """The file, in YAML."""
    return HEADER + yaml_text(msgspec.to_builtins(settings))
