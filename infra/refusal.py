"""Why no broker answers: what the client hears while it tries, as a sentence that names the property to change.

The client tries for ever, and says why only on the side: a refused log-in and a certificate through its error callback,
a connection that is closed without an answer (a wrong security.protocol) as a line of its log, once.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient

ATTEMPT_S = 0.5
"""How long the first attempt waits for an answer; each later one waits twice as long, for a broker that is slow."""
CLOSED_S = 2.0
"""A broker that is just ending closes connections too, and is refused a moment later: a wrong protocol stays so."""

CLOSED = "Disconnected"
INFO_LEVEL = 6
_ASIDE = re.compile(r"^.*?/[a-z0-9]+: |(?: in state| \(after) .*$")


class Refusal(NamedTuple):
    """What was heard, what to do about it, and the properties that decide it, the likeliest first."""

    reason: str
    remedy: str
    properties: tuple[str, ...]
    is_silence: bool = False
    """Nothing was heard at all, be it good or bad."""


def refusal_of(properties: Mapping[str, Any], timeout_s: float) -> Refusal | None:
    """Try to reach a broker until it answers (then there is none), the reason is plain, or the time is up."""
    heard = _Heard(properties)
    listening: dict[str, Any] = {"log_level": INFO_LEVEL, "error_cb": heard.note_error}
    client = AdminClient({**properties, **listening}, logger=heard.logger)
    began_s = time.monotonic()
    attempt_s = ATTEMPT_S
    while True:
        left_s = timeout_s - (time.monotonic() - began_s)
        with suppress(KafkaException):
            client.list_topics(timeout=max(ATTEMPT_S, min(attempt_s, left_s)))
            return None
        attempt_s *= 2
        # Errors and lines are handed out here only.
        client.poll(0)
        waited_s = time.monotonic() - began_s
        found = heard.plain() or (heard.closed() if waited_s > CLOSED_S else None)
        if found is not None:
            return found
        if waited_s > timeout_s:
            return heard.whatever()


class _Heard(logging.Handler):
    """Keeps what was said last, of each kind."""

    def __init__(self, properties: Mapping[str, Any]) -> None:
        super().__init__()
        self._properties = properties
        self._refused: KafkaError | None = None
        self._last = ""
        self.logger = logging.Logger("client")
        self.logger.addHandler(self)

    def note_error(self, error: KafkaError) -> None:
        """Called while the client is polled."""
        if error.code() in {KafkaError._AUTHENTICATION, KafkaError._SSL}:
            self._refused = error
        if error.code() != KafkaError._ALL_BROKERS_DOWN:
            self._last = error.str()

    def emit(self, record: logging.LogRecord) -> None:
        """A line of the client's log; only lost connections are told nowhere else."""
        text = record.getMessage()
        if CLOSED in text:
            self._last = text.split("]: ")[-1]

    def plain(self) -> Refusal | None:
        """A reason that no waiting mends."""
        if "PLAINTEXT broker listener" in self._last or "wrong version number" in self._last:
            return self._protocol("what answers there does not speak TLS")
        if self._refused is None:
            return None
        text = _shortened(self._refused.str())
        if "certificate verify failed" in text:
            return self._certificate()
        if self._refused.code() == KafkaError._SSL:
            return Refusal(text, "Check the ssl.* properties", ("ssl.ca.location",))
        if "Unsupported SASL mechanism" in text:
            supported = text.rpartition("mechanisms: ")[2]
            return Refusal(
                f"the broker does not take sasl.mechanism {self._properties.get('sasl.mechanism')}",
                f"Set sasl.mechanism to one that it takes: {supported}",
                ("sasl.mechanism",),
            )
        if "current SASL state" in text:
            return self._protocol("what answers there wants no log-in")
        return Refusal(
            f"it refuses the log-in: {text}",
            "Check sasl.username and sasl.password, and that this user has a password for sasl.mechanism "
            f"{self._properties.get('sasl.mechanism', '')}".rstrip(),
            ("sasl.password", "sasl.username", "sasl.mechanism"),
        )

    def closed(self) -> Refusal | None:
        """It listens, and hangs up at the first word."""
        if CLOSED not in self._last:
            return None
        return self._protocol("it takes the connection and closes it without an answer")

    def whatever(self) -> Refusal:
        """The last that was heard, or that nothing was."""
        if not self._last:
            return Refusal(
                "nothing at all came back",
                "It hangs, is no Kafka, or something on the way drops what is sent to it: see its log, and whether "
                "bootstrap.servers is right",
                ("bootstrap.servers",),
                is_silence=True,
            )
        return Refusal(
            _shortened(self._last), "Is it running, and is bootstrap.servers right?", ("bootstrap.servers",)
        )

    def _protocol(self, reason: str) -> Refusal:
        protocol = str(self._properties.get("security.protocol", "PLAINTEXT")).upper()
        return Refusal(
            f"{reason}, and security.protocol is {protocol}",
            "Set security.protocol to what that port speaks (PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL), or name "
            "another port in bootstrap.servers",
            ("security.protocol", "bootstrap.servers"),
        )

    def _certificate(self) -> Refusal:
        authority = self._properties.get("ssl.ca.location")
        vouched = (
            f"the authorities in {authority}" if authority else "the authorities that this machine trusts"
        )
        return Refusal(
            # The client does not tell which of them; where it worked yesterday, it is the last one.
            f"its certificate is not vouched for by {vouched}, is for another host name, or has expired",
            "Set ssl.ca.location to the certificate of the authority that signed it, and name the broker in "
            "bootstrap.servers as its certificate does; until when it holds, openssl s_client -connect HOST:PORT shows",
            ("ssl.ca.location", "bootstrap.servers"),
        )


def sentence(text: str) -> str:
    """With a full stop, unless it ends as a question does."""
    return text if text.endswith(("?", ".", "!")) else f"{text}."


def _shortened(text: str) -> str:
    """Without the client's own name for the connection before it, and how long it took behind."""
    return _ASIDE.sub("", text)
