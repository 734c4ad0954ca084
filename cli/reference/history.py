"""What was in force when decisions were taken."""

from __future__ import annotations

from collections.abc import Mapping

from cli.reference.sets import entities_under
from cli.shared.connection import Connection
from cli.shared.topic_reader import read_topic
from schemas.notices import Decision
from schemas.reference import AnyEntity
from schemas.topics import REFERENCE

Reference = Mapping[str, list[AnyEntity]]
"""What was in force when a decision was taken, by its set."""


def reference_of(
    connection: Connection, network: str, partition: int, decisions: list[Decision]
) -> Reference:
    """By the set of each of these decisions."""
    log = (message.value() for message in read_topic(connection, REFERENCE, [partition]))
    return entities_under({decision.data.set_id for decision in decisions}, network, log)
