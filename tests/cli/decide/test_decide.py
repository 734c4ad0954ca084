"""`sluice decide`: the same bytes every time, bad lines as dead letters, time as the events tell it."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.main import main
from tests.promises import promise
from tests.published import MORNING, count, order

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("decide") / "network"
    main_ok(["init", str(directory)])
    return directory


def code_of(*arguments: str) -> int:
    """A verb in this process: its exit code."""
    with pytest.raises(SystemExit) as exit_:
        main(arguments)
    return exit_.value.code if isinstance(exit_.value.code, int) else 0


def main_ok(arguments: list[str]) -> None:
    assert code_of(*arguments) == 0


def child(hash_seed: int, *arguments: str) -> "subprocess.CompletedProcess[bytes]":
    environment = {**os.environ, "PYTHONHASHSEED": str(hash_seed), "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-m", "cli.main", "decide", *arguments],
        capture_output=True, env=environment, check=False,
    )  # fmt: skip


Ended = Callable[..., tuple[int, bytes, bytes]]
Decide = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def ended(capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Ended:
    """Runs the verb in this process with this input; its exit code, its output and its errors."""

    def run(*arguments: str, stdin: bytes = b"") -> tuple[int, bytes, bytes]:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        capfdbinary.readouterr()
        code = code_of("decide", *arguments)
        return code, *capfdbinary.readouterr()

    return run


@pytest.fixture
def decide(network: Path, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> Decide:
    """Runs the verb in this process on these lines and gives its JSON lines."""

    def run(*lines: dict[str, Any] | bytes, options: tuple[str, ...] = ()) -> list[dict[str, Any]]:
        file = tmp_path / "events.jsonl"
        file.write_bytes(
            b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines)
        )
        capfdbinary.readouterr()
        main_ok(["decide", str(network), str(file), "--json", *options])
        return [json.loads(line) for line in capfdbinary.readouterr().out.splitlines()]

    return run


def on(publications: list[dict[str, Any]], topic: str) -> list[dict[str, Any]]:
    return [each for each in publications if each["topic"] == topic]


@promise("P6")
def test_two_hash_seeds_give_the_same_bytes(network: Path) -> None:
    options = (str(network), "--rows", "--until", "2100-01-01T00:00:00Z")
    one, other = child(1, *options), child(2, *options)
    assert one.returncode == 0, one.stderr
    assert one.stdout == other.stdout
    assert one.stdout.count(b'"order.decided"') >= 10
    text = child(3, str(network), "--text"), child(4, str(network), "--text")
    assert text[0].stdout == text[1].stdout


def test_standard_input_gives_what_the_file_gives(network: Path, ended: Ended) -> None:
    events = (network / "events.jsonl").read_bytes()
    from_file, from_stdin = ended(str(network)), ended(str(network), "-", stdin=events)
    assert from_file == from_stdin
    assert b'"order.decided"' in from_file[1]


def test_notices_only_unless_rows_are_asked_for(decide: Decide) -> None:
    events = (count("mug-blue", "dc-paris", 5, 1), order("O-1", "mug-blue"))
    topics = {each["topic"] for each in decide(*events)}
    assert topics == {"exceptions", "decisions", "allocations.manhattan"}
    assert {"ledger", "order-book", "catalog", "router-state", "journal"} < {
        each["topic"] for each in decide(*events, options=("--rows",))
    }


@promise("P3")
def test_bad_lines_become_dead_letters_and_the_rest_goes_on(decide: Decide) -> None:
    publications = decide(
        b'{"type": "order.pla',
        count("mug-blue", "dc-pariss", 5, 1),
        count("mug-blue", "dc-paris", 5, 2) | {"type": "stock.countd"},
        b"\xff\xfe",
        count("mug-blue", "dc-paris", 5, 3),
        order("O-1", "mug-blue"),
    )
    letters = on(publications, "dead-letters")
    assert [letter["headers"]["reason"] for letter in letters] == [
        "malformed_json", "unknown_pool", "unknown_type", "malformed_json",
    ]  # fmt: skip
    assert letters[0]["value"] == '{"type": "order.pla'
    assert letters[3]["value_base64"] == "//4="
    assert letters[2]["headers"]["topic"] == "inventory"
    (decision,) = on(publications, "decisions")
    assert decision["value"]["data"]["shipments"][0]["pool"] == "dc-paris"


def test_what_is_due_before_an_event_fires_first_and_until_lets_the_rest_fire(decide: Decide) -> None:
    events = (
        count("mug-blue", "dc-paris", 5, 1),
        order("O-1", "mug-blue", channel="stores", commitment="request"),
        count("mug-blue", "dc-leipzig", 5, 1, "2026-11-23T16:00:00Z"),
    )
    causes = [each["value"]["data"]["cause"] for each in on(decide(*events), "decisions")]
    assert causes == ["order.placed", "release_due"]
    early = decide(*events[:2])
    assert [each["value"]["data"]["cause"] for each in on(early, "decisions")] == ["order.placed"]
    late = decide(*events[:2], options=("--until", "2026-11-23T23:00:00Z"))
    released = on(late, "decisions")[1]["value"]["data"]
    assert released["cause"] == "release_due"
    assert released["decided_at"] == released["shipments"][0]["release_at"]


def test_an_earlier_time_happens_at_the_time_of_the_one_before(decide: Decide) -> None:
    publications = decide(
        count("mug-blue", "dc-paris", 5, 1, "2026-11-23T12:00:00Z"), order("O-1", "mug-blue", time=MORNING)
    )
    assert on(publications, "decisions")[0]["value"]["data"]["decided_at"] == "2026-11-23T12:00:00.000Z"


def test_nothing_but_unreadable_lines_needs_a_day(decide: Decide, network: Path, ended: Ended) -> None:
    code, out, said = ended(str(network), "-", stdin=b"[]\n")
    assert (code, out) == (2, b"")
    assert b"-: its only line cannot be read as an event, so nothing says when it happens" in said
    assert b"--today 2026-11-23" in said
    (letter,) = on(decide(b"[]", options=("--today", "2026-11-23")), "dead-letters")
    assert letter["headers"]["reason"] == "invalid_field"


def test_the_only_line_is_blamed_for_its_own_fault(network: Path, ended: Ended) -> None:
    line = json.dumps(count("mug-blue", "dc-paris", -1, 1)).encode()
    code, out, said = ended(str(network), "-", stdin=line)
    assert (code, out) == (2, b"")
    assert b"  -:1: Expected `int` >= 0 - at `$.data.quantity`" in said


def test_a_byte_order_mark_is_no_part_of_an_event(decide: Decide, network: Path, ended: Ended) -> None:
    line = json.dumps(count("mug-blue", "dc-pariss", 5, 1)).encode()
    (letter,) = on(decide(b"\xef\xbb\xbf" + line), "dead-letters")
    assert (letter["headers"]["reason"], letter["value"]) == ("unknown_pool", line.decode())
    code, out, said = ended(str(network), "-", stdin=line.decode().encode("utf-16"))
    assert (code, out) == (2, b"")
    assert b"the events are in UTF-16; save the file as UTF-8" in said


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere"], "nowhere is no directory; write an example with: sluice init nowhere"),
        (["{network}", "nowhere.jsonl"], "nowhere.jsonl cannot be read"),
        (["no where"], "no where is no directory; write an example with: sluice init 'no where'"),
        (
            ["{network}", "--until", "tomorrow"],
            '--until "tomorrow" is no time in UTC; write it as 2026-11-24T18:00:00Z\n',
        ),
        (
            ["{network}", "--until", "2026-11-25"],
            '--until "2026-11-25" is no time in UTC; write it as 2026-11-24T18:00:00Z\n',
        ),
        (["{network}", "--today", "yesterday"], '--today "yesterday" is no day; write it as 2026-11-24\n'),
        (["{network}", "--topic", "order"], '--topic "order" is no input topic'),
    ],
)
def test_a_faulty_command_says_what_is_wrong(
    arguments: list[str], message: str, network: Path, ended: Ended
) -> None:
    code, out, said = ended(*[argument.replace("{network}", str(network)) for argument in arguments])
    assert (code, out) == (2, b"")
    assert message in said.decode()


def test_a_person_reads_what_was_decided_and_why(
    network: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "events.jsonl"
    lines = [
        count("mug-blue", "dc-paris", 5, 1),
        count("mug-blue", "dc-paris", 5, 1) | {"id": "again"},
        count("mug-blue", "store-paris", 1, 1),
        order("O-1", "mug-blue", 2),
        order("O-1", "mug-blue", 2),
        order("O-2", "no-such-sku"),
    ]
    file.write_text("\n".join(map(json.dumps, lines)) + "\nnot json\n", encoding="utf-8")
    main_ok(["decide", str(network), str(file), "--text"])
    text = capsys.readouterr().out
    for sentence in (
        f"{file}:1  1 stock.counted: taken",
        f"{file}:2  stock.counted: no effect, something newer is known",
        "O-1/1   Mon 23 Nov 09:00:00 UTC   because the order was placed",
        "dc-paris: 2 mug-blue   (colissimo standard, O-1/1/1)",
        "ship by Mon 23 Nov 16:30, deliver by Tue 24 Nov 20:00; manhattan was told",
        "not enough stock",
        "units: all 2 released to the warehouse",
        f"{file}:5  order.placed: no effect, it was taken before",
        'EXCEPTION unknown_item: order "O-2" asks for "no-such-sku"',
        "ways out: apply the item; cancel the line",
        "DEAD LETTER malformed_json: this is not JSON",
        "7 events: 2 decisions, 1 exception, 1 dead letter",
    ):
        assert sentence in text
