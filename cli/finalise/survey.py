"""What stands between an upgrade and its end: the format of each partition, and routers of an older release."""

from __future__ import annotations

from cli.shared.connection import Connection
from cli.shared.topic_reader import read_topic
from infra.members import GroupMember, group_members
from schemas.codec import decode_row
from schemas.formats import CLIENT_ID, STARTED
from schemas.rows import HeadRow
from schemas.topics import ROUTER_STATE

REQUEST_TIMEOUT_S = 10.0


def heads(connection: Connection) -> dict[int, HeadRow]:
    """The journal head of each partition that has ever decided anything.

    Raises `UnreadableRow` when a release later than this one is at work.
    """
    found: dict[int, HeadRow] = {}
    for message in read_topic(connection, ROUTER_STATE, range(connection.partitions)):
        value = message.value()
        if value is not None:
            row = decode_row(value)
            if isinstance(row, HeadRow):
                found[row.partition] = row
    return found


def routers(connection: Connection) -> list[GroupMember]:
    """The members of the groups of this prefix: every router that runs now."""
    prefix = connection.names.prefix
    return group_members(connection.admin, REQUEST_TIMEOUT_S, lambda group: group.startswith(prefix))


def is_of_this_release(router: GroupMember) -> bool:
    """By the name that its client has where nobody set another one."""
    return router.client_id.partition(STARTED)[0] == CLIENT_ID
