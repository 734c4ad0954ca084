"""`sluice init` and `sluice check` as a person and a program meet them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.main import main
from tests.cli.network_dir.small import FILES, edited, write_small


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    printed = capsys.readouterr()
    code = ended.value.code
    return (code if isinstance(code, int) else 0), printed.out, printed.err


def test_the_example_checks_clean_and_says_what_comes_next(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    directory = str(tmp_path / "network")
    code, out, _ = run(capsys, "init", directory)
    assert code == 0
    assert f"Next: sluice check {directory}" in out
    code, out, err = run(capsys, "check", directory)
    assert (code, err) == (0, "")
    assert out.startswith("network eu: 16 pools, 500 items, ")
    assert out.endswith(f"Next: sluice apply {directory}\n")


def test_the_next_command_can_be_pasted(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    directory = str(tmp_path / "my net")
    _, out, _ = run(capsys, "init", directory)
    assert f"Next: sluice check '{directory}'\n" in out
    assert f"sluice apply '{directory}', sluice run,\n      sluice send '{directory}/events.jsonl'\n" in out
    _, out, _ = run(capsys, "check", directory)
    assert out.endswith(f"Next: sluice apply '{directory}'\n")


def test_a_faulty_directory_is_2_with_every_fault(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    directory = write_small(tmp_path / "network", items_csv="sku,unit\nA,KG\nB,L\n")
    code, out, err = run(capsys, "check", str(directory))
    assert (code, out) == (2, "")
    assert err.splitlines() == [
        'items.csv:2: unit "KG" is no UN/CEFACT unit code; did you mean "KGM" (kilogram)?',
        'items.csv:3: unit "L" is no UN/CEFACT unit code; did you mean "LTR" (litre)?',
        f"2 faults in {directory}",
    ]


def test_warnings_refuse_nothing(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    directory = write_small(tmp_path / "network", network_toml=FILES["network.toml"] + "[calendars.spare]\n")
    code, out, err = run(capsys, "check", str(directory))
    assert code == 0
    assert "1 warning\n" in out
    assert err.startswith("network.toml:13: warning: calendars.spare ")


def test_a_program_gets_json(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    _, out, _ = run(capsys, "check", str(write_small(tmp_path / "sound")), "--json")
    assert json.loads(out)["network"] == "eu"
    assert json.loads(out)["holds"] == {
        "pool": 2, "item": 1, "lane": 2, "zone": 1, "service level": 1, "channel": 1, "country": 1, "time zone": 1,
    }  # fmt: skip
    lanes = edited("lanes.csv", "dc-paris", "dc-pari")
    code, out, _ = run(capsys, "check", str(write_small(tmp_path / "faulty", lanes_csv=lanes)), "--json")
    assert code == 2
    assert json.loads(out)["faults"] == [
        {
            "file": "lanes.csv",
            "line": 2,
            "message": 'pool "dc-pari" is not in pools.csv; did you mean "dc-paris"?',
            "severity": "fault",
        }
    ]


def test_init_refuses_a_directory_that_holds_something(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "mine.txt").touch()
    code, _, err = run(capsys, "init", str(tmp_path))
    assert code == 2
    assert "is not empty, and nothing in it was touched" in err
