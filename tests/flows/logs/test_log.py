"""Lines for people, or for machines."""

from __future__ import annotations

import ast
import io
import json
import re
from pathlib import Path

import pytest

from flows.logs.log import LEVELS, Log
from infra.redaction import REDACTED, Redactor

ROOT = Path(__file__).parents[3]
WRITERS = {"debug", "info", "warning", "error"}


def test_json_lines_carry_event_sentence_and_fields() -> None:
    stream = io.StringIO()
    Log("json", stream, instance="router-1").warning("setback", "it failed", partition=3, count=2)
    line = json.loads(stream.getvalue())
    assert line.pop("time").endswith("Z")
    assert line == {
        "level": "warning", "event": "setback", "message": "it failed", "instance": "router-1", "partition": 3,
        "count": 2,
    }  # fmt: skip


def test_a_line_names_the_bundle_and_the_order_that_it_is_about() -> None:
    stream = io.StringIO()
    log = Log("json", stream)
    log.info("decision", "decided", partition=3, sequence=1_841, order="O-1")
    log.info("ended", "over")
    about_order, about_process = map(json.loads, stream.getvalue().splitlines())
    assert (about_order["bundle"], about_order["order"]) == ("3/1841", "O-1")
    assert about_process["partition"] is None
    assert {"bundle", "order"}.isdisjoint(about_process)


def test_without_a_name_the_instance_is_the_process_on_its_host() -> None:
    stream = io.StringIO()
    Log("json", stream).info("ended", "over")
    assert re.fullmatch(r".+/\d+", json.loads(stream.getvalue())["instance"])


def test_readable_lines_are_the_sentence() -> None:
    stream = io.StringIO()
    log = Log("text", stream)
    log.info("ready", "partition 0 is ready", partition=0)
    log.error("stopped", "partition 0 stops")
    lines = [line.partition(" ")[2] for line in stream.getvalue().splitlines()]
    assert lines == ["partition 0 is ready", "ERROR: partition 0 stops"]


@pytest.mark.parametrize("level", LEVELS)
def test_lines_below_the_level_are_left_out(level: str) -> None:
    stream = io.StringIO()
    log = Log("json", stream, level=level)
    for write in (log.debug, log.info, log.warning, log.error):
        write("ended", "over")
    said = [json.loads(line)["level"] for line in stream.getvalue().splitlines()]
    assert said == list(LEVELS[LEVELS.index(level) :])


def test_a_stream_that_nobody_reads_any_more_ends_nothing() -> None:
    stream = io.StringIO()
    log = Log("json", stream)
    stream.close()
    log.error("stopped", "partition 0 stops")


def test_secrets_are_taken_out_of_sentences_and_fields() -> None:
    stream = io.StringIO()
    log = Log("json", stream, redactor=Redactor(["hush-hush"]))
    log.info("setback", "it said hush-hush", about={"deep": ["hush-hush", 3]})
    line = json.loads(stream.getvalue())
    assert line["message"] == f"it said {REDACTED}"
    assert line["about"] == {"deep": [REDACTED, 3]}


def _calls() -> list[tuple[str, str, set[str]]]:
    """Every line that the code may write: where, its event, and the names of its fields."""
    calls = []
    for room in ("flows", "bench", "cli"):
        for path in sorted((ROOT / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute | ast.Name):
                    continue
                name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
                if name in WRITERS | {"write"} and len(node.args) == 2 and room == "flows":
                    event = node.args[0].value if isinstance(node.args[0], ast.Constant) else "set.activated"
                    fields = {keyword.arg for keyword in node.keywords if keyword.arg}
                    calls.append((path.name, str(event), fields))
    return calls


def test_every_event_and_field_is_in_the_documentation() -> None:
    page = (ROOT / "docs/logs.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ((?:`[a-z_.]+`(?:, )?)+) \|.*?\| ([^|]*) \|$", page, re.MULTILINE)
    documented = {
        event: set(re.findall(r"`([a-z_]+)`", fields))
        for events, fields in rows
        for event in re.findall(r"`([a-z_.]+)`", events)
    }
    calls = _calls()
    assert len(calls) > 10
    for file, event, fields in calls:
        assert event in documented, f"{file} writes {event!r}, which docs/logs.md does not list"
        unknown = fields - documented[event] - {"partition", "sequence", "order"}
        assert not unknown, f"{file}: {event} has fields that docs/logs.md does not list: {unknown}"
