"""Stock rows that a restore leaves packed: nobody who asks can tell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from schemas.codec import encode_key, encode_row
from schemas.digest import DIGEST_MASK, row_hash
from schemas.inventory import GOOD
from schemas.rows import StockRow, row_key
from state.ledger import Ledger
from state.packed import PackedStock, packable
from state.partition import Partition, RestoreFault
from tests.memory import unpacked

NETWORK = "shop"
PLAIN = StockRow(
    NETWORK, "berlin", "lamp", GOOD, version=1, on_hand=5, reserved=2, released=0, blocked=0, suspect=0, base=5, mark=0,
    floor=-1, moves=(), holds=(), documents=(), suspect_position=-1, uncertain=False, counted=True,
)  # fmt: skip

any_text = st.text(max_size=6) | st.sampled_from(['"', "\\", "],[],[", '"],[],["', "näh", "[", ","])
counts = st.integers(-3, 2**40)
any_row = st.builds(
    replace,
    st.just(PLAIN),
    network=any_text,
    pool=any_text,
    sku=any_text,
    stock_class=any_text,
    on_hand=counts,
    moves=st.lists(st.tuples(counts, counts), max_size=3).map(tuple),
    holds=st.lists(st.tuples(counts, counts, any_text), max_size=2).map(tuple),
    documents=st.lists(any_text, max_size=3).map(tuple),
)


@given(any_row)
@example(replace(PLAIN, holds=((7, 1, "],[],["),), documents=("],[],[",)))
@example(replace(PLAIN, moves=((1, 2), (3, 4)), documents=("],[],[",)))
def test_a_row_stays_packed_when_nothing_of_it_ends_by_itself(row: StockRow) -> None:
    value = encode_row(row)
    may_stay = not row.holds and b"\\" not in value
    assert packable(value) == ((row.network, row.sku) if may_stay else None)


def test_no_other_row_stays_packed() -> None:
    assert packable(b'["slot.1","shop","berlin",738000,4]') is None
    assert packable(b'["stock.2","shop","berlin","lamp","good",1,0,[],[],[],0]') is None, "a shape to come"
    assert packable(b'["stock.1","shop"') is None


few_rows = st.lists(
    st.builds(
        replace,
        st.just(PLAIN),
        pool=st.sampled_from(["berlin", "paris"]),
        sku=st.sampled_from(["lamp", "mug"]),
        stock_class=st.sampled_from([GOOD, "damaged"]),
        on_hand=st.integers(0, 4),
        holds=st.sampled_from([(), (), ((9, 1, "b1"),)]),
    ),
    max_size=12,
)


Question = Callable[[Ledger, str], Any]

questions: list[Question] = [
    lambda ledger, sku: ledger.free(sku),
    lambda ledger, sku: ledger.row("berlin", sku),
    lambda ledger, sku: ledger.row("berlin", sku, "damaged"),
    lambda ledger, sku: {(row.pool, row.stock_class) for row in ledger.rows_of(sku)},
]


@given(
    few_rows, st.lists(st.tuples(st.sampled_from(questions), st.sampled_from(["lamp", "mug"])), max_size=4)
)
def test_what_is_read_back_is_the_same_however_it_was_packed(
    rows: list[StockRow], asked: list[tuple[Question, str]]
) -> None:
    """Each row as it is restored, between questions that unpack what came so far, beside one that is only put."""
    partition = Partition(0, 1)
    network = partition.network(NETWORK)
    plain = Ledger(PackedStock({}))
    hashes: dict[bytes, int] = {}
    for at, row in enumerate(rows):
        key, value = encode_key(row_key(row)), encode_row(row)
        partition.restore_row(key, value)
        plain.put(row)
        hashes[key] = row_hash(key, value)
        for question, sku in asked[at : at + 1]:
            assert question(network.ledger, sku) == question(plain, sku)
    assert partition.digest == sum(hashes.values()) & DIGEST_MASK
    assert partition.row_count == len(hashes)
    assert {due_ms for due_ms, _, _ in network.timers.due(9)} == {
        hold[0] for row in rows for hold in row.holds
    }
    ledger = unpacked(network).ledger
    assert (ledger.good, ledger.other, ledger.available) == (plain.good, plain.other, plain.available)
    assert partition.row_hashes == hashes
    assert partition.row_count == len(hashes)


@pytest.mark.parametrize("row", [PLAIN, replace(PLAIN, holds=((9, 1, "b1"),))], ids=["packed", "unpacked"])
def test_a_row_that_somebody_deletes_from_its_topic_leaves_the_digest(row: StockRow) -> None:
    """The head still counts it, so the restore stops."""
    partition = Partition(0, 1)
    key = encode_key(row_key(row))
    partition.restore_row(key, encode_row(row))
    partition.restore_row(key, None)
    assert (partition.digest, partition.row_count) == (0, 0)


def packed_ledger(*rows: StockRow) -> Ledger:
    partition = Partition(0, 1)
    for row in rows:
        partition.restore_row(encode_key(row_key(row)), encode_row(row))
    ledger = partition.network(NETWORK).ledger
    assert ledger.packed.count == len(rows)
    return ledger


def test_a_question_unpacks_its_own_sku_alone() -> None:
    ledger = packed_ledger(PLAIN, replace(PLAIN, pool="paris"), replace(PLAIN, sku="mug"))
    assert ledger.free("lamp") == {"berlin": 3, "paris": 3}
    assert ledger.packed.skus() == ["mug"]
    assert [row.sku for row in ledger.rows_of("mug")] == ["mug"]
    assert ledger.packed.count == 0


def test_safety_stock_counts_for_what_is_packed_and_unpacks_nothing() -> None:
    ledger = packed_ledger(PLAIN)
    ledger.set_safety({"lamp": {"berlin": 2}})
    assert ledger.packed.count == 1
    assert ledger.free("lamp") == {"berlin": 1}


def test_packed_rows_without_a_head_are_a_contradiction() -> None:
    partition = Partition(0, 1)
    partition.restore_row(encode_key(row_key(PLAIN)), encode_row(PLAIN))
    with pytest.raises(RestoreFault, match="1 rows"):
        partition.finish_restore()
