"""Why an order was routed as it was, a second time: every lane priced and every set of lanes tried, by hand.

Shares nothing with the router but the words.  What a decision says is held against it sentence by sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import combinations
from typing import Any

Event = dict[str, Any]

DAY_MS = 86_400_000
FIRST_DAY, LAST_DAY = date(2026, 3, 2), date(2026, 12, 31)
SUMMER, WINTER = date(2026, 3, 29), date(2026, 10, 25)
NO_PLACE = re.compile(r"(\d+) units? finds? no place now")
LAST_KEPT = "the last shipment allowed is kept for what waits"
KEPT_BACK = re.compile(LAST_KEPT + r" and for (\d+) units? that could go now")
FULL_TRUCKS = re.compile(r"(?:; )?(\w+) has no free place on (\w+)'s next (?:truck|(\d+) trucks)")
NONE_ALONE = "no single pool can send everything"
IN_USE = re.compile(r"(\d+) shipments? (?:is|are) in use, and the order allows (\d+)")


def instant_ms(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def day_of(cut_off_ms: int) -> date:
    """Trucks leave by day, so the date is the same by every clock."""
    return datetime.fromtimestamp(cut_off_ms / 1000, UTC).date()


def utc_ms(day: date, hour: int, hours_ahead: int) -> int:
    """The instant of a full hour by a clock that is so far ahead of UTC, and one more in summer."""
    ahead = hours_ahead + (SUMMER <= day < WINTER)
    return round((datetime.combine(day, time(hour), UTC) - timedelta(hours=ahead)).timestamp() * 1000)


@dataclass(frozen=True)
class Lane:
    """One carrier's way from a pool to the order's zone.  Pools and receivers work Monday to Friday."""

    pool: str
    carrier: str
    fixed: int
    handling: int
    per_kg: int = 0
    transit_days: int = 1
    places: int = 0
    collection: int = 15
    hours_ahead: int = 1
    can: frozenset[str] = frozenset()

    def unit_cost(self, grams: int) -> int:
        return self.handling + self.per_kg * grams // 1000

    def trucks(self, now_ms: int) -> Iterator[tuple[int, int]]:
        """(cut-off, delivered by) of each truck that can still be made; picking takes an hour."""
        day = max(FIRST_DAY, day_of(now_ms) - timedelta(days=1))
        while day <= LAST_DAY:
            cut_off = utc_ms(day, self.collection - 1, self.hours_ahead)
            if day.weekday() < 5 and cut_off >= now_ms:
                there = self._arrives(day)
                if there is None:
                    return
                yield cut_off, utc_ms(there, 20, 1)
            day += timedelta(days=1)

    def _arrives(self, day: date) -> date | None:
        for _ in range(self.transit_days):
            day += timedelta(days=1)
            while day.weekday() > 4:
                day += timedelta(days=1)
        return day if day <= LAST_DAY else None


@dataclass(frozen=True)
class Wanted:
    """Units of one SKU, perhaps of several lines; pinned ones come before others of the SKU.

    Who is `barred` has sent back some of the lines, and may send the units of the others: each line is left to one
    such pool.
    """

    sku: str
    units: int
    grams: int = 1_000
    pinned: str | None = None
    barred: frozenset[str] = frozenset()
    needs: frozenset[str] = frozenset()
    left_to: dict[str, int] = field(default_factory=dict)

    def may(self, lane: Lane) -> int:
        """Units that may be sent on that lane, whatever is there."""
        bar = self.bar(lane)
        return (
            self.units if bar is None else self.left_to.get(lane.pool, 0) if bar == "rejected_before" else 0
        )

    def bar(self, lane: Lane) -> str | None:
        """What keeps all of it from being sent on that lane, whatever is there."""
        if self.pinned not in (None, lane.pool):
            return "pinned_elsewhere"
        if not self.needs <= lane.can:
            return "may_not_ship_item"
        return "rejected_before" if lane.pool in self.barred else None


@dataclass(frozen=True)
class Offer:
    lane: Lane
    ship_by: int
    deliver_by: int
    lateness: int
    capacity: int
    full_trucks: int
    """Earlier ones that could be made, and have no place left."""

    @property
    def fixed(self) -> int:
        return self.lane.fixed + self.lateness + self.capacity


@dataclass
class Asked:
    """What one routing decision had to place, and all that it could choose from."""

    now_ms: int
    target_ms: int
    wanted: list[Wanted]
    free: dict[tuple[str, str], int]
    """By (pool, SKU); what the order itself has planned is free for it."""
    lanes: list[Lane]
    used: dict[tuple[str, date], int]
    """Places taken by others, by (pool, day)."""
    room: int
    split_penalty: int = 1_000_000
    late_penalty: int = 2_000_000
    full_price: int = 3_000_000
    latest_ship_by: int | None = None
    look_ahead: int = 7
    """Trucks after the next one on which a place is looked for."""
    unknown: int = 0
    """Units whose item nobody knows yet."""
    offers: dict[Lane, Offer | str] = field(init=False)

    def __post_init__(self) -> None:
        self.offers = {lane: self._offer(lane) for lane in self.lanes}
        self.total = sum(each.units for each in self.wanted)

    def _offer(self, lane: Lane) -> Offer | str:
        """The first truck with a place left, or why there is none."""
        first = None
        for later, (cut_off, there) in enumerate(lane.trucks(self.now_ms)):
            first = first or cut_off
            if later > self.look_ahead:
                break
            taken = self.used.get((lane.pool, day_of(cut_off)), 0) + 1
            if lane.places and taken > lane.places:
                continue
            if self.latest_ship_by is not None and cut_off > self.latest_ship_by:
                return "capacity_full" if first <= self.latest_ship_by else "ships_after_latest_ship_by"
            late_days = max(0, -(-(there - self.target_ms) // DAY_MS))
            over = max(0, 10 * taken - 7 * lane.places) if lane.places else 0
            scarce = self.full_price * over // (3 * lane.places) if over else 0
            return Offer(lane, cut_off, there, late_days * self.late_penalty, scarce, later)
        return "capacity_full" if first else "no_truck_in_calendar"

    def fill(self, lanes: Iterable[Lane]) -> tuple[int, int]:
        """(units that these lanes do not send, what the others cost), each demand from its cheapest lane first."""
        taken: dict[tuple[str, str], int] = {}
        left_over = cost = 0
        for each in self.wanted:
            left = each.units
            for lane in sorted(lanes, key=lambda lane: lane.unit_cost(each.grams)):
                there = (lane.pool, each.sku)
                sent = min(left, each.may(lane), self.free.get(there, 0) - taken.get(there, 0))
                if sent > 0:
                    taken[there] = taken.get(there, 0) + sent
                    cost += sent * lane.unit_cost(each.grams)
                    left -= sent
            left_over += left
        return left_over, cost

    def price(self, offers: list[Offer]) -> tuple[int, int]:
        """(units that stay behind, cost of the whole plan)."""
        left_over, cost = self.fill([offer.lane for offer in offers])
        return left_over, cost + sum(each.fixed for each in offers) + self.split_penalty * (len(offers) - 1)

    def best(self, room: int) -> tuple[int, int]:
        """The best of all plans of so many shipments: fewest units left behind, then the least cost."""
        able = [offer for offer in self.offers.values() if isinstance(offer, Offer)]
        plans = [
            self.price(list(chosen))
            for size in range(1, room + 1)
            for chosen in combinations(able, size)
            if len({offer.lane.pool for offer in chosen}) == size
        ]
        return min([(self.total, 0), *plans])

    # --- which pools could not, and why ---------------------------------------------------------------------

    def has_all(self, pool: str) -> bool:
        need: dict[str, int] = {}
        for each in self.wanted:
            need[each.sku] = max(need.get(each.sku, 0), each.units)
        return all(self.free.get((pool, sku), 0) >= units for sku, units in need.items())

    def could_send_all(self, lane: Lane) -> bool:
        by_others = [other for other in self.lanes if other.pool == lane.pool]
        ways = [lane] + by_others  # A pool is ruled out when none of its carriers can.
        return any(isinstance(self.offers[way], Offer) and not self.fill([way])[0] for way in ways)

    def is_split_of_need(self, shipments: int) -> bool:
        """Whether it is sent from several because nobody could alone; who has a SKU twice to send is not looked at."""
        is_looked_at = len({each.sku for each in self.wanted}) == len(self.wanted)
        return shipments > 1 and is_looked_at and not any(map(self.could_send_all, self.lanes))

    def has_any(self, pool: str) -> bool:
        return any(self.free.get((pool, each.sku), 0) > 0 for each in self.wanted)

    def could_not(self, reason: str) -> set[str]:
        """All pools of which the reason is true, by each carrier or by some: a decision names no other."""
        by_pool: dict[str, list[Lane]] = {}
        for lane in self.lanes:
            by_pool.setdefault(lane.pool, []).append(lane)
        out = set()
        for pool, lanes in by_pool.items():
            bars = [each.bar(lane) for each in self.wanted for lane in lanes]
            whys = [self.offers[lane] for lane in lanes]
            is_out = not any(isinstance(why, Offer) for why in whys) or all(bars) or any(bars)
            if reason in (*bars, *whys) and is_out:
                out.add(pool)
        return out


def hold_against(asked: Asked, decision: Event, chosen: list[Event]) -> None:
    """The reasons of a routing decision, and the shipments that it chose, are true."""
    why = decision["why"]
    by_name = {(lane.pool, lane.carrier): lane for lane in asked.lanes}
    offers = []
    for shipment in chosen:
        offer = asked.offers[by_name[shipment["pool"], shipment["carrier"]]]
        assert isinstance(offer, Offer), f"{shipment['shipment_id']} ships, and cannot: {offer}"
        _is_priced_right(shipment, offer)
        offers.append(offer)
    left_over = asked.total - sum(line["quantity"] for each in chosen for line in each["lines"])
    if not chosen:
        assert not {"cost", "runners_up", "others"} & why.keys(), "what is not carried out has no price"
    else:
        several = asked.split_penalty * (len(chosen) - 1)
        assert why.get("cost", 0) == several + sum(sum(each["cost"].values()) for each in chosen), (
            "the parts come to what was decided"
        )
        assert (left_over, why.get("cost", 0)) == asked.price(offers)
    told = set(offers)
    for rival in why.get("runners_up", ()):
        told |= _loses_by_what_it_says(asked, rival, by_name, left_over, why.get("cost", 0))
    _could_not_serve(asked, why, {offer.lane.pool for offer in told})
    _accounts_for_every_lane(asked, why, len(told) if chosen else None)
    _says_what_waits(asked, decision, left_over, len(chosen))
    assert [
        (pool, carrier, int(trucks or 1))
        for pool, carrier, trucks in FULL_TRUCKS.findall(why.get("note", ""))
    ] == [(each.lane.pool, each.lane.carrier, each.full_trucks) for each in offers if each.full_trucks]


def _is_priced_right(shipment: Event, offer: Offer) -> None:
    lane = offer.lane
    assert instant_ms(shipment["ship_by"]) == offer.ship_by
    assert instant_ms(shipment["deliver_by"]) == offer.deliver_by
    cost = shipment["cost"]
    units = sum(line["quantity"] for line in shipment["lines"])
    assert cost.get("handling", 0) == lane.handling * units
    assert cost.get("lane", 0) >= lane.fixed
    assert (cost.get("lateness", 0), cost.get("capacity", 0)) == (offer.lateness, offer.capacity)


def _loses_by_what_it_says(
    asked: Asked, rival: Event, by_name: dict[tuple[str, str], Lane], left_over: int, cost: int
) -> set[Offer]:
    """A runner-up could have been chosen, fills as much, and would have cost what is said, part by part."""
    offers = []
    assert 0 < len(rival["pools"]) == len(set(rival["pools"])) <= asked.room
    for name in zip(rival["pools"], rival["carriers"], strict=True):
        offer = asked.offers[by_name[name]]
        assert isinstance(offer, Offer), f"{name} is told as dearer, and cannot ship: {offer}"
        offers.append(offer)
    assert rival["dearer"] >= 0
    assert asked.price(offers) == (left_over, cost + rival["dearer"]), f"{rival['pools']} would not cost that"
    parts = rival["cost"]
    assert sum(parts.values()) == cost + rival["dearer"]
    assert parts.get("lateness", 0) == sum(offer.lateness for offer in offers)
    assert parts.get("capacity", 0) == sum(offer.capacity for offer in offers)
    assert parts.get("split", 0) == asked.split_penalty * (len(offers) - 1)
    full = [offer.full_trucks for offer in offers]
    assert rival.get("full_trucks", []) == (full if any(full) else [])
    assert instant_ms(rival["ship_by"]) == max(offer.ship_by for offer in offers)
    assert instant_ms(rival["deliver_by"]) == max(offer.deliver_by for offer in offers)
    return set(offers)


STATIC = {"pool_paused", "channel_may_not_use", "does_not_serve_zone"}
"""Said of pools that are no candidates."""


def _could_not_serve(asked: Asked, why: Event, told: set[str]) -> None:
    for ruled_out in why.get("ruled_out", ()):
        reason, pools = ruled_out["reason"], set(ruled_out["pools"])
        assert len(pools) == len(ruled_out["pools"]) <= ruled_out["count"], "each pool is named once"
        assert not pools & told, f"{pools & told} can ship, and cannot: {reason}"
        served = {lane.pool for lane in asked.lanes}
        if reason in STATIC:
            assert not pools & served
        elif reason == "not_enough_stock":
            assert not any(asked.has_all(pool) for pool in pools), f"{pools} have everything"
            nothing = {pool for pool in served if not asked.has_any(pool)}
            lacking = {pool for pool in served if not asked.has_all(pool)}
            assert pools <= lacking
            assert len(nothing) <= ruled_out["count"] <= len(lacking)
        else:
            could_not = asked.could_not(reason)
            assert pools <= could_not, f"{pools - could_not} could serve, for all that {reason} says"
            assert ruled_out["count"] <= len(could_not)


def _accounts_for_every_lane(asked: Asked, why: Event, told: int | None) -> None:
    """Each lane is chosen, a runner-up, ruled out with its pool, or one of the others."""
    if not why.get("candidates"):
        return
    assert why["candidates"] == len(asked.lanes)
    ruled_out = [each for each in why.get("ruled_out", ()) if each["reason"] not in STATIC]
    out = sum(each["count"] for each in ruled_out)
    if len({lane.pool for lane in asked.lanes}) < len(asked.lanes):
        if any(each["count"] > len(each["pools"]) for each in ruled_out):
            return  # Nobody knows how many carriers the pools have that are not named.
        pools = {pool for each in ruled_out for pool in each["pools"]}
        out = sum(lane.pool in pools for lane in asked.lanes)
    if told is None:
        if asked.room == 1 and asked.total and len({each.sku for each in asked.wanted}) == len(asked.wanted):
            # Where one could, and something else waits, the others were not all looked at.
            could = any(asked.could_send_all(lane) for lane in asked.lanes)
            assert could or out == len(asked.lanes), "one has to send all, and who could not is ruled out"
        return
    assert told + out + why.get("others", 0) == len(asked.lanes), (
        "some lanes are told of twice, or not at all"
    )


def _says_what_waits(asked: Asked, decision: Event, left_over: int, shipments: int) -> None:
    """The note's figures, and `proved`, against the best of all plans."""
    note = FULL_TRUCKS.sub("", decision["why"].get("note", ""))
    if not left_over and not asked.unknown:
        assert note == (NONE_ALONE if asked.is_split_of_need(shipments) else ""), "all has a place"
    if asked.room <= 0 or not asked.total:
        return
    best = asked.best(asked.room)
    no_place, kept_back = NO_PLACE.search(note), KEPT_BACK.search(note)
    behind = int(no_place[1]) if no_place else 0
    if decision["proved"] and (no_place or shipments):
        assert behind == best[0], f"{best[0]} units find no place: {note}"
    if shipments:
        assert left_over == behind + (int(kept_back[1]) if kept_back else 0), note
        if decision["proved"]:
            among = asked.best(asked.room - 1) if LAST_KEPT in note else best
            assert (left_over, decision["why"].get("cost", 0)) == among, "there is a better plan"
    elif NONE_ALONE in note:
        assert best[0] or not decision["proved"], note
    else:
        assert not left_over or note, "units stay open and nobody says why"
