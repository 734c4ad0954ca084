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
from contextlib import suppress
from typing import Any, TextIO

from infra.redaction import Redactor

LEVELS = ("debug", "info", "warning", "error")


class Log:
    """Lines on stderr.  `event` is a stable word for machines, the sentence is for people.

    Sentences and fields are put together from names, numbers, offsets and reasons, never from what a record holds;
    `redactor` is for what others say, such as the errors of the Kafka client.
    """

    def __init__(
        self,
        style: str = "text",
        stream: TextIO | None = None,
        *,
        level: str = "info",
        instance: str = "",
        redactor: Redactor | None = None,
    ) -> None:
        self._json = style == "json"
        self._stream = stream or sys.stderr
        self._lowest = LEVELS.index(level)
        self._instance = instance or f"{socket.gethostname()}/{os.getpid()}"
        self.redactor = redactor or Redactor()
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

    def _write(self, level: str, event: str, sentence: str, fields: dict[str, Any]) -> None:
        if not self.says(level):
            return
        now_s = time.time()
        sentence = self.redactor.text(sentence)
        if self._json:
            line = self._json_line(now_s, level, event, sentence, fields)
        else:
            mark = "" if level == "info" else f"{level.upper()}: "
            line = f"{time.strftime('%H:%M:%S', time.localtime(now_s))} {mark}{sentence}"
        # Whoever collected the lines may be gone: that ends no transaction, and there is nobody to tell.
        with self._lock, suppress(OSError, ValueError):
            self._stream.write(line + "\n")
            self._stream.flush()

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
