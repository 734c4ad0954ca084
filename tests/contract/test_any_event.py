"""Whatever an event says, as long as it can be read: the router answers within its contract, and goes on."""

from __future__ import annotations

import json

import pytest

from cli.decide.offline import Offline
from docs.contract_files import samples
from schemas.codec import TOPIC_OF_TYPE
from schemas.kinds import DEAD_LETTERS, REFERENCE, STATE_TOPICS
from tests.contract.spoilt import values
from tests.contract.test_samples import validator
from tests.contract.test_schemas import INPUTS, is_read, sample, schema
from tests.memory import same_memory
from tests.promises import promise
from tests.published import count, decide, offline
from tests.world import restore

NAMED_ANEW = {"order.placed": "order_id", "cancel.requested": "request_id"}
"""What makes a repetition of the event, which would not get far."""


def met() -> Offline:
    """A router that knows the order, the shipment and the cancel that the samples speak of."""
    router = offline()
    decide(router, count("tee-white-m", "dc-paris", 80, 1), count("tee-white-m", "store-paris", 3, 1))
    for name in ("order.placed", "cancel.requested"):
        decide(router, samples()[name])
    return router


@promise("P3")
@pytest.mark.parametrize("name", [name for name in INPUTS if TOPIC_OF_TYPE[name] != REFERENCE])
def test_every_event_that_can_be_read_is_answered(name: str) -> None:
    router = met()
    event, fields = sample(name)
    sent = 0
    for field in fields:
        if field.holder is event:
            continue
        for value in values(schema(name)):
            event["id"] = f"{name}/{sent}"
            for own_name in {NAMED_ANEW.get(name, "document")} & event["data"].keys():
                event["data"][own_name] = f"N-{sent}"
            before = field.set(value)
            if is_read(name, event):
                sent += 1
                publications = router.send(TOPIC_OF_TYPE[name], json.dumps(event).encode())
                assert publications, f"{field.key} = {value!r}"
                for topic, _, said, _ in publications:
                    if topic not in (*STATE_TOPICS, DEAD_LETTERS):
                        notice = json.loads(said or b"")
                        validator(notice["type"]).validate(notice)
            field.set(before)
    assert sent > 10
    same_memory(router.partition, restore(router.publications, router.partition.limits))
