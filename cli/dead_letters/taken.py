"""Which refused inputs have been taken since, as they were or repaired: the journal keeps a hash of each event's id."""

from __future__ import annotations

from collections.abc import Iterator

from cli.dead_letters.repaired import next_id
from cli.shared.connection import Connection
from cli.shared.letters import Letter
from cli.shared.topic_reader import read_topic
from schemas.codec import decode_journal
from schemas.digest import identity_hash, unpack_hashes
from schemas.topics import JOURNAL

REPAIRS_FOLLOWED_MAX = 9


def still_open(connection: Connection, found: list[Letter]) -> list[Letter]:
    """Those of which nothing was taken after they were refused.

    A repair may be of another network, so the journal of every partition is read from the first refusal on.
    """
    if not found:
        return []
    names = {letter: list(_identities(letter)) for letter in found}
    wanted = {name for each in names.values() for name in each}
    taken_ms: dict[int, int] = {}
    first_ms = min(letter.refused_ms for letter in found)
    for message in read_topic(connection, JOURNAL, range(connection.partitions), first_ms):
        for identity, _ in unpack_hashes(decode_journal(message.value() or b"").accepted):
            if identity in wanted:
                taken_ms[identity] = message.timestamp()[1]
    return [
        letter
        for letter in found
        if all(taken_ms.get(each, 0) <= letter.refused_ms for each in names[letter])
    ]


def _identities(letter: Letter) -> Iterator[int]:
    """Of the event itself, and of the repairs that were given no id of their own; none where it cannot be read."""
    event_id = (letter.event or {}).get("id")
    if not isinstance(event_id, str) or not letter.source:
        return
    for _ in range(REPAIRS_FOLLOWED_MAX):
        yield identity_hash(letter.source, event_id)
        event_id = next_id(event_id)
