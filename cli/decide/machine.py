"""Publications as JSON lines: topic, key, value, and the headers of a dead letter."""

from __future__ import annotations

import base64
from typing import Any

import msgspec

from operators.bundle import Publication
from schemas.kinds import CATALOG, DEAD_LETTERS, JOURNAL, LEDGER, ORDER_BOOK, ROUTER_STATE

ROW_TOPICS = frozenset({LEDGER, ORDER_BOOK, CATALOG, ROUTER_STATE, JOURNAL})
"""What `--rows` adds: the router's memory and its journal."""


def machine_line(publication: Publication) -> bytes:
    """One publication; a row's value keeps its very bytes, a dead letter's value is text or base64."""
    topic, key, value, headers = publication
    line: dict[str, Any] = {"topic": topic}
    if topic == DEAD_LETTERS:
        line["headers"] = {name: content.decode() for name, content in headers or ()}
        line |= _original("key", key) | _original("value", value)
    else:
        line["key"] = msgspec.Raw(key or b"null") if topic in ROW_TOPICS else (key or b"").decode()
        line["value"] = None if value is None else msgspec.Raw(value)
    return msgspec.json.encode(line)


def _original(name: str, content: bytes | None) -> dict[str, str | None]:
    """Bytes that somebody else wrote: text where they are text."""
    if content is None:
        return {name: None}
    try:
        return {name: content.decode()}
    except UnicodeDecodeError:
        return {f"{name}_base64": base64.b64encode(content).decode()}
