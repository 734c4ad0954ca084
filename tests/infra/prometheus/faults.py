"""What a Prometheus says against its rules."""

from infra.prometheus.client import PrometheusClient


def rule_faults(prometheus: PrometheusClient) -> list[str]:
    """What it could not evaluate at its last try, rule by rule; empty when all is well."""
    return [
        f"{rule.name}: {rule.last_error}"
        for group in prometheus.rule_groups()
        for rule in group.rules
        if rule.last_error
    ]
