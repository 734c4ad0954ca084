"""Writes days of a Prometheus' past into it within a minute: remote write, with one body for many alike series.

The format is small: snappy around protobuf, `WriteRequest{timeseries: [{labels: [{name, value}], samples: [{value,
timestamp}]}]}`. Nothing is compressed, because the receiver is on the same machine.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from urllib.request import Request, urlopen

LITERAL_BYTES_MAX = 1 << 16
TIMEOUT_S = 60


def samples(values: Iterable[float], times_ms: Iterable[int]) -> bytes:
    """The samples of a series; alike series share them."""
    return b"".join(
        _field(2, b"\x09" + struct.pack("<d", value) + b"\x10" + _varint(time_ms))
        for value, time_ms in zip(values, times_ms, strict=True)
    )


def series(name: str, labels: Mapping[str, str], body: bytes) -> bytes:
    """One series with its samples, to be written beside others."""
    pairs = sorted({"__name__": name, **labels}.items())
    named = b"".join(_field(1, _field(1, key.encode()) + _field(2, value.encode())) for key, value in pairs)
    return _field(1, named + body)


def write(prometheus_url: str, several: Sequence[bytes]) -> None:
    """Hand these series over; the samples of each must be later than those that it has."""
    urlopen(
        Request(
            f"{prometheus_url}/api/v1/write",
            _snappy(b"".join(several)),
            {"Content-Encoding": "snappy", "Content-Type": "application/x-protobuf"},
        ),
        timeout=TIMEOUT_S,
    ).close()


def _field(number: int, content: bytes) -> bytes:
    return bytes([number << 3 | 2]) + _varint(len(content)) + content


def _varint(number: int) -> bytes:
    parts = bytearray()
    while number > 0x7F:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    parts.append(number)
    return bytes(parts)


def _snappy(content: bytes) -> bytes:
    """Literals alone, each with its length in two bytes."""
    parts = [_varint(len(content))]
    for start in range(0, len(content), LITERAL_BYTES_MAX):
        literal = content[start : start + LITERAL_BYTES_MAX]
        parts += [b"\xf4", struct.pack("<H", len(literal) - 1), literal]
    return b"".join(parts)
