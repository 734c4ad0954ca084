"""What may be said of an error without saying what a record holds.

Errors quote the values that they could not use, and a record holds customers' tokens, addresses and postal codes.  So
of an exception its type and place in the program are told, and of an undecodable row only what its reader expected.
"""

from __future__ import annotations

import re
import traceback

# Types, our own names of fields, lengths, places, and the kind and version that a row begins with.
_EXPECTED = re.compile(
    r"("
    r"Invalid value '[a-z_]{1,24}\.\d{1,4}'(?= - at `\$\[0\]`)"
    r"|Expected `[\w |]+`( of \w+ [\w ]*\d+)?(, got `\w+`)?"
    r"|Object missing required field `\w+`"
    r"|Input data was truncated"
    r"|JSON is malformed: [\w ,':]+ \(byte \d+\)"
    r")( - at `(key in )?\$[\w.\[\]]*`)?"
)


def where_it_failed(error: BaseException) -> str:
    """The types of an error and of those behind it, each with the lines of the program that it passed."""
    parts: list[str] = []
    seen: set[int] = set()
    each: BaseException | None = error
    while each is not None and id(each) not in seen:
        seen.add(id(each))
        frames = "".join(traceback.format_tb(each.__traceback__)).rstrip()
        parts.append(f"{type(each).__name__} (its text is left out, because it may quote a record)\n{frames}")
        each = each.__cause__ or (None if each.__suppress_context__ else each.__context__)
    return "\nafter ".join(parts).rstrip()


def what_was_expected(error: Exception) -> str:
    """The decoder's sentence where it names types, fields and places only; else that a value does not fit."""
    match = _EXPECTED.match(str(error))
    return match[0] if match else "a value in it is none that this version takes"
