"""The arithmetic of one stock row: counts, moves, blocks, suspicion.  Each function returns the row's next value."""

from __future__ import annotations

from sys import intern

from msgspec.structs import replace

from schemas.rows import NO_POSITION, StockRow
from state.limits import Limits

Holds = tuple[tuple[int, int, str], ...]
"""Blocks that end by themselves: (until in milliseconds, units, document)."""

_OF_BLOCKS = ("block/", "unblock/")
"""How the papers of blocks begin, which the row remembers behind the documents of moves."""

_NOT_OF_A_MOVE = (*_OF_BLOCKS, "/")
"""And what sets the documents of moves apart that begin so, too."""


def new_row(network: str, pool: str, sku: str, stock_class: str) -> StockRow:
    """The row before anything was said of it: nothing there, and every position is later than its mark."""
    names = intern(network), intern(pool), intern(sku), intern(stock_class)
    return StockRow(
        *names, version=0, on_hand=0, reserved=0, released=0, blocked=0, suspect=0,
        base=0, mark=NO_POSITION, floor=NO_POSITION, moves=(), holds=(), documents=(),
        suspect_position=NO_POSITION, uncertain=False, counted=False,
    )  # fmt: skip


def reserved(row: StockRow, reserved_delta: int, released_delta: int) -> StockRow:
    """The row with its promises changed.  Spelled out, because every order does this for every line."""
    return StockRow(
        row.network, row.pool, row.sku, row.stock_class, row.version + 1, row.on_hand,
        row.reserved + reserved_delta, row.released + released_delta, row.blocked, row.suspect, row.base, row.mark,
        row.floor, row.moves, row.holds, row.documents, row.suspect_position, row.uncertain, row.counted,
    )  # fmt: skip


def moved(row: StockRow, position: int, delta: int, document: str | None, limits: Limits) -> StockRow | None:
    """The row after a movement; None when the count in force includes it or its document is known.

    Moves are kept in the order of their positions, so that a later count can leave out those up to its mark.
    """
    paper = None if document is None else _move_paper(document)
    if position <= row.mark or paper in row.documents:
        return None
    moves = sorted((*row.moves, (position, delta)))
    base, floor = row.base, row.floor
    while len(moves) > limits.moves_max:
        folded_position, folded_delta = moves.pop(0)
        base += folded_delta
        floor = max(floor, folded_position)
    on_hand = row.on_hand + delta
    # What came before the picker found too few was there, and did not help.
    in_doubt = _suspect_beside if position <= row.suspect_position else _still_suspect
    return replace(
        row,
        version=row.version + 1,
        on_hand=on_hand,
        suspect=in_doubt(row, on_hand),
        base=base,
        floor=floor,
        moves=tuple(moves),
        documents=row.documents if paper is None else _remembered(row, limits, paper),
        # Below the floor nobody can tell any more whether the move was folded in before.
        uncertain=row.uncertain or position <= row.floor,
    )


def _move_paper(document: str) -> str:
    """The document of a move as the row remembers it: as it is, unless it reads like the paper of a block.

    Older rows hold all of them as they are, and the release before looks for them so.
    """
    return f"/{document}" if document.startswith(_NOT_OF_A_MOVE) else document


def _still_suspect(row: StockRow, on_hand: int) -> int:
    """Suspect units of which so many can still be there: what was taken away was found, and what comes is no suspect.

    Blocked units may be suspect ones, so a block lowers nothing: its end must not clear what only a count clears.
    """
    return min(row.suspect, max(0, on_hand))


def _suspect_beside(row: StockRow, on_hand: int) -> int:
    """Suspect units once more turns out to have been there at the pick: all but what is on its way out.

    The same as if it had been told before the short pick was.
    """
    more = on_hand - row.on_hand
    return max(_still_suspect(row, on_hand), min(row.suspect + more, on_hand - row.released))


def _remembered(row: StockRow, limits: Limits, *papers: str) -> tuple[str, ...]:
    """The row's papers and these, all of moves or all of blocks: the oldest of either kind make room for its own only.

    Sales are many, and the end of a block must still find it. In rows of before, those of blocks stand anywhere.
    """
    documents, at, most = row.documents, len(row.documents), limits.documents_max
    while at and documents[at - 1].startswith(_OF_BLOCKS):
        at -= 1
    if papers[0].startswith(_OF_BLOCKS):
        return documents[:at][-most:] + (*documents[at:], *papers)[-most:]
    return (*documents[:at], *papers)[-most:] + documents[at:][-most:]


def counted(row: StockRow, quantity: int, mark: int) -> StockRow | None:
    """The row after a count; None when a count with the same or a later mark is in force.

    Of moves that were folded nobody can tell whether the count has seen them, so the lesser figure holds.
    """
    if row.counted and mark <= row.mark:
        return None
    moves = tuple(move for move in row.moves if move[0] > mark)
    cleared = mark > row.suspect_position
    base = quantity
    if mark < row.floor:
        base = min(quantity, expected_at(row, mark)) if row.counted else quantity + min(0, row.base)
    on_hand = base + sum(delta for _, delta in moves)
    return replace(
        row,
        version=row.version + 1,
        on_hand=on_hand,
        base=base,
        mark=mark,
        moves=moves,
        suspect=0 if cleared else _suspect_beside(row, on_hand),
        suspect_position=NO_POSITION if cleared else row.suspect_position,
        uncertain=mark < row.floor,
        counted=True,
    )


def ignores_count(row: StockRow, quantity: int, mark: int) -> bool:
    """Whether a count stands before the one in force, or says something else of the same place.

    What says the same again is no news and nothing is ignored: nothing has moved since.  Where moves were folded into
    the base, nobody can tell any more what the count in force had said.
    """
    if not row.counted or mark > row.mark:
        return False
    return mark < row.mark or (quantity != row.base and row.floor <= mark)


def ignores_move(row: StockRow, position: int, document: str) -> bool:
    """Whether the count in force stands for a movement of which nothing was known before."""
    return position <= row.mark and _move_paper(document) not in row.documents


def expected_at(row: StockRow, mark: int) -> int:
    """What the ledger would have said at that mark: the difference to a count is drift."""
    return row.base + sum(delta for position, delta in row.moves if position <= mark)


def blocked(
    row: StockRow, quantity: int, document: str, until_ms: int | None, limits: Limits
) -> StockRow | None:
    """The row with units blocked; None when that document has blocked them before."""
    paper = f"block/{document}"
    if paper in row.documents:
        return None
    return replace(
        row,
        version=row.version + 1,
        blocked=row.blocked + quantity,
        holds=row.holds if until_ms is None else (*row.holds, (until_ms, quantity, document)),
        documents=_remembered(row, limits, paper),
    )


def unblocked(row: StockRow, quantity: int, document: str, position: int, limits: Limits) -> StockRow | None:
    """The row with units free again, never more than are blocked; None when this was said before, or its time did it.

    A block may end in parts, all under its document: the place in the sequence tells them apart.  The time at which
    the block ends by itself has less to end.  What no known block explains ends those first that would end by
    themselves: otherwise their time would free units that another paper has blocked.
    """
    paper = f"unblock/{position}/{document}"
    if paper in row.documents or _ended_by_itself(document) in row.documents:
        return None
    freed = min(quantity, row.blocked)
    holds = row.holds
    own = sum([held for _, held, name in holds if name == document])
    holds = _less_held(holds, min(own, freed), document)
    if f"block/{document}" not in row.documents:
        holds = _less_held(holds, freed - min(own, freed))
    beyond = sum([held for _, held, _ in holds]) - (row.blocked - freed)
    return replace(
        row,
        version=row.version + 1,
        blocked=row.blocked - freed,
        holds=_less_held(holds, beyond),
        documents=_remembered(row, limits, paper),
    )


def taken_from_others(before: StockRow, after: StockRow, document: str) -> tuple[list[str], int]:
    """Whose units a paper's end has freed though no block of that paper is known.

    Blocks of other papers of which less ends by itself, while units stay that never do; and how many units are gone of
    blocks that only a paper ends.
    """
    lasting, left = _lasting(before), _lasting(after)
    names = [name for hold in before.holds if hold not in after.holds and (name := hold[2]) != document]
    is_known = f"block/{document}" in before.documents
    return names if left else [], 0 if is_known else lasting - left


def _lasting(row: StockRow) -> int:
    """Blocked units that never end by themselves."""
    return row.blocked - sum([units for _, units, _ in row.holds])


def _less_held(holds: Holds, units: int, document: str | None = None) -> Holds:
    """So many units fewer that end by themselves, of that document alone or of any, the first to end first."""
    if units <= 0:
        return holds
    left: list[tuple[int, int, str]] = []
    for until_ms, held, name in sorted(holds):
        ended = min(held, units) if document in (None, name) else 0
        units -= ended
        if held > ended:
            left.append((until_ms, held - ended, name))
    return tuple(left)


def holds_expired(row: StockRow, now_ms: int, limits: Limits) -> StockRow | None:
    """The row without the blocks whose time is over; None when there are none.

    It knows them again: whoever tells afterwards that they have ended must not end another paper's block.
    """
    over = [hold for hold in row.holds if hold[0] <= now_ms]
    if not over:
        return None
    return replace(
        row,
        version=row.version + 1,
        blocked=max(0, row.blocked - sum([units for _, units, _ in over])),
        holds=tuple(hold for hold in row.holds if hold[0] > now_ms),
        documents=_remembered(row, limits, *[_ended_by_itself(document) for _, _, document in over]),
    )


def _ended_by_itself(document: str) -> str:
    """The paper of a block whose time is over: no place in the sequence is called so."""
    return f"unblock/until/{document}"


def suspected(row: StockRow, position: int) -> StockRow:
    """The row after a short pick: what is not already on its way out may not be there either.

    What was suspect before stays so: finding too few again clears nothing.
    """
    return replace(
        row,
        version=row.version + 1,
        suspect=max(row.suspect, row.on_hand - row.blocked - row.released),
        suspect_position=max(position, row.suspect_position),
    )
