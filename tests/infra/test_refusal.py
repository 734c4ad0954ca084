"""A broker that is slow is no broker that refuses: librdkafka's own simulated broker answers as late as it is told."""

from __future__ import annotations

from infra.kafka.ports import free_port
from infra.refusal import ATTEMPT_S, refusal_of


def simulated_broker(answer_s: float) -> dict[str, int]:
    return {"test.mock.num.brokers": 1, "test.mock.broker.rtt": round(answer_s * 1000)}


def test_a_slow_broker_is_waited_for_in_turns_that_grow() -> None:
    """An answer that comes after its attempt has ended is lost: attempts of one length would never hear it."""
    assert refusal_of(simulated_broker(ATTEMPT_S + 0.1), timeout_s=60) is None


def test_how_long_it_is_waited_for_has_an_end() -> None:
    refusal = refusal_of(simulated_broker(30), timeout_s=0.1)
    assert refusal is not None
    assert refusal.reason == "nothing at all came back"
    assert refusal.is_silence
    assert refusal.remedy.startswith(
        "It hangs, is no Kafka, or something on the way drops what is sent to it"
    )


def test_a_port_that_refuses_is_no_silence() -> None:
    refusal = refusal_of({"bootstrap.servers": f"127.0.0.1:{free_port()}"}, timeout_s=1)
    assert refusal is not None
    assert refusal.reason.endswith("Connection refused")
    assert not refusal.is_silence
