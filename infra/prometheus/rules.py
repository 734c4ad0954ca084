"""Every rule, in the order in which a person should look: who is hurt, then why."""

from __future__ import annotations

from infra.prometheus import causes, objectives, symptoms
from infra.prometheus.rule import Alert, Group

GROUPS: tuple[Group, ...] = (objectives.GROUP, symptoms.GROUP, causes.GROUP)
ALERTS: dict[str, Alert] = {
    rule.name: rule for group in GROUPS for rule in group.rules if isinstance(rule, Alert)
}
