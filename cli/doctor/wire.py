"""Questions of the Kafka protocol that the client library cannot ask: a few bytes there, a few bytes back.

librdkafka offers no way to learn a broker's version and feature levels, how full its disks are, or who holds a
transaction open. Kafka answers all three to plain requests that read only. The version is answered before a client has
to say who it is, so it works on every listener; before the others a connection logs in where that is asked for.
"""

from __future__ import annotations

import socket
import ssl
import struct
from collections.abc import Callable, Mapping
from typing import TypeVar

from cli.doctor.login import log_in
from infra.errors import SluiceError

ANSWER_BYTES_MAX = 16 * 1024 * 1024
CLIENT = b"sluice-doctor"
API_VERSIONS, SASL_HANDSHAKE, SASL_AUTHENTICATE = 18, 17, 36
NO_TAGS = b"\x00"
_CORRELATION = 1

Item = TypeVar("Item")


class Answer:
    """Reads the values of an answer one after another."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._at = 0

    def int8(self) -> int:
        return self._number(">b", 1)

    def int16(self) -> int:
        return self._number(">h", 2)

    def int32(self) -> int:
        return self._number(">i", 4)

    def int64(self) -> int:
        return self._number(">q", 8)

    def varint(self) -> int:
        value = shift = 0
        while True:
            byte = self._take(1)[0]
            value |= (byte & 0x7F) << shift
            if not byte & 0x80:
                return value
            shift += 7

    def text(self) -> str:
        """A compact string; an absent one is empty."""
        return self.content().decode(errors="replace")

    def content(self) -> bytes:
        """Compact bytes; absent ones are empty."""
        return self._take(max(0, self.varint() - 1))

    def items(self, item: Callable[[], Item]) -> list[Item]:
        """A compact array, each of whose members `item` reads."""
        return [item() for _ in range(max(0, self.varint() - 1))]

    def tags(self) -> dict[int, Answer]:
        """The optional fields behind a structure, by number."""
        return {self.varint(): Answer(self._take(self.varint())) for _ in range(self.varint())}

    def _number(self, kind: str, size: int) -> int:
        return int(struct.unpack(kind, self._take(size))[0])

    def _take(self, size: int) -> bytes:
        found = self._content[self._at : self._at + size]
        if len(found) < size:
            raise SluiceError("the broker's answer is shorter than the protocol says")
        self._at += size
        return found


def compact_text(text: str) -> bytes:
    """A string as the newer requests write it."""
    content = text.encode()
    return unsigned(len(content) + 1) + content


def unsigned(number: int) -> bytes:
    """A number in as few bytes as it needs."""
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*encoded, number])


class Wire:
    """One connection to one broker; it logs in before the first question that is not for everybody."""

    def __init__(self, host: str, port: int, properties: Mapping[str, str], timeout_s: float) -> None:
        self._properties = properties
        self._is_logged_in = not protocol_of(properties).startswith("sasl")
        self._socket: socket.socket = socket.create_connection((host, port), timeout=timeout_s)
        if protocol_of(properties) in {"ssl", "sasl_ssl"}:
            try:
                self._socket = _tls(properties).wrap_socket(self._socket, server_hostname=host)
            except BaseException:
                self._socket.close()
                raise

    def __enter__(self) -> Wire:
        return self

    def __exit__(self, *_error: object) -> None:
        self._socket.close()

    def ask(self, api: int, version: int, body: bytes) -> Answer:
        """Send one request, and return what the broker says, its header read."""
        if not self._is_logged_in:
            log_in(self._properties, self._shake_hands, self._authenticate)
            self._is_logged_in = True
        answer = self._exchange(api, version, NO_TAGS + body)
        answer.tags()
        return answer

    def ask_version(self, body: bytes) -> Answer:
        """Send the one request that is answered to anybody, under a header that every client can read."""
        return self._exchange(API_VERSIONS, 3, NO_TAGS + body)

    def _shake_hands(self, mechanism: str) -> None:
        """Ask for a way of logging in; still in the protocol's older form, whose strings are longer."""
        name = mechanism.encode()
        answer = self._exchange(SASL_HANDSHAKE, 1, struct.pack(">h", len(name)) + name)
        if answer.int16():
            raise SluiceError(f"the broker does not take sasl.mechanism {mechanism}")

    def _authenticate(self, content: bytes) -> bytes:
        """One step of the log-in."""
        answer = self._exchange(
            SASL_AUTHENTICATE, 2, NO_TAGS + unsigned(len(content) + 1) + content + NO_TAGS
        )
        answer.tags()
        code, reason = answer.int16(), answer.text()
        if code:
            raise SluiceError(f"the broker refuses the log-in: {reason}")
        return answer.content()

    def _exchange(self, api: int, version: int, body: bytes) -> Answer:
        header = struct.pack(">hhih", api, version, _CORRELATION, len(CLIENT)) + CLIENT
        request = header + body
        self._socket.sendall(struct.pack(">i", len(request)) + request)
        (size,) = struct.unpack(">i", self._receive(4))
        if not 4 <= size <= ANSWER_BYTES_MAX:
            raise SluiceError(f"the broker announced an answer of {size} bytes, which cannot be right")
        answer = Answer(self._receive(size))
        answer.int32()
        return answer

    def _receive(self, size: int) -> bytes:
        received = bytearray()
        while len(received) < size:
            part = self._socket.recv(size - len(received))
            if not part:
                raise SluiceError("the broker closed the connection; does it speak this security.protocol?")
            received += part
        return bytes(received)


def protocol_of(properties: Mapping[str, str]) -> str:
    """`plaintext`, `ssl`, `sasl_plaintext` or `sasl_ssl`."""
    return properties.get("security.protocol", "plaintext").lower()


def _tls(properties: Mapping[str, str]) -> ssl.SSLContext:
    """The client's own TLS properties, as Python wants them."""
    authority = properties.get("ssl.ca.location")
    context = ssl.create_default_context(
        cafile=None if authority in (None, "probe") else authority, cadata=properties.get("ssl.ca.pem")
    )
    if properties.get("ssl.endpoint.identification.algorithm") == "none":
        context.check_hostname = False
    if properties.get("enable.ssl.certificate.verification") == "false":
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if "ssl.certificate.location" in properties:
        context.load_cert_chain(
            properties["ssl.certificate.location"],
            properties.get("ssl.key.location"),
            properties.get("ssl.key.password"),
        )
    return context
