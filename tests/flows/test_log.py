"""Lines for people, or for machines."""

from __future__ import annotations

import io
import json

from flows.log import Log


def test_json_lines_carry_event_sentence_and_fields() -> None:
    stream = io.StringIO()
    Log("json", stream).warning("setback", "it failed", partition=3)
    line = json.loads(stream.getvalue())
    assert line.pop("time").endswith("Z")
    assert line == {"level": "warning", "event": "setback", "message": "it failed", "partition": 3}


def test_readable_lines_are_the_sentence() -> None:
    stream = io.StringIO()
    log = Log("text", stream)
    log.info("ready", "partition 0 is ready", partition=0)
    log.error("stopped", "partition 0 stops")
    lines = [line.partition(" ")[2] for line in stream.getvalue().splitlines()]
    assert lines == ["partition 0 is ready", "ERROR: partition 0 stops"]
