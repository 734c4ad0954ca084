"""What one decision amounts to: rows to put and notices to publish, and the moment at which it was taken."""

from __future__ import annotations

from typing import Final

from schemas.formats import FORMAT
from schemas.kinds import EXCEPTIONS
from schemas.notices import ExceptionClosed, ExceptionData, ExceptionOpened, Outgoing, SentBack
from schemas.rows import OrderRow, Row, RowKey
from state.limits import Limits


class Moment:
    """The bundle that decides: its time (also as text), its sequence, and the bounds and the format in force.

    What only a newer format keeps must not be decided before it is in force: a restart would forget it.
    """

    __slots__ = ("format", "limits", "now_ms", "sequence", "time")

    def __init__(self, now_ms: int, time: str, sequence: int, limits: Limits, format: int = FORMAT) -> None:
        self.now_ms: Final = now_ms
        self.time: Final = time
        self.sequence: Final = sequence
        self.limits: Final = limits
        self.format: Final = format


class Effects:
    """Rows and notices of one decision, in order, and keys to forget.  None of them: the record changed nothing."""

    __slots__ = ("before", "notices", "removed", "rows", "sent_back")

    def __init__(self, rows: list[Row], notices: list[Outgoing], removed: tuple[RowKey, ...] = ()) -> None:
        self.rows: Final = rows
        self.notices = notices
        self.removed: Final = removed
        # The order as it was, where a warehouse or missing stock changed it: figures count the difference.
        self.before: OrderRow | None = None
        # What a warehouse sent back of it, for the decision that follows.
        self.sent_back: SentBack | None = None


def nothing() -> Effects:
    """No effect: a stale or repeated fact."""
    return Effects([], [])


def exception_opened(moment: Moment, network: str, data: ExceptionData) -> Outgoing:
    """What a person must look at."""
    return Outgoing(
        EXCEPTIONS,
        data.exception_id,
        ExceptionOpened(
            id=f"{moment.sequence}/{data.exception_id}",
            time=moment.time,
            network=network,
            sequence=moment.sequence,
            data=data,
        ),
    )


def exception_closed(moment: Moment, network: str, data: ExceptionData) -> Outgoing:
    """What need not be looked at any more."""
    return Outgoing(
        EXCEPTIONS,
        data.exception_id,
        ExceptionClosed(
            id=f"{moment.sequence}/{data.exception_id}/closed",
            time=moment.time,
            network=network,
            sequence=moment.sequence,
            data=data,
        ),
    )
