"""Consumer groups and who is in them, asked without joining one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient
from msgspec import Struct


class GroupMember(Struct, frozen=True):
    """One member; the id of one with a static name is that name, a hyphen and a UUID."""

    group: str
    id: str
    client_id: str
    host: str


def group_members(
    admin: AdminClient, timeout_s: float, is_wanted: Callable[[str], bool]
) -> list[GroupMember]:
    """Of all groups whose name is wanted.  Raises `KafkaException`, also where only some brokers have answered.

    The older of two ways to ask for members.  The newer one, `describe_consumer_groups`, tells more, but librdkafka
    2.16 ends the whole process where a broker goes away while it is asked: an assertion in its
    `rd_kafka_admin_coord_response_parse`, met at nearly every restart of a broker under steady questions, and never in
    forty this way.  The older one may leave a group out without a word, so the groups are listed first.
    """
    listed = admin.list_consumer_groups(request_timeout=timeout_s).result()
    for fault in listed.errors or []:
        raise KafkaException(fault)
    members: list[GroupMember] = []
    for name in sorted(each.group_id for each in listed.valid or [] if is_wanted(each.group_id)):
        answer: Any = admin.list_groups(name, timeout=timeout_s)
        if not answer:
            raise KafkaException(KafkaError(KafkaError.COORDINATOR_NOT_AVAILABLE))
        for group in answer:
            if group.error is not None:
                raise KafkaException(group.error)
            members += [GroupMember(name, one.id, one.client_id, one.client_host) for one in group.members]
    return members
