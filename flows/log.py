"""What the router says: readable lines for a person, JSON lines for a machine; never a secret, never a
payload.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from typing import Any, TextIO

LEVELS = ("debug", "info", "warning", "error")


class Log:
    """Lines on stderr.  `event` is a stable word for machines, the sentence is for people."""

    def __init__(self, style: str = "text", stream: TextIO | None = None) -> None:
        self._json = style == "json"
        self._stream = stream or sys.stderr
        self._lock = threading.Lock()

    def info(self, event: str, sentence: str, **fields: Any) -> None:
        self._write("info", event, sentence, fields)

    def warning(self, event: str, sentence: str, **fields: Any) -> None:
        self._write("warning", event, sentence, fields)

    def error(self, event: str, sentence: str, **fields: Any) -> None:
        self._write("error", event, sentence, fields)

    def _write(self, level: str, event: str, sentence: str, fields: dict[str, Any]) -> None:
        now_s = time.time()
        if self._json:
            stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now_s)) + f".{int(now_s % 1 * 1000):03d}Z"
            line = json.dumps({"time": stamp, "level": level, "event": event, "message": sentence, **fields})
        else:
            mark = "" if level == "info" else f"{level.upper()}: "
            line = f"{time.strftime('%H:%M:%S', time.localtime(now_s))} {mark}{sentence}"
        with self._lock:
            self._stream.write(line + "\n")
            self._stream.flush()
