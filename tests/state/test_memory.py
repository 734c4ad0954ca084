"""What a partition remembers besides its rows: inputs seen, timers, what is free, and what a restore refuses."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.codec import UnreadableRow
from schemas.reference import AnyEntity, entity_key, entity_kind
from schemas.rows import StockRow
from state.catalog_faults import FAULTS_NAMED_MAX, faults_of
from state.ledger import Ledger, shortfall
from state.limits import Limits
from state.packed import PackedStock
from state.partition import RestoreFault
from state.seen import Seen
from state.timers import CUT_OFF, RELEASE, Timers
from tests.promises import promise
from tests.small_network import Entity, cutoff, lane, network, with_entities
from tests.world import World, counted, placed, restore

# --- inputs seen --------------------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 200), unique=True, max_size=150), st.integers(1, 64))
def test_the_latest_inputs_are_known_and_no_more_than_a_few_beyond(
    identities: list[int], window: int
) -> None:
    seen = Seen(window)
    for identity in identities:
        seen.add(identity, -identity)
    assert list(seen.contents)[-window:] == identities[-window:]
    assert len(seen.contents) <= window + max(1, window // 16)
    assert all(seen.contents[identity] == -identity for identity in identities[-window:])


@promise("P6")
@given(st.lists(st.lists(st.integers(0, 30), max_size=40), max_size=6), st.integers(1, 20))
def test_the_inputs_of_a_journal_are_known_as_if_each_had_come_by_itself(
    entries: list[list[int]], window: int
) -> None:
    """An input may come again once it is forgotten, in one bundle with what made the window forget it."""
    live, restored = Seen(window), Seen(window)
    for entry in entries:
        accepted = []
        for identity in entry:
            if identity not in live.contents:
                live.add(identity, -identity)
                accepted.append((identity, -identity))
        restored.add_all(accepted)
    assert list(restored.contents.items()) == list(live.contents.items())


# --- timers -------------------------------------------------------------------------------------------------


def test_timers_fire_by_due_time_kind_and_name_and_once() -> None:
    timers = Timers()
    for timer in [
        (5, RELEASE, "b"),
        (5, CUT_OFF, "b"),
        (3, RELEASE, "z"),
        (5, CUT_OFF, "a"),
        (5, CUT_OFF, "a"),
        (9, RELEASE, "a"),
    ]:
        timers.add(timer[0], timer[1], (timer[2],))
    assert timers.due(2) == []
    assert timers.due(5) == [
        (3, RELEASE, ("z",)),
        (5, CUT_OFF, ("a",)),
        (5, CUT_OFF, ("b",)),
        (5, RELEASE, ("b",)),
    ]
    assert timers.next_ms() == 9
    assert timers.due(9) == [(9, RELEASE, ("a",))]
    assert timers.next_ms() is None


# --- what is free -------------------------------------------------------------------------------------------


def stock_row(
    pool: str = "berlin",
    on_hand: int = 0,
    reserved: int = 0,
    blocked: int = 0,
    suspect: int = 0,
    stock_class: str = "good",
) -> StockRow:
    return StockRow(
        "shop", pool, "lamp", stock_class, version=1, on_hand=on_hand, reserved=reserved, released=0, blocked=blocked,
        suspect=suspect, base=on_hand, mark=0, floor=-1, moves=(), holds=(), documents=(), suspect_position=-1,
        uncertain=False, counted=True,
    )  # fmt: skip


@given(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9), st.integers(0, 9), st.integers(0, 9))
def test_available_is_what_is_free_and_only_where_it_is(
    on_hand: int, reserved: int, blocked: int, suspect: int, safety: int
) -> None:
    ledger = Ledger(PackedStock({}))
    ledger.set_safety({"lamp": {"berlin": safety}})
    ledger.put(stock_row(on_hand=on_hand, reserved=reserved, blocked=blocked, suspect=suspect))
    free = on_hand - reserved - blocked - suspect - safety
    assert ledger.available == ({"lamp": {"berlin": free}} if free > 0 else {})


@given(
    st.lists(st.tuples(st.sampled_from(["berlin", "paris"]), st.integers(0, 4)), max_size=8),
    st.integers(0, 3),
)
def test_safety_stock_set_before_or_after_the_rows_is_the_same(
    rows: list[tuple[str, int]], safety: int
) -> None:
    """A restore puts the rows first, live work the safety stock."""
    before, after = Ledger(PackedStock({})), Ledger(PackedStock({}))
    before.set_safety({"lamp": {"berlin": safety}})
    for ledger in (before, after):
        for pool, on_hand in rows:
            ledger.put(stock_row(pool, on_hand))
    after.set_safety({"lamp": {"berlin": 9}})
    after.set_safety({"lamp": {"berlin": safety}})
    assert before.available == after.available


def test_only_good_stock_is_available() -> None:
    ledger = Ledger(PackedStock({}))
    ledger.put(stock_row(on_hand=5, stock_class="damaged"))
    assert ledger.available == {}


def test_a_shortfall_is_what_was_promised_and_is_not_there() -> None:
    assert shortfall(stock_row(on_hand=5, reserved=4, blocked=2)) == 1
    assert shortfall(stock_row(on_hand=5, reserved=4)) == -1


# --- the catalog's faults -----------------------------------------------------------------------------------


def faults(*changed: Entity, without: str = "") -> list[str]:
    entities = [entity for entity in with_entities(network(), *changed) if entity["kind"] != without]
    stated = msgspec.convert(entities, type=list[AnyEntity])
    return faults_of({(entity_kind(entity), *entity_key(entity)): entity for entity in stated})


def test_the_small_network_has_no_fault() -> None:
    assert faults() == []


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        (lane("atlantis", "de", 1), 'lane atlantis/de/standard/post: pool names pool "atlantis"'),
        (lane("berlin", "mars", 1), 'lane berlin/mars/standard/post: zone names zone "mars"'),
        (lane("berlin", "de", 1, carrier="owl"), "lane berlin/de/standard/owl: no cutoff for berlin/owl/standard"),
        (cutoff("berlin", service="slow"), 'cutoff berlin/post/slow: service names service_level "slow"'),
        ({"kind": "carrier", "carrier": "owl", "calendar": "none"}, 'carrier owl: calendar names calendar "none"'),
        ({"kind": "channel", "channel": "web", "pools": ["x"], "policy": "planned"}, 'channel web: pools names'),
        ({"kind": "channel", "channel": "web", "pools": [], "policy": "x"}, 'channel web: policy names policy "x"'),
        ({"kind": "item_pool", "sku": "lamp", "pool": "x", "safety": 1}, 'item_pool lamp/x: pool names pool "x"'),
    ],
)  # fmt: skip
def test_every_reference_must_lead_somewhere(changed: Entity, sentence: str) -> None:
    assert any(fault.startswith(sentence) for fault in faults(changed))


def test_a_network_must_state_itself() -> None:
    assert faults(without="network") == ["no network entity: state the currency first"]


def test_faults_are_bounded() -> None:
    assert len(faults(*(lane(f"pool{number}", "de", 1) for number in range(60)))) == FAULTS_NAMED_MAX


# --- what a restore refuses ---------------------------------------------------------------------------------


def world() -> World:
    world = World(network(), Limits())
    world.send(counted("berlin", "lamp", 5, 10), placed("A", ("lamp", 2)))
    return world


def test_a_lost_row_is_seen() -> None:
    publications = [each for each in world().publications if each[0] != "ledger"]
    with pytest.raises(RestoreFault, match="a row was lost or changed"):
        restore(publications, Limits())


def test_a_lost_journal_head_is_seen() -> None:
    publications = [each for each in world().publications if each[1] != b'["head",0]']
    with pytest.raises(RestoreFault, match="no journal head"):
        restore(publications, Limits())


def test_a_lost_transaction_of_the_journal_is_seen() -> None:
    publications = world().publications
    journal = [each for each in publications if each[0] == "journal"]
    with pytest.raises(RestoreFault, match="lost a committed transaction"):
        restore([each for each in publications if each is not journal[-1]], Limits())


def test_a_row_of_a_newer_version_is_refused() -> None:
    newer = [
        (topic, key, value.replace(b"stock.1", b"stock.9") if value else value, headers)
        for topic, key, value, headers in world().publications
    ]
    with pytest.raises(UnreadableRow, match=r"stock\.9"):
        restore(newer, Limits())
