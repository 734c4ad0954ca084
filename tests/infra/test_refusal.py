"""A broker that is slow is no broker that refuses: librdkafka's own simulated broker answers as late as it is told."""

from __future__ import annotations

from infra.refusal import ATTEMPT_S, refusal_of


def simulated_broker(answer_s: float) -> dict[str, int]:
    return {"test.mock.num.brokers": 1, "test.mock.broker.rtt": round(answer_s * 1000)}


def test_a_slow_broker_is_waited_for_in_turns_that_grow() -> None:
    """An answer that comes after its attempt has ended is lost: attempts of one length would never hear it."""
    assert refusal_of(simulated_broker(ATTEMPT_S + 0.1), timeout_s=20) is None


def test_how_long_it_is_waited_for_has_an_end() -> None:
    refusal = refusal_of(simulated_broker(30), timeout_s=0.1)
    assert refusal is not None
    assert refusal.reason == "no answer"
