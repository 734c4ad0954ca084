"""Currencies: codes of ISO 4217 that money is paid in, and the decimals that it is written with.

Source: ISO 4217 as of its amendment 180, in the data of Java 25.0.2 of January 2026 (`java.util.Currency`): every code
that is a country's currency, and the second one of Venezuela. Without precious metals, units of account and codes for
tests, none of which an order is priced in. Add a line when a country takes a new currency, and keep the old one for as
long as orders may name it.
"""

from __future__ import annotations

from typing import Final

_IN_USE = """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY
    COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR
    ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK
    MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF
    SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU
    UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
"""

# Given up for XCG in 2025, and for the euro in 2026.
_GIVEN_UP = "ANG BGN"

CURRENCIES = frozenset(f"{_IN_USE} {_GIVEN_UP}".split())

_WITHOUT_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_WITH_THREE = "BHD IQD JOD KWD LYD OMR TND"

DECIMALS_OF_MOST: Final = 2

DECIMALS = dict.fromkeys(_WITHOUT_DECIMALS.split(), 0) | dict.fromkeys(_WITH_THREE.split(), 3)
"""Of the currencies that have other than two."""


def decimals_of(currency: str) -> int:
    """How many decimals amounts have, as ISO 4217 gives them; two for a currency that is not known here."""
    return DECIMALS.get(currency, DECIMALS_OF_MOST)
