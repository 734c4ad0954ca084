"""Takes known secrets out of any text before a person or a log collector sees it.

Nothing is meant to put a secret into a sentence.  But the errors of libraries quote what they could not read
(librdkafka repeats the rest of an OAUTHBEARER configuration, for one), so everything that leaves the process goes
through here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

REDACTED = "********"

PART_CHARACTERS_MIN = 4
"""Anything shorter is part of many words: taking it out of them would leave nothing to read, and would show it."""


class Redactor:
    """Knows the secrets of one process; replaces each of them, and each part of them that stands for itself."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        forms = {form for secret in secrets for part in _parts(secret) for form in _forms(part)}
        # The longest first: a secret that contains another one is replaced whole.
        alternatives = "|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True))
        self._pattern = re.compile(alternatives) if alternatives else None

    def text(self, text: str) -> str:
        """The text without any secret."""
        return text if self._pattern is None else self._pattern.sub(REDACTED, text)

    def value(self, value: Any) -> Any:
        """A value of a log line without any secret, however deep it lies."""
        if self._pattern is None:
            return value
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.value(key): self.value(each) for key, each in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self.value(each) for each in value]
        return value


def _parts(secret: str) -> set[str]:
    """The whole, the lines and words of it, and what follows an equals sign: errors quote from the middle."""
    words = secret.split()
    parts = {secret, *secret.splitlines(), *words, *(word.partition("=")[2] for word in words)}
    return {part for part in parts if len(part) >= PART_CHARACTERS_MIN}


def _forms(part: str) -> set[str]:
    """As it is, and as Python and JSON write it in a sentence."""
    return {part, repr(part)[1:-1], json.dumps(part)[1:-1], json.dumps(part, ensure_ascii=False)[1:-1]}
