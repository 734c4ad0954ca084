"""What the topics say about one order: its decisions, and the reference they were taken by."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from msgspec import Struct

from cli.explain.attention import attention_lines, concerns_of, refusals_of
from cli.shared.connection import Connection
from cli.shared.own_name import with_deployment
from cli.shared.topic_reader import read_topic
from cli.words.names import closest, did_you_mean, printable, shown
from infra.errors import SluiceError
from schemas.codec import decode_notice, decode_row
from schemas.notices import Decision
from schemas.rows import ActiveSetsRow
from schemas.topics import DECISIONS, ROUTER_STATE

ORDERS_REMEMBERED_MAX = 100_000
"""Other orders' names that are kept to guess which one was meant."""


class History(Struct, frozen=True):
    """Decisions of one order, oldest first, and the partition its network lives on."""

    partition: int
    decisions: list[Decision]


def histories_of(
    connection: Connection, order_id: str, network: str | None = None, since_ms: int = 0
) -> list[History]:
    """The order's history in each network that knows one of that name; an error that helps when none does."""
    by_network: dict[str, History] = {}
    others: dict[str, None] = {}
    wanted = order_id.encode()
    read = 0
    for message in read_topic(connection, DECISIONS, connection.partitions_of(network), since_ms):
        read += 1
        key, value = message.key(), message.value()
        if key != wanted:
            if isinstance(key, bytes) and len(others) < ORDERS_REMEMBERED_MAX:
                others[key.decode(errors="replace")] = None
            continue
        notice = _decision(value)
        # Several networks share a partition.
        if notice is not None and network in (None, notice.network):
            history = by_network.setdefault(notice.network, History(message.partition() or 0, []))
            history.decisions.append(notice)
    if not by_network:
        if network is not None:
            _require_known(connection, network)
        partitions = connection.partitions_of(network)
        about_it = attention_lines(
            concerns_of(connection, order_id, network, partitions, since_ms),
            refusals_of(connection, order_id, network, partitions, since_ms),
        )
        topic = connection.names.of(DECISIONS)
        raise SluiceError(
            _unknown(order_id, network, others, read, since_ms, topic, list(map(printable, about_it)))
        )
    return [by_network[network] for network in sorted(by_network)]


def _require_known(connection: Connection, network: str) -> None:
    """Blames a misspelt network, not the order."""
    known = set()
    for message in read_topic(connection, ROUTER_STATE, range(connection.partitions)):
        value = message.value()
        row = decode_row(value) if value is not None else None
        if isinstance(row, ActiveSetsRow):
            known.add(row.network)
    if network not in known:
        hint = (
            did_you_mean(network, known)
            or f"; known are {', '.join(map(shown, sorted(known))) or 'none yet'}"
        )
        raise SluiceError(f"network {shown(network)} is unknown here{hint}")


def _decision(value: bytes | None) -> Decision | None:
    try:
        notice = decode_notice(value or b"")
    except msgspec.MsgspecError:
        return None
    return notice if isinstance(notice, Decision) else None


def _unknown(
    order_id: str,
    network: str | None,
    others: Iterable[str],
    read: int,
    since_ms: int,
    topic: str,
    about_it: list[str],
) -> str:
    match = closest(order_id, others)
    if about_it:
        remedy = "\n".join(["This is known of it:", *about_it])
    elif match:
        remedy = f'Did you mean "{match}"?'
    elif since_ms:
        remedy = "It may have been decided before --since"
    elif not read and network is not None:
        remedy = f"Nothing has been decided yet where network {shown(network)} lives: is its router running?"
    elif not read:
        remedy = (
            f"The topic is empty: is a router running (`sluice {with_deployment('run')}`), and are prefix and cluster "
            "the right ones?"
        )
    else:
        remedy = (
            "Check its name, --network and --prefix; nothing was refused under it either; decisions are kept for as "
            "long as the topic's retention"
        )
    return f"no decision about order {shown(order_id)} among the {read:,} in {topic}. {remedy}"
