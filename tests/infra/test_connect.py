"""Which cluster a verb talks to."""

import shutil
from pathlib import Path

import pytest

from infra.connect import admin_client, broker_for, checked_client
from infra.errors import ConfigurationError, SluiceError
from infra.kafka.broker import LocalKafka
from infra.kafka.directory import BrokerDirectory
from infra.settings import Settings, load_settings


def test_the_configured_cluster_is_used_as_it_is(tmp_path: Path) -> None:
    with broker_for(Settings({"bootstrap.servers": "kafka.example:9092"}), tmp_path) as bootstrap:
        assert bootstrap == "kafka.example:9092"


def test_a_broker_that_runs_here_is_used_and_left_running(kafka: LocalKafka) -> None:
    with broker_for(Settings(), kafka.directory) as bootstrap:
        assert bootstrap == kafka.bootstrap
    kafka.require_running()


@pytest.mark.kafka
def test_data_of_an_earlier_run_gets_a_broker_for_as_long_as_it_is_read(tmp_path: Path) -> None:
    LocalKafka(tmp_path).start().stop()
    with broker_for(Settings(), tmp_path) as bootstrap:
        admin_client(Settings(), bootstrap)
    assert BrokerDirectory(tmp_path).running() is None
    shutil.rmtree(tmp_path)


def test_without_any_kafka_both_ways_out_are_said(tmp_path: Path) -> None:
    with (
        pytest.raises(ConfigurationError, match=r"Start one with `sluice kafka`.*--kafka host:port"),
        broker_for(Settings(), tmp_path),
    ):
        pass


def test_a_property_that_does_not_exist_is_named_with_its_place() -> None:
    settings = load_settings(environment={"SLUICE_KAFKA_SASL_PASSWRD": "x"})
    with pytest.raises(ConfigurationError, match=r'SLUICE_KAFKA_SASL_PASSWRD: No such .* "sasl\.passwrd"'):
        checked_client(settings, "127.0.0.1:1")


def test_all_properties_that_do_not_exist_are_named_at_once() -> None:
    environment = {
        "SLUICE_KAFKA_SASL_PASSWRD": "x",
        "SLUICE_KAFKA_LINGER_MS": "soon",
        "SLUICE_KAFKA_CLIENT_ID": "me",
    }
    with pytest.raises(ConfigurationError) as caught:
        checked_client(load_settings(environment=environment), "127.0.0.1:1")
    assert [line.split(": ")[0] for line in sorted(str(caught.value).splitlines())] == [
        "SLUICE_KAFKA_LINGER_MS",
        "SLUICE_KAFKA_SASL_PASSWRD",
    ]


@pytest.mark.kafka
def test_a_cluster_that_does_not_answer_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.connect.METADATA_TIMEOUT_S", 0.2)
    with pytest.raises(SluiceError, match=r"Kafka at 127\.0\.0\.1:1 does not answer"):
        admin_client(Settings(), "127.0.0.1:1")
