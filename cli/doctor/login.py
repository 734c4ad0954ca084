"""Logging in to a broker as Kafka's clients do it: PLAIN (RFC 4616) and SCRAM (RFC 5802), without channel binding."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping

from infra.errors import SluiceError

SCRAM_DIGESTS = {"SCRAM-SHA-256": "sha256", "SCRAM-SHA-512": "sha512"}
NONCE_BYTES = 24

Step = Callable[[bytes], bytes]
"""Tells the broker something, and returns what it says to that."""


def log_in(properties: Mapping[str, str], shake_hands: Callable[[str], None], step: Step) -> None:
    """Say who we are; raises `SluiceError` where the broker does not take it, or does not prove itself."""
    mechanism = properties.get("sasl.mechanism", properties.get("sasl.mechanisms", "GSSAPI")).upper()
    user, password = properties.get("sasl.username", ""), properties.get("sasl.password", "")
    if mechanism == "PLAIN":
        shake_hands(mechanism)
        step(f"\0{user}\0{password}".encode())
    elif mechanism in SCRAM_DIGESTS:
        shake_hands(mechanism)
        scram(SCRAM_DIGESTS[mechanism], user, password, step)
    else:
        raise SluiceError(f"that can be asked after a log-in by PLAIN or SCRAM only, not by {mechanism}")


def scram(digest: str, user: str, password: str, step: Step) -> None:
    """Both sides prove that they know the password, and neither tells it."""
    nonce = secrets.token_urlsafe(NONCE_BYTES)
    ours = f"n={user.replace('=', '=3D').replace(',', '=2C')},r={nonce}"
    theirs = step(f"n,,{ours}".encode()).decode()
    offer = _fields(theirs)
    if not offer.get("r", "").startswith(nonce):
        raise SluiceError("the broker's answer to the log-in is not to our question")
    salted = hashlib.pbkdf2_hmac(digest, password.encode(), b64decode(offer["s"]), int(offer["i"]))
    client_key = hmac.digest(salted, b"Client Key", digest)
    last = f"c={b64encode(b'n,,').decode()},r={offer['r']}"
    said = ",".join((ours, theirs, last)).encode()
    signature = hmac.digest(hashlib.new(digest, client_key).digest(), said, digest)
    proof = bytes(one ^ other for one, other in zip(client_key, signature, strict=True))
    verdict = _fields(step(f"{last},p={b64encode(proof).decode()}".encode()).decode())
    expected = hmac.digest(hmac.digest(salted, b"Server Key", digest), said, digest)
    if not hmac.compare_digest(b64decode(verdict.get("v", "")), expected):
        raise SluiceError(
            "the broker does not prove that it knows the password: is it the one that was meant?"
        )


def _fields(text: str) -> dict[str, str]:
    return {name: value for name, _, value in (part.partition("=") for part in text.split(","))}
