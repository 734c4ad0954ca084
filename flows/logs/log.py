"""What the router says: readable lines for a person, JSON lines for a machine; never a secret, never a
payload.

Every JSON line has the same first fields, so that lines of one bundle and of one order are found together:

- `time`, `level`, `event` (a stable word), `message` (the sentence of the readable form)
- `instance`, the process that speaks, and `partition`, null where the line is about the process as a whole
- `bundle`, as partition/sequence, and `order`, where there is one

docs/logs.md lists every event with its fields.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, TextIO

from flows.logs.stream import LogStream
from infra.redaction import Redactor

LEVELS = ("debug", "info", "warning", "error")
ORDINARY = ("debug", "info")
LAST_WAIT_S = 1.0


class Log:
    """Lines on stderr, which wait for nobody.  `event` is a stable word for machines, the sentence is for people.

    Sentences and fields are put together from names, numbers, offsets and reasons, never from what a record holds;
    `redactor` is for what others say, such as the errors of the Kafka client. `on_left_out` is told of each line that
    had to be left out because nobody took those before it, or that could not be written.
    """

    def __init__(
        self,
        style: str = "text",
        stream: TextIO | None = None,
        *,
        level: str = "info",
        instance: str = "",
        redactor: Redactor | None = None,
        on_left_out: Callable[[], None] = lambda: None,
    ) -> None:
        self.is_json = style == "json"
        self._stream = LogStream(stream or sys.stderr)
        self._lowest = LEVELS.index(level)
        self._instance = instance or f"{socket.gethostname()}/{os.getpid()}"
        self.redactor = redactor or Redactor()
        self._on_left_out = on_left_out
        self._left_out = 0
        self._lock = threading.Lock()

    def says(self, level: str) -> bool:
        """Whether lines of this level are written: for whoever must work to put one together."""
        return LEVELS.index(level) >= self._lowest

    def debug(self, event: str, sentence: str, **fields: Any) -> None:
        self._write("debug", event, sentence, fields)

    def info(self, event: str, sentence: str, **fields: Any) -> None:
        self._write("info", event, sentence, fields)

    def warning(self, event: str, sentence: str, **fields: Any) -> None:
        self._write("warning", event, sentence, fields)

    def error(self, event: str, sentence: str, **fields: Any) -> None:
        self._write("error", event, sentence, fields)

    def catch_up(self) -> None:
        """Say how many lines were left out, once those before them are taken; there may be no next line to do it."""
        if self._left_out or self._stream.has_lost:
            with self._lock:
                self._tell_left_out()

    def close(self) -> None:
        """Give whoever takes the lines a moment for the last ones; whoever does not keeps no process from ending."""
        with self._lock:
            self._stream.wait(LAST_WAIT_S)
            self._tell_left_out()
            if self._stream.is_late:
                self._stream.let_go()

    def _write(self, level: str, event: str, sentence: str, fields: dict[str, Any]) -> None:
        if not self.says(level):
            return
        line = self._line(level, event, sentence, fields)
        with self._lock:
            self._tell_left_out()
            if not self._stream.put(line, is_ordinary=level in ORDINARY):
                self._leave_out(1)

    def _leave_out(self, count: int) -> None:
        self._left_out += count
        for _ in range(count):
            self._on_left_out()

    def _tell_left_out(self) -> None:
        """The caller holds the lock."""
        self._leave_out(self._stream.take_lost())
        # Where the last line was lost this one would be as well, and with it how many there were.
        if self._left_out and not self._stream.is_late and not self._stream.is_failing:
            sentence = (
                f"{self._left_out:,} lines before this one are left out: nobody took those before them, or they could "
                "not be written"
            )
            line = self._line("warning", "unread", sentence, {"left_out": self._left_out})
            self._left_out = 0
            self._stream.put(line, is_ordinary=False)

    def _line(self, level: str, event: str, sentence: str, fields: dict[str, Any]) -> str:
        now_s = time.time()
        sentence = self.redactor.text(sentence)
        if self.is_json:
            return self._json_line(now_s, level, event, sentence, fields) + "\n"
        mark = "" if level == "info" else f"{level.upper()}: "
        return f"{time.strftime('%H:%M:%S', time.localtime(now_s))} {mark}{sentence}\n"

    def _json_line(self, now_s: float, level: str, event: str, sentence: str, fields: dict[str, Any]) -> str:
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now_s)) + f".{int(now_s % 1 * 1000):03d}Z"
        partition, sequence, order = (
            fields.pop("partition", None),
            fields.get("sequence"),
            fields.pop("order", None),
        )
        line: dict[str, Any] = {
            "time": stamp, "level": level, "event": event, "message": sentence,
            "instance": self._instance, "partition": partition,
        }  # fmt: skip
        if partition is not None and sequence is not None:
            line["bundle"] = f"{partition}/{sequence}"
        if order is not None:
            line["order"] = order
        return json.dumps({**line, **self.redactor.value(fields)})
