"""The local broker: it starts, survives, refuses and ends as it says."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from infra.errors import ConfigurationError, SluiceError
from infra.kafka.broker import LocalKafka
from infra.kafka.directory import BrokerDirectory
from infra.kafka.download import trusted_jars
from infra.kafka.retire import retire_killed_broker
from tests.side_by_side import takes

pytestmark = pytest.mark.kafka


def wait_until(condition: Callable[[], bool], timeout_s: float = 30) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true in time"
        time.sleep(0.01)


def is_alive(process_id: int) -> bool:
    """A process that has ended, but that nobody has waited for yet, is not alive."""
    state = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(process_id)], capture_output=True, text=True, check=False
    )
    return bool(state.stdout.strip()) and not state.stdout.startswith("Z")


def create(bootstrap: str, topic: str, partitions: int = 1) -> None:
    admin = AdminClient({"bootstrap.servers": bootstrap})
    admin.create_topics([NewTopic(topic, partitions, 1)])[topic].result(30)


def commit_one(bootstrap: str, topic: str, value: bytes) -> None:
    producer = Producer({"bootstrap.servers": bootstrap, "transactional.id": f"test-{topic}"})
    producer.init_transactions(30)
    producer.begin_transaction()
    producer.produce(topic, value)
    producer.commit_transaction(30)


def read_first(bootstrap: str, topic: str) -> bytes | None:
    consumer = Consumer(
        {"bootstrap.servers": bootstrap, "group.id": "test", "isolation.level": "read_committed"}
    )
    consumer.assign([TopicPartition(topic, 0, 0)])
    message = consumer.poll(30)
    consumer.close()
    assert message is not None
    assert message.error() is None
    return message.value()


def test_a_transaction_is_read_back(kafka: LocalKafka, prefix: str) -> None:
    create(kafka.bootstrap, prefix + "orders")
    commit_one(kafka.bootstrap, prefix + "orders", b"an order")
    assert read_first(kafka.bootstrap, prefix + "orders") == b"an order"


def test_it_listens_on_the_loopback_address_only(kafka: LocalKafka) -> None:
    assert kafka.bootstrap.startswith("127.0.0.1:")
    listeners = (kafka.directory / "server.properties").read_text()
    assert "0.0.0.0" not in listeners


def test_it_is_in_a_session_of_its_own_so_that_an_interrupt_in_the_terminal_spares_it(
    kafka: LocalKafka,
) -> None:
    assert os.getsid(kafka.process_id) != os.getsid(0)


def test_nothing_is_created_by_a_typing_error(kafka: LocalKafka, prefix: str) -> None:
    admin = AdminClient({"bootstrap.servers": kafka.bootstrap})
    admin.list_topics(prefix + "oders", timeout=10)
    assert prefix + "oders" not in admin.list_topics(timeout=10).topics


def test_a_second_start_on_the_same_directory_is_refused(kafka: LocalKafka) -> None:
    with pytest.raises(SluiceError, match=rf"already runs on .* {kafka.process_id}, {kafka.bootstrap}"):
        LocalKafka(kafka.directory).start()


def test_a_port_in_use_is_refused(kafka: LocalKafka, tmp_path: Path) -> None:
    port = int(kafka.bootstrap.split(":")[1])
    with pytest.raises(ConfigurationError, match=f"Port {port} of 127.0.0.1 is in use"):
        LocalKafka(tmp_path, port).start()


@takes(12)
def test_what_was_committed_survives_a_kill_and_a_stop(tmp_path: Path) -> None:
    """Also a kill before the broker has written the marker of a commit that it has acknowledged: see
    `infra/kafka/retire.py`.
    """
    broker = LocalKafka(tmp_path).start()
    address, killed = broker.bootstrap, broker.process_id
    create(address, "orders")
    # The more partitions, the surer Kafka's mistake is to be lasting, if it happens.
    create(address, "others", partitions=100)
    commit_one(address, "orders", b"an order")

    broker.kill()
    assert not is_alive(killed)
    broker.start()
    assert broker.bootstrap == address
    assert read_first(address, "orders") == b"an order"
    # Kafka's words when it leaves a marker out; that loses the commit only sometimes, so say it always.
    assert "likely deleted already" not in (tmp_path / "broker.log").read_text()

    stopped = broker.process_id
    broker.stop()
    assert not is_alive(stopped)
    assert BrokerDirectory(tmp_path).running() is None
    with LocalKafka(tmp_path) as later:
        assert read_first(later.bootstrap, "orders") == b"an order"


@takes(6)
def test_a_broker_that_was_killed_twice_starts_again(tmp_path: Path) -> None:
    with LocalKafka(tmp_path) as broker:
        broker.kill()
        # As if the start after the kill had been killed too: then the controller has no broker to give up.
        with BrokerDirectory(tmp_path).exclusive() as lock:
            retire_killed_broker(BrokerDirectory(tmp_path), trusted_jars(), {}, lock)
        broker.start()
        assert AdminClient({"bootstrap.servers": broker.bootstrap}).list_topics(timeout=10).brokers


def test_it_ends_with_its_parent_even_when_that_is_killed(tmp_path: Path) -> None:
    program = (
        "import sys, pathlib, signal\n"
        "from infra.kafka.broker import LocalKafka\n"
        "print(LocalKafka(pathlib.Path(sys.argv[1])).start().process_id, flush=True)\n"
        "signal.pause()\n"
    )
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, text=True, cwd=root
    ) as parent:
        assert parent.stdout is not None
        process_id = int(parent.stdout.readline())
        assert is_alive(process_id)
        parent.send_signal(signal.SIGKILL)
    wait_until(lambda: not is_alive(process_id))
    wait_until(lambda: BrokerDirectory(tmp_path).running() is None)


def test_a_start_that_fails_shows_the_end_of_the_log(tmp_path: Path) -> None:
    # Somebody removed the data of a directory that had been formatted.
    BrokerDirectory(tmp_path).mark_formatted()
    with pytest.raises(SluiceError, match=r"(?s)ended while it was starting.*broker\.log.*meta\.properties"):
        LocalKafka(tmp_path).start()


def test_a_setting_that_cannot_be_is_named(tmp_path: Path) -> None:
    with pytest.raises(SluiceError, match=r"num\.io\.threads"):
        LocalKafka(tmp_path, settings={"num.io.threads": "many"}).start()
