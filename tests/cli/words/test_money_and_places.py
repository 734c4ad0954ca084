"""Money to the cent, and times by the clock of the place."""

import pytest

from cli.words.currencies import CURRENCIES, DECIMALS, decimals_of
from cli.words.money import amount, money
from cli.words.places import Places, utc
from schemas.times import parse_rfc3339, rfc3339
from tests.published import example_network

SUMMER, WINTER = parse_rfc3339("2027-07-01T12:00:00Z"), parse_rfc3339("2026-11-23T15:30:00Z")


@pytest.mark.parametrize(
    ("micros", "text"),
    [
        (9_410_000, "9.41"),
        (9_414_999, "9.41"),
        (9_415_000, "9.42"),
        (0, "0.00"),
        (-1_500_000, "-1.50"),
        (12_345_670_000, "12,345.67"),
        (4_200, "0.0042"),
        (1, "0.000001"),
    ],
)
def test_money_is_rounded_to_cents_but_never_to_nothing(micros: int, text: str) -> None:
    assert amount(micros, "EUR") == text
    assert money(micros, "EUR") == f"{text} EUR"


@pytest.mark.parametrize(
    ("micros", "currency", "text"),
    [
        (1_024_000_000, "JPY", "1,024 JPY"),
        (1_024_500_000, "JPY", "1,025 JPY"),
        (-3_000_000, "JPY", "-3 JPY"),
        (0, "JPY", "0 JPY"),
        (500_000, "JPY", "0.5 JPY"),
        (3_250_000, "KWD", "3.250 KWD"),
        (3_250_499, "KWD", "3.250 KWD"),
        (-1_500, "KWD", "-0.002 KWD"),
        (900, "KWD", "0.0009 KWD"),
    ],
)
def test_money_has_the_decimals_of_its_currency(micros: int, currency: str, text: str) -> None:
    assert money(micros, currency) == text


def test_without_a_reference_money_has_two_decimals() -> None:
    assert amount(9_410_000, Places([]).currency) == "9.41"


def test_every_currency_whose_decimals_are_known_is_in_the_list() -> None:
    assert DECIMALS.keys() <= CURRENCIES
    assert decimals_of("EUR") == 2


def test_times_are_those_of_the_pool_and_of_the_receiver() -> None:
    places = Places(example_network().entities)
    assert places.currency == "EUR"
    assert places.at_pool("dc-paris", WINTER) == "Mon 23 Nov 16:30"
    assert places.at_pool("dc-paris", SUMMER) == "Thu 1 Jul 14:00"
    assert places.at_pool("3pl-porto", WINTER) == "Mon 23 Nov 15:30"
    assert places.at_zone("FI", WINTER) == "Mon 23 Nov 17:30"
    assert places.at_pool("dc-paris", WINTER + 5_000) == "Mon 23 Nov 16:30:05"


@pytest.mark.parametrize("said", ["9999-12-31T23:59:59Z", "9999-12-31T23:59:59-23:59"])
def test_a_time_that_is_no_date_any_more_where_it_is_told_is_the_last_one(said: str) -> None:
    """What a carrier says who does not know when it arrived."""
    places = Places(example_network().entities)
    assert places.at_zone("FI", parse_rfc3339(said)) == "Fri 31 Dec 23:59:59"
    assert rfc3339(parse_rfc3339(said)).startswith("9999-12-31T23:59:59.")


def test_without_a_reference_times_are_utc() -> None:
    assert Places([]).at_pool("dc-paris", WINTER) == "Mon 23 Nov 15:30 UTC"
    assert utc(WINTER) == "Mon 23 Nov 15:30:00 UTC"
