"""The end of an upgrade: an operator says that the release before will not be needed again."""

from __future__ import annotations

from schemas.codec import BadRecord
from schemas.formats import ENGINE, FORMAT
from schemas.reference import FormatFinalised
from state.partition import Partition


def begins_format(partition: Partition, said: FormatFinalised) -> bool:
    """Whether a newer format is in force from here on; False when it is in force already.

    Raises `BadRecord` for another partition's, for one that this release does not write, and for the way back.
    """
    if said.partition != partition.number:
        raise BadRecord(
            "wrong_partition",
            f"it is about partition {said.partition}, this record came on {partition.number}: "
            "`sluice finalise` places it",
        )
    if said.format > FORMAT:
        raise BadRecord(
            "format_refused",
            f"{ENGINE} writes formats up to {FORMAT}, not {said.format}: upgrade every router first, then say "
            "`sluice finalise` again",
        )
    if said.format < partition.format:
        raise BadRecord(
            "format_refused",
            f"format {partition.format} is in force in partition {partition.number}; a finalised upgrade cannot be "
            "taken back",
        )
    return said.format > partition.format
