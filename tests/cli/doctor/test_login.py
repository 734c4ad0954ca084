"""Logging in by SCRAM says what the standard's own example says, and believes no broker that cannot prove itself."""

from __future__ import annotations

import secrets
from collections.abc import Callable

import pytest

from cli.doctor.login import log_in, scram
from infra.errors import SluiceError

NONCE = "rOprNGfwEbeRWgbNEkqO"
OFFER = f"r={NONCE}%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
PROOF = f"c=biws,r={NONCE}%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
VERDICT = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="
"""The example of RFC 7677: user "user", password "pencil"."""


def broker(said: list[str], *answers: str) -> Callable[[bytes], bytes]:
    """One that hears everything, and answers so."""
    left = list(answers)

    def step(content: bytes) -> bytes:
        said.append(content.decode())
        return left.pop(0).encode()

    return step


@pytest.fixture(autouse=True)
def nonce(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "token_urlsafe", lambda _bytes: NONCE)


def test_the_standards_example() -> None:
    said: list[str] = []
    scram("sha256", "user", "pencil", broker(said, OFFER, VERDICT))
    assert said == [f"n,,n=user,r={NONCE}", PROOF]


@pytest.mark.parametrize("verdict", [VERDICT.replace("6", "7"), "v=", "e=other-error"])
def test_a_broker_that_does_not_know_the_password_is_not_believed(verdict: str) -> None:
    with pytest.raises(SluiceError, match="does not prove that it knows the password"):
        scram("sha256", "user", "pencil", broker([], OFFER, verdict))


def test_an_answer_to_another_question_gets_no_proof() -> None:
    said: list[str] = []
    with pytest.raises(SluiceError, match="is not to our question"):
        scram("sha256", "user", "pencil", broker(said, OFFER.replace(NONCE, "another")))
    assert len(said) == 1


def test_a_name_with_the_protocols_own_signs_is_written_around_them() -> None:
    said: list[str] = []
    with pytest.raises(SluiceError):
        scram("sha512", "a=b,c", "pencil", broker(said, "r=other"))
    assert said == [f"n,,n=a=3Db=2Cc,r={NONCE}"]


def test_plain_says_it_in_one_step() -> None:
    said: list[str] = []
    properties = {"sasl.mechanisms": "plain", "sasl.username": "user", "sasl.password": "pencil"}
    log_in(properties, said.append, broker(said, ""))
    assert said == ["PLAIN", "\0user\0pencil"]
