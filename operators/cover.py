"""Sets of lanes that together have everything: pairs as the lanes come, larger sets where they could be better."""

from __future__ import annotations

from operators.plan import INFINITE, Board, short_of


def weigh_pairs(board: Board, alone: bool) -> int:
    """Weigh each lane with each earlier one that has what it lacks; how many lanes could be part of a better plan.

    Lanes come cheapest first, so once one is too dear, so are all that follow.  A lane that has everything is weighed
    by itself too; where that could find the best plan (`alone`), lanes are looked at for longer.
    """
    lanes = board.lanes
    least, has, short, rarest = lanes.least, lanes.has, lanes.short, lanes.rarest
    penalty, units_floor = board.split_penalty, board.units_floor
    beside = penalty + units_floor
    beyond = board.beyond(alone)
    having_rarest: list[int] = []
    fixed, at_best = board.fixed, board.at_best
    for index, index_least in enumerate(least):
        if index_least + beyond >= board.cost:
            return index
        index_has, index_short = has[index], short[index]
        if not index_short and (fixed[index] if fixed[index] >= 0 else board.price(index)) < INFINITE:
            board.weigh_single(index)
        if board.shipments_max > 1:
            # One of the two has some of the rarest demand.
            for other in range(index) if index_has & rarest else having_rarest:
                if index_short & ~has[other] or short[other] & ~index_has:
                    continue
                if index_least + least[other] + beside >= board.cost:
                    break
                # The truck is the dearest to ask for, so it is asked for last.
                units_cost = penalty + sum(
                    map(
                        min,
                        at_best[index] or board.unit_costs(index),
                        at_best[other] or board.unit_costs(other),
                    )
                )
                if index_least + least[other] + units_cost >= board.cost:
                    continue
                together = fixed[index] if fixed[index] >= 0 else board.price(index)
                together += fixed[other] if fixed[other] >= 0 else board.price(other)
                if (
                    together + units_cost < board.cost
                    and lanes.pool(index) != lanes.pool(other)
                    and board.has_room()
                ):
                    board.weigh_pair(other, index)
            if index_has & rarest:
                having_rarest.append(index)
    return len(least)


def weigh_larger(board: Board, lane_count: int) -> None:
    """Weigh the sets of three and more of the first so many lanes, where they could be better."""
    least = board.lanes.least
    if lane_count > 2 and board.shipments_max > 2:
        rarest_least = INFINITE
        for index in range(lane_count):
            if board.lanes.has[index] & board.lanes.rarest:
                rarest_least = least[index]
                break
        # Nearly always even the cheapest lanes would need cheaper units than there are.
        if rarest_least + 2 * (least[0] + board.split_penalty) + board.units_floor < board.cost:
            _Larger(board, lane_count).weigh()


class _Larger:
    """Grows the sets of three and more, beginning where the choice is smallest."""

    def __init__(self, board: Board, lane_count: int) -> None:
        self.board = board
        self.least = board.lanes.least
        self.has = board.lanes.has[:lane_count]
        holding = [
            (1 << demand, [index for index, mask in enumerate(self.has) if mask >> demand & 1])
            for demand, quantity in enumerate(board.quantities)
            if quantity
        ]
        # Whoever has the rarest demand is among the members, so that is where a set begins.
        self.rarest_first = sorted(holding, key=lambda bit_and_lanes: len(bit_and_lanes[1]))
        self.having: dict[int, list[int]] = {}
        self.seen: set[tuple[int, ...]] = set()

    def weigh(self) -> None:
        """Weigh the sets of each size that fill everything, as far as the bounds leave hope."""
        board = self.board
        nothing = (INFINITE,) * len(board.quantities)
        for size in range(3, min(board.shipments_max, len(self.has)) + 1):
            if board.proved:
                self.seen.clear()
                self._grow((), board.everything, nothing, board.split_penalty * (size - 1), size)

    def _grow(
        self, chosen: tuple[int, ...], missing: int, at_best: tuple[int, ...], spent: int, more: int
    ) -> None:
        """Weigh the sets of `chosen` and `more` others; `spent` is what they cost before any unit.

        Some member has the rarest demand that is missing.  Where none is missing, any lane may still join: its units
        may be cheaper.  Lanes come cheapest first, so once one is too dear to add, so are all that follow.
        """
        board, least, fixed = self.board, self.least, self.board.fixed
        others_least = (more - 1) * least[0] + board.units_floor
        for index in self._joining(missing) if more > 1 else self._having(missing):
            if spent + least[index] + others_least >= board.cost or not board.has_room():
                return
            units_at_best = tuple(map(min, at_best, board.at_best[index] or board.unit_costs(index)))
            if more == 1:
                # Nothing is missing: what the units cost at least is known.
                together = spent + sum(units_at_best)
                if together + least[index] >= board.cost:
                    continue
                together += fixed[index] if fixed[index] >= 0 else board.price(index)
                if together < board.cost and not board.has_pool(chosen, index):
                    members = tuple(sorted((*chosen, index)))
                    if members not in self.seen:
                        self.seen.add(members)
                        board.weigh(members)
                continue
            still_missing = missing & ~self.has[index]
            if more == 2:
                still_missing |= self._short_of((*chosen, index), still_missing)
                last = self._having(still_missing)
                if not last or spent + least[index] + least[last[0]] + board.units_floor >= board.cost:
                    continue
            together = spent + (fixed[index] if fixed[index] >= 0 else board.price(index))
            if together + others_least < board.cost and not board.has_pool(chosen, index):
                board.weighed += 1
                self._grow((*chosen, index), still_missing, units_at_best, together, more - 1)

    def _short_of(self, chosen: tuple[int, ...], missing: int) -> int:
        """Of the demands that are not missing, those that the chosen have some of and not enough."""
        lanes, some = self.board.lanes, self.board.everything & ~missing
        for index in chosen:
            some &= lanes.short[index]
        if some:
            units = [lanes.units(index) for index in chosen]
            together = list(map(sum, zip(*units, strict=True)))
            some = short_of(self.board.quantities, list(map(min, self.board.quantities, together)))
        return some & ~missing

    def _joining(self, missing: int) -> list[int]:
        """The lanes that have the rarest demand of these."""
        for bit, indexes in self.rarest_first:
            if bit & missing:
                return indexes
        return self._having(0)

    def _having(self, missing: int) -> list[int]:
        """The lanes that have some of all these demands: one of them completes a set."""
        having = self.having.get(missing)
        if having is None:
            having = self.having[missing] = [
                index for index, mask in enumerate(self.has) if not missing & ~mask
            ]
        return having
