"""The text of one file of the directory, whatever a spreadsheet or an editor did to its bytes."""

from __future__ import annotations

import codecs
from pathlib import Path

from cli.network_dir.faults import Faults

BYTES_MAX = 200_000_000
_OTHER_ENCODINGS = {codecs.BOM_UTF16_LE: "UTF-16", codecs.BOM_UTF16_BE: "UTF-16"}


def read_text(directory: Path, file: str, faults: Faults) -> str | None:
    """The file's text without a byte order mark, or None after a fault that says why it cannot be read."""
    path = directory / file
    try:
        if path.stat().st_size > BYTES_MAX:
            faults.add(
                file, None, f"has {path.stat().st_size:,} bytes, more than the {BYTES_MAX:,} that are read"
            )
            return None
        content = path.read_bytes()
    except OSError as error:
        faults.add(file, None, f"cannot be read: {error.strerror or error}")
        return None
    return _decoded(content, file, faults)


def _decoded(content: bytes, file: str, faults: Faults) -> str | None:
    encoding = _OTHER_ENCODINGS.get(content[:2])
    if encoding:
        faults.add(file, 1, f'the file is {encoding}; save it as UTF-8 (a spreadsheet calls it "CSV UTF-8")')
        return None
    content = content.removeprefix(codecs.BOM_UTF8)
    if b"\0" in content:
        line = content.count(b"\n", 0, content.index(b"\0")) + 1
        faults.add(file, line, "holds a zero byte, so it is no text; save it as UTF-8")
        return None
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        byte = f"0x{content[error.start]:02X}"
        faults.add(
            file,
            line,
            f'byte {byte} is not UTF-8; save the file as UTF-8 (a spreadsheet calls it "CSV UTF-8")',
        )
        return None
