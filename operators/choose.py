"""Choose the pools for one order: one that has everything where there is one, several where that is better."""

from __future__ import annotations

from operators.choice import Choice
from operators.demand import Demand
from operators.plan import INFINITE
from operators.promise import Terms
from operators.several_pools import cheapest_several
from operators.single_pool import cheapest_single
from state.limits import Limits
from state.routes import Candidates


def choose(
    demands: list[Demand],
    available: list[dict[str, int]],
    candidates: Candidates,
    terms: Terms,
    shipments_max: int,
    split_penalty: int,
    limits: Limits,
) -> Choice:
    """The best choice of at most `shipments_max` shipments; `available` is by demand, then pool.

    Most orders are decided by the first walk.  The search for several shipments runs only where no single pool has
    everything, or two shipments could in theory cost less.
    """
    single = None
    units = units_floor = 0
    unit_floors: list[int] = []
    for demand in demands:
        unit_floor = candidates.unit_floor(demand.weight_grams)
        units += demand.quantity
        units_floor += demand.quantity * unit_floor
        unit_floors.append(unit_floor)
    if len(demands) == 1 or len({demand.sku for demand in demands}) == len(demands):
        single = cheapest_single(demands, available, candidates, terms, units_floor, split_penalty, limits)
        several_floor = candidates.two_cheapest_fixed + split_penalty + units_floor
        if single.parts and (shipments_max == 1 or units == 1 or single.cost <= several_floor):
            return single
    to_beat = None
    if single is not None:
        to_beat = single.cost if single.parts else INFINITE
    several = cheapest_several(
        demands, available, candidates, terms, shipments_max, split_penalty, unit_floors, to_beat, limits
    )
    if single is None:
        return several
    if not single.parts or (not several.unfilled and several.cost < single.cost):
        several.alone = single.ruled_out
        several.none_alone = not single.parts and len(several.parts) > 1
        return several
    single.proved = several.proved
    return single
