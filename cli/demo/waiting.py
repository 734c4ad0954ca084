"""Waiting for the story to go on: for an instant or for something to hold, while all processes must stay alive."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from cli.demo.figures import Figures
from cli.demo.stage import Stage
from infra.errors import SluiceError

LOOK_S = 0.1
DEADLINE_S = 40.0


def until(stage: Stage, moment: datetime) -> None:
    """Wait for an instant of the story."""
    while (left_s := (moment - datetime.now(UTC)).total_seconds()) > 0:
        look(stage)
        stage.tracker.wait_until(lambda figures: False, min(LOOK_S, left_s))


def until_holds(stage: Stage, holds: Callable[[Figures], bool], what: str) -> None:
    """Wait until something holds of the figures; a sentence about what does not, when it does not in time."""
    if not comes_true(stage, holds, DEADLINE_S):
        raise SluiceError(
            f"{what} in {DEADLINE_S:.0f} s. The logs of all processes are in {stage.choices.directory}"
        )


def comes_true(stage: Stage, holds: Callable[[Figures], bool], timeout_s: float) -> bool:
    """Wait until something holds of the figures; whether it did in time."""
    ends_s = stage.screen.elapsed_s() + timeout_s
    while not stage.tracker.wait_until(holds, LOOK_S):
        look(stage)
        if stage.screen.elapsed_s() > ends_s:
            return False
    return True


def look(stage: Stage) -> None:
    """Show how things stand, and see that nobody has died of himself."""
    stage.screen.now(standing(stage))
    for child in (stage.router, stage.shop, *stage.systems.values()):
        if child.has_ended and child not in stage.dismissed:
            raise child.failed(f"{child.how_it_ended()}, and the demo ends with it")


def standing(stage: Stage) -> str:
    """One line of figures."""
    figures = stage.tracker.figures
    return (
        f"orders {figures.orders:,}   allocated {figures.allocated:,}   waiting {len(figures.waiting):,}   "
        f"oversold {figures.oversold}"
    )
