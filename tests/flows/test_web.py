"""What a process answers about itself, as Prometheus, a load balancer and a supervisor ask it."""

from __future__ import annotations

import json
import socket
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from prometheus_client import CollectorRegistry

from flows.config import RouterConfig
from flows.health import Health, PartitionHealth
from flows.logs.log import Log
from flows.metrics import Metrics
from flows.web import serve
from infra.errors import ConfigurationError, SluiceError
from infra.kafka.ports import free_port

CONFIG = RouterConfig(silence_ms_max=10_000, ready_lag_ms_max=5_000)


class Clock:
    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def health(clock: Clock) -> Health:
    return Health(CONFIG, clock)


def test_a_process_is_not_ready_before_the_group_has_assigned_something(health: Health) -> None:
    health.beat({}, is_assigned=False)
    assert health.alive().ok
    assert health.ready().reasons == ["waits for the consumer group to assign partitions"]


def test_a_process_that_is_given_nothing_is_ready(health: Health) -> None:
    health.beat({}, is_assigned=True)
    assert health.ready().ok


def test_it_is_ready_when_every_partition_decides_and_none_is_late(health: Health) -> None:
    health.beat({0: PartitionHealth("live", 10, 4.9), 1: PartitionHealth("restoring")}, is_assigned=True)
    assert health.ready().reasons == ["partition 1 is restoring"]
    health.beat({0: PartitionHealth("live", 10, 4.9), 1: PartitionHealth("live")}, is_assigned=True)
    assert health.ready().ok
    health.beat({0: PartitionHealth("live", 1_200, 5.1), 1: PartitionHealth("live")}, is_assigned=True)
    assert health.ready().reasons == ["partition 0 is 5 s late, with 1,200 records to go"]
    assert health.alive().ok


def test_a_flow_that_stands_still_is_not_alive(health: Health, clock: Clock) -> None:
    health.beat({0: PartitionHealth("live")}, is_assigned=True)
    clock.now_s += 10.1
    assert not health.alive().ok
    assert not health.ready().ok
    assert "silence_ms_max" in health.alive().reasons[0]


def test_the_pages_answer_with_a_status_and_a_reason(health: Health) -> None:
    port = free_port()
    serve(f"127.0.0.1:{port}", Metrics().registry, health, Log())
    health.beat({7: PartitionHealth("restoring")}, is_assigned=True)

    assert get(port, "/healthz")[0] == 200
    status, body = get(port, "/readyz")
    assert status == 503
    assert json.loads(body) == {
        "ok": False,
        "reasons": ["partition 7 is restoring"],
        "partitions": {"7": {"phase": "restoring", "lag_records": 0, "lag_seconds": 0.0}},
    }
    status, body = get(port, "/metrics")
    assert status == 200
    assert b"sluice_build_info" in body
    assert get(port, "/")[0] == 404


@pytest.mark.parametrize(
    "address", ["9464", ":9464", "localhost:http", "127.0.0.1:99999", "::1:9464", "[::1]", "[]:9464"]
)
def test_a_wrong_address_is_told_with_an_example(address: str, health: Health) -> None:
    with pytest.raises(ConfigurationError, match=r"such as 127\.0\.0\.1:9464, or off"):
        serve(address, CollectorRegistry(), health, Log())


def test_an_address_of_ipv6_is_served(health: Health) -> None:
    port = free_port()
    serve(f"[::1]:{port}", CollectorRegistry(), health, Log())
    with urlopen(f"http://[::1]:{port}/healthz", timeout=45) as response:
        assert response.status == 200


@pytest.mark.parametrize("host", ["a" * 64, "2001:db8::1"])
def test_a_host_that_is_not_this_machine_is_told_in_a_sentence(host: str, health: Health) -> None:
    address = f"[{host}]:9464" if ":" in host else f"{host}:9464"
    with pytest.raises(SluiceError, match=r"metrics cannot be served on .*; choose another"):
        serve(address, CollectorRegistry(), health, Log())


def test_an_address_that_is_taken_is_told_with_a_way_out(health: Health) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(SluiceError, match="choose another with --metrics"),
    ):
        serve(f"127.0.0.1:{taken.getsockname()[1]}", CollectorRegistry(), health, Log())


@pytest.mark.parametrize("host", ["127.0.0.1", "203.0.113.1"])
def test_an_address_that_may_be_there_later_is_worth_another_start(host: str, health: Health) -> None:
    """Units do not start a process again that ended with 2: after a boot it would stay away for good."""
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(SluiceError) as told:
        serve(f"{host}:{taken.getsockname()[1]}", CollectorRegistry(), health, Log())
    assert told.value.exit_code == 1


def test_an_address_that_can_never_be_served_is_a_faulty_configuration(health: Health) -> None:
    with pytest.raises(ConfigurationError) as told:
        serve(f"{'a' * 64}:9464", CollectorRegistry(), health, Log())
    assert told.value.exit_code == 2


def get(port: int, path: str) -> tuple[int, bytes]:
    try:
        with urlopen(f"http://127.0.0.1:{port}{path}", timeout=45) as response:
            return response.status, response.read()
    except HTTPError as error:
        return error.code, error.read()
