"""Where an owned partition stands."""

from __future__ import annotations

from enum import Enum


class Phase(Enum):
    """The words that health and metrics use."""

    FENCING = "fencing"
    RESTORING = "restoring"
    CHECKING = "checking"
    LIVE = "live"
    PARKED = "parked"
    RESUMING = "resuming"
    BROKEN = "broken"
    STOPPED = "stopped"


PREPARING = {Phase.FENCING, Phase.RESTORING, Phase.CHECKING, Phase.RESUMING}
"""On the way to deciding."""
