"""The client settings that the promises rest on, each with its reason.  A user's own properties are merged in.

Measured on a real broker: with librdkafka's own retry back-off a transaction right after another costs up to
120 ms; with the values here a commit takes 2 to 3 ms.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from infra.settings import RESERVED

Settings = dict[str, Any]

# The client's own lines would stand between the router's, in a form that no reader of JSON lines expects.
_QUIET = logging.getLogger("sluice.kafka")
_QUIET.propagate = False
_QUIET.addHandler(logging.NullHandler())

COMMON: Mapping[str, Any] = {
    # Back-to-back transactions are first answered with "concurrent transactions": ask again at once.
    "retry.backoff.ms": 5,
    "retry.backoff.max.ms": 20,
    # A broker that comes back should be found again soon, not after ten seconds.
    "reconnect.backoff.ms": 20,
    "reconnect.backoff.max.ms": 1_000,
    # What matters is raised or logged by the flow in its own words.
    "log_level": 2,
    "logger": _QUIET,
}

READING: Mapping[str, Any] = {
    "isolation.level": "read_committed",
    "enable.auto.commit": False,
    "enable.auto.offset.store": False,
    # An offset that does not exist is a hole in the input: it must be an error, never a silent jump.
    "auto.offset.reset": "error",
    "allow.auto.create.topics": False,
    # The default of one second leaves gaps of a second whenever the local queue was full.
    "fetch.queue.backoff.ms": 5,
    # A fetch under way must not keep a partition waiting that has just been resumed.
    "fetch.wait.max.ms": 100,
    "fetch.message.max.bytes": 8 * 1024 * 1024,
    "queued.max.messages.kbytes": 32 * 1024,
    "check.crcs": True,
}

RESTORING: Mapping[str, Any] = {
    **READING,
    "enable.partition.eof": True,
    "fetch.wait.max.ms": 10,
    # Big steps: nothing else is wanted from this client.
    "fetch.message.max.bytes": 16 * 1024 * 1024,
    "queued.max.messages.kbytes": 64 * 1024,
}

FOLLOWING: Mapping[str, Any] = {
    **RESTORING,
    # There is nothing new most of the time: asking a hundred times a second would burden the broker for nothing. What
    # comes ends the wait at once; what a take-over asks for waits no longer than this.
    "fetch.wait.max.ms": 100,
    # Read ahead less: it is there for as long as the process lives, once for each partition that is followed.
    "fetch.message.max.bytes": 8 * 1024 * 1024,
    "queued.max.messages.kbytes": 16 * 1024,
}

PRODUCING: Mapping[str, Any] = {
    "enable.idempotence": True,
    "acks": "all",
    # A bundle is flushed as a whole; waiting for company would only add to its age.
    "linger.ms": 0,
    # Every record is placed on the bundle's own partition explicitly; this is for whoever forgets.
    "partitioner": "murmur2_random",
    "delivery.report.only.error": True,
    # Dead letters carry inputs of any size that a broker takes.
    "message.max.bytes": 9 * 1024 * 1024,
    "queue.buffering.max.kbytes": 256 * 1024,
}


def merged(ours: Mapping[str, Any], user: Mapping[str, str]) -> Settings:
    """Ours, then the user's, then again what a promise depends on (which the settings' own check refuses earlier)."""
    fixed = {name: value for name, value in ours.items() if name in RESERVED}
    return {**COMMON, **ours, **user, **fixed}
