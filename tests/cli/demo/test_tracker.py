"""What the demo reads of the topics while its story goes on."""

from __future__ import annotations

import pytest
from msgspec import structs

from cli.demo.tracker import Tracker
from infra.kafka.broker import LocalKafka
from operators.stock import new_row
from schemas.codec import encode_key, row_encoder
from schemas.formats import FORMAT
from schemas.kinds import LEDGER
from schemas.rows import Row, SlotRow, row_key
from tests.published import HOME, NETWORK, cluster

pytestmark = pytest.mark.kafka


def test_a_day_of_which_nothing_is_taken_any_more_ends_no_story(kafka: LocalKafka, prefix: str) -> None:
    there = cluster(kafka.bootstrap, prefix)
    taken = SlotRow(NETWORK, "dc-paris", 20_000, 1)
    promised = structs.replace(new_row(NETWORK, "dc-paris", "mug-blue", ""), reserved=2)
    there.publish([_put(taken), (LEDGER, encode_key(row_key(taken)), None, None), _put(promised)])
    tracker = Tracker(kafka.bootstrap, prefix, HOME, ("manhattan",))
    try:
        assert tracker.wait_until(lambda figures: figures.oversold == 2, timeout_s=30)
    finally:
        tracker.close()


def _put(row: Row) -> tuple[str, bytes, bytes, None]:
    return LEDGER, encode_key(row_key(row)), row_encoder(FORMAT)(row), None
