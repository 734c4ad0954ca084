"""Consumer groups and who is in them, asked without joining one."""

from __future__ import annotations

from typing import Any

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from msgspec import Struct


class GroupMember(Struct, frozen=True):
    """One member; the id of one with a static name is that name, a hyphen and a UUID."""

    group: str
    id: str
    client_id: str
    host: str


def group_members(admin: AdminClient, timeout_s: float, group: str | None = None) -> list[GroupMember]:
    """Of all groups, or of one; none where it does not exist.  Raises `KafkaException`.

    The older of two ways to ask.  The newer one, `describe_consumer_groups`, tells more, but librdkafka 2.16 ends the
    whole process where a broker goes away while it is asked: an assertion in its `rd_kafka_admin_coord_response_parse`,
    met at every second to fourth restart of a broker under steady questions, and never in forty this way.
    """
    named = () if group is None else (group,)
    listed: Any = admin.list_groups(*named, timeout=timeout_s)
    members: list[GroupMember] = []
    for each in listed:
        if each.error is not None:
            raise KafkaException(each.error)
        members += [GroupMember(each.id, one.id, one.client_id, one.client_host) for one in each.members]
    return members
