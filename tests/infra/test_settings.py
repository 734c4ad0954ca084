"""Connection settings: who wins, what is refused, and that no secret is shown."""

from pathlib import Path

import pytest

from infra.errors import ConfigurationError
from infra.redaction import REDACTED
from infra.settings import load_settings


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "sluice.toml"
    path.write_text(
        """
        [kafka]
        bootstrap.servers = "file.example:9092"
        security.protocol = "SASL_SSL"
        "sasl.username" = "file"
        sasl.password = "from the file"
        socket.keepalive.enable = true
        linger.ms = 1

        [topics]
        prefix = "file."
        """
    )
    return path


def test_any_property_may_be_quoted_or_dotted_and_numbers_and_truths_are_written_as_kafka_reads_them(
    config: Path,
) -> None:
    assert load_settings(config=config, environment={}).properties == {
        "bootstrap.servers": "file.example:9092",
        "security.protocol": "SASL_SSL",
        "sasl.username": "file",
        "sasl.password": "from the file",
        "socket.keepalive.enable": "true",
        "linger.ms": "1",
    }


def test_the_flag_wins_over_the_environment_and_that_over_the_file(config: Path) -> None:
    environment = {
        "SLUICE_KAFKA_BOOTSTRAP_SERVERS": "environment.example:9092",
        "SLUICE_KAFKA_SASL_USERNAME": "environment",
        "SLUICE_PREFIX": "environment.",
    }
    settings = load_settings("flag.example:9092", config, environment=environment)
    assert settings.bootstrap == "flag.example:9092"
    assert settings.properties["sasl.username"] == "environment"
    assert settings.properties["sasl.password"] == "from the file"
    assert settings.prefix == "environment."
    assert load_settings(None, config, "flag.", environment).prefix == "flag."
    assert load_settings(None, config, None, {}).prefix == "file."


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("very secret \n")
    environment = {"SLUICE_KAFKA_SASL_PASSWORD_FILE": str(tmp_path / "password")}
    assert load_settings(environment=environment).properties == {"sasl.password": "very secret "}


@pytest.mark.parametrize(
    "name",
    [
        "sasl.password",
        "ssl.key.password",
        "ssl.keystore.password",
        "ssl.key.pem",
        "sasl.oauthbearer.client.secret",
        "sasl.oauthbearer.config",
    ],
)
def test_no_secret_is_shown(name: str) -> None:
    variable = "SLUICE_KAFKA_" + name.upper().replace(".", "_")
    settings = load_settings(environment={variable: "hunter2", "SLUICE_KAFKA_SASL_USERNAME": "router"})
    assert settings.redacted() == {name: REDACTED, "sasl.username": "router"}
    assert "hunter2" not in repr(settings)
    assert "hunter2" not in str(settings.redacted())


def test_every_fault_is_reported_at_once_with_its_place_and_its_remedy(tmp_path: Path) -> None:
    config = tmp_path / "sluice.toml"
    config.write_text(
        '[kafka]\nisolation.level = "read_uncommitted"\nbrokers = ["a"]\n[topics]\nprefix = "a b"\n'
    )
    environment = {
        "SLUICE_KAFKA_TRANSACTIONAL_ID": "mine",
        "SLUICE_KAFKA_SASL_PASSWORD_FILE": str(tmp_path / "absent"),
        "SLUICE_KAFKA_SSL_KEY_PASSWORD": "a",
        "SLUICE_KAFKA_SSL_KEY_PASSWORD_FILE": "b",
    }
    with pytest.raises(ConfigurationError) as caught:
        load_settings("not an address", config, environment=environment)
    faults = str(caught.value).splitlines()
    assert faults == [
        f"{config} [kafka]: brokers must be a text, a number, true or false; it is list",
        f"{config} [kafka]: isolation.level is set by Sluice itself (every reader of Sluice is "
        "read_committed); "
        "remove it",
        f"SLUICE_KAFKA_SASL_PASSWORD_FILE: the file {tmp_path}/absent cannot be read: No such file or "
        "directory",
        "SLUICE_KAFKA_SSL_KEY_PASSWORD and SLUICE_KAFKA_SSL_KEY_PASSWORD_FILE are both set; remove one of "
        "them",
        "SLUICE_KAFKA_TRANSACTIONAL_ID: transactional.id is set by Sluice itself (it fences the previous "
        "owner of a "
        "partition); remove it",
        "--kafka: 'not an address' is not an address; expected host:port, such as 127.0.0.1:9092 (several "
        "are "
        "separated by commas)",
        f"{config} [topics] prefix: 'a b' cannot be a topic prefix: it is words of letters, digits, '-' and "
        "'_', "
        "each followed by a dot, such as 'sluice.' or 'acme.sluice.'",
    ]


def test_a_section_or_a_setting_that_there_is_not_is_refused_with_those_that_there_are(
    tmp_path: Path,
) -> None:
    config = tmp_path / "sluice.toml"
    config.write_text('prefix = "a."\n[limit]\norders_max = 1\n[router]\n[limits]\n[topics]\nprefx = "b."\n')
    with pytest.raises(ConfigurationError) as caught:
        load_settings(config=config, environment={})
    assert caught.value.exit_code == 2
    assert str(caught.value).splitlines() == [
        f"{config}: no section `prefix`; there are: kafka, topics, router, limits",
        f"{config}: no section `limit`; there are: kafka, topics, router, limits",
        f"{config} [topics] has no setting 'prefx'; it knows: prefix",
    ]
    config.write_text('topics = "b."\n')
    with pytest.raises(ConfigurationError, match=r"\[topics\]: expected a section, found str"):
        load_settings(config=config, environment={})


def test_a_file_that_is_named_must_be_there_and_be_toml(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"absent\.toml cannot be read: No such file"):
        load_settings(config=tmp_path / "absent.toml", environment={})
    (tmp_path / "bad.toml").write_text("[kafka\n")
    with pytest.raises(ConfigurationError, match=r"bad\.toml is not valid TOML: .*line 1"):
        load_settings(config=tmp_path / "bad.toml", environment={})


def test_without_anything_the_local_broker_is_meant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load_settings(environment={})
    assert settings.bootstrap is None
    assert settings.prefix == "sluice."
    assert settings.client("127.0.0.1:1") == {"bootstrap.servers": "127.0.0.1:1"}


def test_a_byte_order_mark_that_an_editor_wrote_is_no_part_of_a_file(tmp_path: Path, config: Path) -> None:
    plain = load_settings(config=config, environment={})
    config.write_text(config.read_text(), encoding="utf-8-sig")
    assert load_settings(config=config, environment={}).properties == plain.properties
    secret = tmp_path / "password"
    secret.write_text("correct horse\r\n", encoding="utf-8-sig")
    settings = load_settings(environment={"SLUICE_KAFKA_SASL_PASSWORD_FILE": str(secret)})
    assert settings.properties["sasl.password"] == "correct horse"


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
def test_a_file_in_another_encoding_is_told_how_to_save_it(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "sluice.toml"
    file.write_text('[topics]\nprefix = "é."\n', encoding=encoding)
    with pytest.raises(
        ConfigurationError, match=r"sluice\.toml cannot be read: it is not UTF-8 text; save it as UTF-8"
    ):
        load_settings(config=file, environment={})
