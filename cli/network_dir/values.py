"""From what a person writes in a cell or a key to a value; each parser says what is wrong and what to write.

A parser raises `BadValueError` with the end of a sentence that begins with the name and the value:
`collection "25:00"` + `is no time of day; write HH:MM or HH:MM:SS, for example 15:00`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from typing import TypeVar, get_args

from cli.network_dir.time_zones import is_offset, known_time_zones
from cli.network_dir.units import UNITS, unit_remedy
from cli.words.currencies import CURRENCIES
from cli.words.names import did_you_mean, shown
from schemas.envelope import Name
from schemas.orders import POSTAL_CODE_LENGTH_MAX

MICROS_PER_UNIT = 1_000_000
MONEY_MICROS_MAX = 10**15
# What the contract lets an identifier have: the router refuses every record that names anything else.
NAME_LENGTH_MAX: int = get_args(Name)[1].max_length
MINUTES_MAX = 60 * 24 * 14
COUNT_MAX = 10**12

Parsed = TypeVar("Parsed")
Parser = Callable[[str], Parsed]


class BadValueError(ValueError):
    """The end of the sentence that explains why a value cannot be taken."""


def name(text: str) -> str:
    """Any identifier: pools, carriers, zones, channels and so on."""
    if not text.strip():
        raise BadValueError(f"names nothing; write a name of 1 to {NAME_LENGTH_MAX} characters")
    if text != text.strip():
        raise BadValueError(f"begins or ends with a space; write {shown(text.strip())}")
    if len(text) > NAME_LENGTH_MAX:
        raise BadValueError(f"has {len(text)} characters; a name has at most {NAME_LENGTH_MAX}")
    if not text.isprintable():
        raise BadValueError("holds a character that cannot be printed; remove it")
    return text


_SCIENTIFIC = re.compile(r"[+-]?\d+([.,]\d+)?E[+-]?\d+", re.IGNORECASE)
_DATE_LIKE = re.compile(r"\d{1,2}-(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)", re.IGNORECASE)
_SPREADSHEET_ERRORS = {"#REF!", "#N/A", "#NAME?", "#VALUE!", "#DIV/0!", "#NUM!", "#NULL!"}


def sku(text: str) -> str:
    """An item's name, unless it is what a spreadsheet made of one."""
    if _SCIENTIFIC.fullmatch(text):
        raise BadValueError("looks like a number that a spreadsheet changed; quote it at its source")
    if _DATE_LIKE.fullmatch(text):
        raise BadValueError("looks like a date that a spreadsheet made of it; quote it at its source")
    if set(text) == {"#"}:
        raise BadValueError(
            "is what a spreadsheet shows when a column is too narrow; export the value itself"
        )
    if text in _SPREADSHEET_ERRORS:
        raise BadValueError("is an error of a spreadsheet's formula; export the value itself")
    if text.startswith("="):
        raise BadValueError("is a spreadsheet's formula; export the value it stands for")
    return name(text)


def names(text: str) -> tuple[str, ...]:
    """Several names in one cell, separated by spaces, each of them once."""
    return tuple(dict.fromkeys(name(word) for word in text.split()))


_MONEY = re.compile(r"(\d+)(?:\.(\d+))?", re.ASCII)


def money(text: str) -> int:
    """Micros of the network's currency from a decimal such as 4.90."""
    if text.startswith("-"):
        raise BadValueError("is negative; write an amount of 0 or more")
    matched = _MONEY.fullmatch(text)
    if not matched:
        comma = re.fullmatch(r"(\d+),(\d+)", text, re.ASCII)
        example = f"{comma[1]}.{comma[2]}" if comma else "4.90"
        raise BadValueError(f"is no amount; write digits with a decimal point, for example {example}")
    if len((matched[2] or "").rstrip("0")) > 6:
        raise BadValueError("is finer than a millionth of the currency; write at most six decimals")
    micros = int(Decimal(text) * MICROS_PER_UNIT) if len(text) < 40 else MONEY_MICROS_MAX + 1
    if micros > MONEY_MICROS_MAX:
        raise BadValueError(f"is more than {MONEY_MICROS_MAX // MICROS_PER_UNIT}; write a smaller amount")
    return micros


def whole_number(least: int, most: int) -> Callable[[str], int]:
    """A parser of integers between two bounds."""

    def parse(text: str) -> int:
        if not re.fullmatch(r"-?\d{1,15}", text, re.ASCII) or not least <= int(text) <= most:
            raise BadValueError(f"is no whole number from {least} to {most}")
        return int(text)

    return parse


count = whole_number(0, COUNT_MAX)


def pick_seconds_of_minutes(text: str) -> int:
    """Seconds from minutes, which may have decimals: 1.5 is 90 seconds."""
    if not re.fullmatch(r"\d{1,9}(\.\d{1,6})?", text, re.ASCII) or Decimal(text) > MINUTES_MAX:
        raise BadValueError(f"is no number of minutes from 0 to {MINUTES_MAX}; write for example 90 or 1.5")
    seconds = Decimal(text) * 60
    if seconds != int(seconds):
        raise BadValueError("is no whole number of seconds; write whole minutes, or seconds in pick_seconds")
    return int(seconds)


def clock_time(text: str) -> str:
    """A local time of day."""
    if re.fullmatch(r"24:00(:00)?", text, re.ASCII):
        raise BadValueError("is no time of day: write 00:00, when the day begins, or 23:59, before it ends")
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?", text, re.ASCII):
        early = re.fullmatch(r"\d:[0-5]\d(:[0-5]\d)?", text, re.ASCII)
        example = f"0{text}" if early else "15:00"
        raise BadValueError(f"is no time of day; write HH:MM or HH:MM:SS, for example {example}")
    return text


_DURATION = re.compile(r"(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?", re.ASCII)


def duration_seconds(text: str) -> int:
    """Seconds from `2h`, `90m`, `1h30m` or `20s`."""
    matched = _DURATION.fullmatch(text)
    if not text or not matched:
        raise BadValueError('is no duration; write for example "90m", "1h30m" or "20s"')
    hours, minutes, seconds = (int(part or 0) for part in matched.groups())
    total = (hours * 60 + minutes) * 60 + seconds
    if total > MINUTES_MAX * 60:
        raise BadValueError(f'is longer than {MINUTES_MAX // 60 // 24} days; write for example "90m"')
    return total


def lead_seconds(text: str) -> int:
    """As `duration_seconds`, and some: who is told at the very cut-off is told when it has passed."""
    seconds = duration_seconds(text)
    if not seconds:
        raise BadValueError(
            'leaves no time to tell the warehouse before its cut-off; write for example "90m", or release = "at-once"'
        )
    return seconds


def time_zone(text: str) -> str:
    """An IANA name; an offset is refused, because it is wrong for one half of the year."""
    if is_offset(text):
        raise BadValueError(
            "is an offset from UTC, which does not know summer time; write the name of the place, "
            "for example Europe/Paris"
        )
    if text not in known_time_zones():
        raise BadValueError(f"is no IANA time zone{_time_zone_meant(text)}")
    return text


@cache
def _time_zone_meant(text: str) -> str:
    """What is meant, looked for once, because the same slip is often in every row."""
    return did_you_mean(text, known_time_zones()) or ", for example Europe/Paris"


def one_of(*allowed: str) -> Callable[[str], str]:
    """A parser of a closed list of words."""

    def parse(text: str) -> str:
        if text not in allowed:
            hint = did_you_mean(text, allowed) or did_you_mean(text[:3], allowed)
            raise BadValueError(f"is not one of {', '.join(allowed)}{hint}")
        return text

    return parse


def unit(text: str) -> str:
    """A unit of measure from UN/CEFACT Recommendation 20."""
    if text not in UNITS:
        raise BadValueError(f"is no UN/CEFACT unit code{unit_remedy(text)}")
    return text


def wms(text: str) -> str:
    """A warehouse system's name: it becomes part of a topic's name."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,48}", text, re.ASCII):
        suggestion = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:49]
        hint = f', for example "{suggestion}"' if suggestion else ""
        raise BadValueError(f"cannot name a topic; write small letters, digits and hyphens{hint}")
    return text


def country(text: str) -> str:
    """Two capital letters of ISO 3166-1."""
    if not re.fullmatch(r"[A-Z]{2}", text, re.ASCII):
        meant = text.strip().upper()
        remedy = (
            f'write "{meant}"'
            if re.fullmatch(r"[A-Z]{2}", meant, re.ASCII)
            else "write the two capital letters of ISO 3166, for example FR"
        )
        raise BadValueError(f"is no country; {remedy}")
    return text


def currency(text: str) -> str:
    """Three capital letters of ISO 4217."""
    if text not in CURRENCIES:
        meant = text.strip().upper()
        remedy = (
            f'write "{meant}"'
            if meant in CURRENCIES
            else "write the three capital letters of ISO 4217, for example EUR"
        )
        raise BadValueError(f"is no currency; {remedy}")
    return text


def postal_prefix(text: str) -> str:
    """The beginning of the postal codes of a zone, as orders write them."""
    if len(text) > POSTAL_CODE_LENGTH_MAX:
        raise BadValueError(
            f"has {len(text)} characters, and a postal code has at most {POSTAL_CODE_LENGTH_MAX}; shorten it"
        )
    return name(text)
