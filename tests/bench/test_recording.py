"""Recorded outputs: nothing is left out when they are dealt to orders, and files give back what they got."""

from pathlib import Path

import msgspec

from bench.pass_through import dealt
from bench.recording import Output, Recorded, load, save


def outputs(topic: str, count: int) -> list[Output]:
    return [Output(topic, f"{topic}-{number}".encode(), b"{}") for number in range(count)]


def test_a_file_gives_back_the_bundles(tmp_path: Path) -> None:
    bundles = [
        Recorded(2, [Output("decisions", b"o-1", b"{}"), Output("ledger", b"k", None)]),
        Recorded(0, []),
    ]
    save(bundles, tmp_path / "bundles")
    assert msgspec.to_builtins(load(tmp_path / "bundles")) == msgspec.to_builtins(bundles)


def test_every_order_gets_its_share_of_each_topic() -> None:
    all_outputs = (
        outputs("decisions", 4)
        + outputs("ledger", 9)
        + outputs("allocations.a", 3)
        + outputs("allocations.b", 1)
    )
    parts = dealt(all_outputs, 4)
    assert len(parts) == 4
    assert sorted(output.key or b"" for part in parts for output in part) == sorted(
        output.key or b"" for output in all_outputs
    )
    for at, part in enumerate(parts):
        assert [output.key for output in part if output.topic == "decisions"] == [f"decisions-{at}".encode()]
        assert sum(output.topic.startswith("allocations.") for output in part) == 1
        assert 2 <= sum(output.topic == "ledger" for output in part) <= 3
