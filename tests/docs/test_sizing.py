"""The sizing page says what is computed from the benchmarks as they stand."""

from __future__ import annotations

import re

import pytest

from docs.sizing import BENCHMARKS, PAGE, TABLE, TABLES, UTILISATION, Measured, measured, plan, refreshed

FOUND = Measured(
    orders_per_s=1_000, bytes_out=3_000, bytes_in=1_000, restored_rows_per_s=100_000, bytes_a_row=1_000
)


def test_the_page_is_computed_from_the_benchmarks_as_they_stand() -> None:
    page = PAGE.read_text(encoding="utf-8")
    found = measured(BENCHMARKS.read_text(encoding="utf-8"))
    assert {block["name"] for block in TABLE.finditer(page)} == TABLES.keys()
    assert refreshed(page, found) == page, "remedy: python -m docs.sizing"


def test_other_measurements_make_another_page() -> None:
    page = PAGE.read_text(encoding="utf-8")
    slower = BENCHMARKS.read_text(encoding="utf-8")
    slower = re.sub(r"^(router +)[\d,]+$", r"\g<1>500", slower, flags=re.MULTILINE)
    assert measured(slower).orders_per_s == 500
    assert refreshed(page, measured(slower)) != page


def test_a_line_that_is_not_there_any_more_is_told() -> None:
    with pytest.raises(ValueError, match="rows/s"):
        measured(BENCHMARKS.read_text(encoding="utf-8").replace("rows/s", "rows per second"))


def test_the_busiest_second_decides_how_many_processes_there_are() -> None:
    # 250 orders a second in the busiest one: half of the thousand is used, and each order costs twice.
    assert plan(4, 3_600_000, 100, FOUND).peak_orders_per_s == 250
    assert [plan(4, orders, 100, FOUND).processes for orders in (3_600_000, 3_700_000, 7_300_000)] == [
        2,
        3,
        4,
    ]


def test_a_network_is_never_divided() -> None:
    assert plan(1, 3_600_000, 100, FOUND).fits
    beyond = plan(1, 7_200_000, 100, FOUND)
    assert (beyond.fits, beyond.processes) == (False, 2)
    assert plan(2, 7_200_000, 100, FOUND).fits


def test_those_that_are_left_can_hold_everything() -> None:
    one = plan(1, 1_000, 1_000_000, FOUND)
    assert one.process_bytes == one.standby_bytes
    many = plan(8, 8 * 3_600_000, 8_000_000, FOUND)
    assert many.processes == 9
    assert many.process_bytes == one.process_bytes
    assert many.standby_bytes > 7 * 1_000_000_000
    assert many.restore_s == one.restore_s == 10.0


def test_partitions_are_twice_the_networks() -> None:
    assert [plan(networks, 1, 1, FOUND).partitions for networks in (1, 4, 5, 20)] == [8, 8, 16, 64]


def test_the_disk_of_a_day_is_what_is_sent_and_published() -> None:
    assert plan(1, 1_000, 1, FOUND).disk_bytes_per_day == 1_000 * 4_000 * 2 * 3
    assert 0 < UTILISATION < 1
