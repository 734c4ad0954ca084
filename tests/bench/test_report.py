"""The report: targets beside numbers, and only the numbers of the page are replaced."""

from pathlib import Path

import pytest

from bench.__main__ import main
from bench.journal import Rate
from bench.machine import this_machine
from bench.report import END, PAGE, Results, paste, text
from bench.restore import Restored, Restores
from bench.takeover import TakeOver, TakeOvers
from bench.throughput import Pair, Throughput

PROVENANCE = ("machine", "measured_on", "is_quick")


def results() -> Results:
    def pair(router: int, pass_through: int) -> Pair:
        return Pair(Rate(router, 1.0, 3), Rate(pass_through, 1.0, 3), 0.5, 0.1, 100, 500, 5_000, None)

    def take_over(seconds: float) -> TakeOver:
        return TakeOver(seconds, 0.3, 1_100, 7, 2**20)

    return Results(
        machine=this_machine(),
        measured_on="2026-11-23",
        is_quick=False,
        throughput=Throughput([pair(40, 100), pair(30, 100), pair(90, 100)]),
        restore=Restores(1_000, 2**20, [Restored(1_100, 13.0, 2**20)]),
        takeover=TakeOvers(1_000, [take_over(15.0)], [take_over(9.0), take_over(7.0), take_over(6.5)]),
    )


def test_the_median_ratio_meets_its_target_and_a_miss_is_said_of_a_single_take_over_too() -> None:
    said = [line.split()[0] for line in text(results()).splitlines() if "(target " in line]
    assert said == ["met", "MISSED", "met", "MISSED"]
    assert "0.40" in text(results())


def test_pasting_replaces_what_was_measured_and_nothing_else(tmp_path: Path) -> None:
    def place(name: str) -> str:
        return f"<!-- measured: {name} -->\nold {name}\n{END}\n"

    names = ("throughput", "latency", "restore", "takeover")
    page = tmp_path / "benchmarks.md"
    page.write_text("before\n" + "between\n".join(map(place, names)) + "after\n")
    paste(results(), page)
    pasted = page.read_text()
    assert pasted.startswith("before\n<!-- measured: throughput -->\n### Throughput")
    assert pasted.endswith(f"```\n{END}\nafter\n")
    assert [name for name in names if f"old {name}" in pasted] == ["latency"]
    assert pasted.count("between") == 3
    paste(results(), page)
    assert page.read_text() == pasted


def test_a_page_without_a_place_is_refused(tmp_path: Path) -> None:
    page = tmp_path / "benchmarks.md"
    page.write_text(f"<!-- measured: latency -->\n{END}\n")
    with pytest.raises(ValueError, match="no place"):
        paste(results(), page)
    assert page.read_text() == f"<!-- measured: latency -->\n{END}\n"


def test_the_real_page_has_a_place_for_each_measurement() -> None:
    words = PAGE.read_text()
    places = [field for field in Results.__struct_fields__ if f"<!-- measured: {field} -->\n" in words]
    assert places == [field for field in Results.__struct_fields__ if field not in PROVENANCE]


def test_what_was_measured_quickly_is_not_pasted(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--quick", "--paste"])
    assert "mean nothing" in capsys.readouterr().err
