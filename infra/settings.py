"""How Sluice reaches a Kafka cluster: one set of client properties for every verb, from flag, environment and file.

The flag wins over the environment, the environment over the file:

- `--kafka host:port`
- `SLUICE_KAFKA_<PROPERTY>`: SLUICE_KAFKA_SASL_PASSWORD is sasl.password; with `_FILE` behind it, the value is the path
  of a file that holds the secret
- the `[kafka]` section of `sluice.toml`, or of the file given with --config

Any property of librdkafka may be given, except the few that exactly-once depends on.
"""

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from infra.errors import ConfigurationError
from infra.redaction import REDACTED, Redactor
from schemas.topics import DEFAULT_PREFIX, Names

DEFAULT_FILE = Path("sluice.toml")
ENVIRONMENT_PREFIX = "SLUICE_KAFKA_"
TOPIC_PREFIX_VARIABLE = "SLUICE_PREFIX"
SECTIONS = ("kafka", "topics", "router", "limits")
"""Of the file. The last two are read by `flows.config`, where a router runs or is looked at."""
TOPICS_SETTINGS = ("prefix",)
NOT_UTF8 = "it is not UTF-8 text; save it as UTF-8"

_SECRET = re.compile(r"password|secret|\.pem$|\.key$|token|jaas|oauthbearer\.config|assertion")
_ADDRESS = re.compile(r"[^\s,:]+:\d{1,5}(,[^\s,:]+:\d{1,5})*|\[[0-9a-fA-F:]+\]:\d{1,5}")

# Sluice sets these itself; another value would break a promise without a sound.
RESERVED: Mapping[str, str] = {
    "enable.auto.commit": "offsets are committed inside the transaction",
    "enable.auto.offset.store": "offsets are committed inside the transaction",
    "enable.idempotence": "transactions need it on",
    "group.id": "the group belongs to `sluice run`",
    "group.instance.id": "it belongs to `sluice run`",
    "isolation.level": "every reader of Sluice is read_committed",
    "auto.offset.reset": "an input that retention has cut must be reported, never skipped",
    "partitioner": "a record's partition is chosen by its network",
    "partition.assignment.strategy": "a network's topics must be assigned together",
    "transactional.id": "it fences the previous owner of a partition",
}


@dataclass(frozen=True)
class Settings:
    """What was configured. `properties` goes to every client as it is; print `redacted()` only."""

    properties: Mapping[str, str] = field(default_factory=dict, repr=False)
    prefix: str = DEFAULT_PREFIX
    origins: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Where each property came from, for messages to a person."""

    @property
    def bootstrap(self) -> str | None:
        """The configured cluster, or None when the local broker is meant."""
        return self.properties.get("bootstrap.servers")

    @property
    def names(self) -> Names:
        return Names(self.prefix)

    def client(self, bootstrap: str) -> dict[str, str]:
        """The properties of a client of the cluster at this address."""
        return {**self.properties, "bootstrap.servers": bootstrap}

    def redacted(self) -> dict[str, str]:
        """The properties as they may be shown and logged."""
        return {
            name: REDACTED if _SECRET.search(name) else value
            for name, value in sorted(self.properties.items())
        }

    def redactor(self) -> Redactor:
        """Takes the values of these secrets out of what others say, such as the errors of the client."""
        return Redactor(value for name, value in self.properties.items() if _SECRET.search(name))


def load_settings(
    kafka: str | None = None,
    config: Path | None = None,
    prefix: str | None = None,
    environment: Mapping[str, str] = os.environ,
) -> Settings:
    """Read and check everything; every fault is reported at once."""
    settings, faults = read_settings(kafka, config, prefix, environment)
    if faults:
        raise ConfigurationError("\n".join(faults))
    return settings


def read_settings(
    kafka: str | None = None,
    config: Path | None = None,
    prefix: str | None = None,
    environment: Mapping[str, str] = os.environ,
) -> tuple[Settings, list[str]]:
    """What was configured, and every fault of it, for whoever has more to check before it says them."""
    faults: list[str] = []
    document, file_name = _read_file(config)
    faults += _unknown_names(document, file_name)
    properties: dict[str, str] = {}
    origins: dict[str, str] = {}

    def take(name: str, value: str, origin: str) -> None:
        if name in RESERVED:
            faults.append(f"{origin}: {name} is set by Sluice itself ({RESERVED[name]}); remove it")
        properties[name] = value
        origins[name] = origin

    for name, value in _flattened(document.get("kafka", {}), f"{file_name} [kafka]", faults):
        take(name, value, f"{file_name} [kafka]")
    for name, value, origin in _from_environment(environment, faults):
        take(name, value, origin)
    if kafka is not None:
        take("bootstrap.servers", kafka, "--kafka")

    _check_address(properties.get("bootstrap.servers"), origins, faults)
    chosen_prefix = _prefix(prefix, environment, document, file_name, faults)
    return Settings(properties, chosen_prefix, origins), faults


def read_document(config: Path | None) -> dict[str, Any]:
    """The file as it is; raises `ConfigurationError` for one that cannot be read at all."""
    return _read_file(config)[0]


def _read_file(config: Path | None) -> tuple[dict[str, Any], str]:
    path = config or DEFAULT_FILE
    if config is None and not path.exists():
        return {}, str(path)
    try:
        return tomllib.loads(_text(path)), str(path)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else NOT_UTF8
        raise ConfigurationError(f"{path} cannot be read: {reason}") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{path} is not valid TOML: {error}") from None


def _text(path: Path) -> str:
    """What stands in a file, without the byte order mark that some editors put before it."""
    return path.read_text(encoding="utf-8-sig")


def _unknown_names(document: Mapping[str, Any], file_name: str) -> list[str]:
    """What nobody would ever read: a misspelt section would leave every bound in it at its default."""
    faults = [
        f"{file_name}: no section `{name}`; there are: {', '.join(SECTIONS)}"
        for name in document
        if name not in SECTIONS
    ]
    topics = document.get("topics", {})
    if not isinstance(topics, dict):
        return [*faults, f"{file_name} [topics]: expected a section, found {type(topics).__name__}"]
    return faults + [
        f"{file_name} [topics] has no setting {name!r}; it knows: {', '.join(TOPICS_SETTINGS)}"
        for name in topics
        if name not in TOPICS_SETTINGS
    ]


def _flattened(table: object, origin: str, faults: list[str], above: str = "") -> list[tuple[str, str]]:
    """Properties with dots in their names: TOML reads an unquoted `sasl.password` as a table in a table."""
    if not isinstance(table, dict):
        faults.append(f"{origin}: expected a section of properties, found {type(table).__name__}")
        return []
    properties = []
    for key, value in table.items():
        name = f"{above}{key}"
        if isinstance(value, dict):
            properties += _flattened(value, origin, faults, f"{name}.")
        elif isinstance(value, bool):
            properties.append((name, "true" if value else "false"))
        elif isinstance(value, str | int | float):
            properties.append((name, str(value)))
        else:
            faults.append(
                f"{origin}: {name} must be a text, a number, true or false; it is {type(value).__name__}"
            )
    return properties


def _from_environment(environment: Mapping[str, str], faults: list[str]) -> list[tuple[str, str, str]]:
    properties = []
    for variable in sorted(environment):
        if not variable.startswith(ENVIRONMENT_PREFIX):
            continue
        plain = variable.removesuffix("_FILE")
        value: str | None = environment[variable]
        if plain != variable:
            if plain in environment:
                faults.append(f"{plain} and {variable} are both set; remove one of them")
                continue
            value = _secret_file(variable, environment[variable], faults)
        if value is not None:
            name = plain.removeprefix(ENVIRONMENT_PREFIX).lower().replace("_", ".")
            properties.append((name, value, variable))
    return properties


def _secret_file(variable: str, path: str, faults: list[str]) -> str | None:
    try:
        # Editors and `echo` end a file with a new line, which is no part of the secret.
        return _text(Path(path)).rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else NOT_UTF8
        faults.append(f"{variable}: the file {path} cannot be read: {reason}")
        return None


def _check_address(address: str | None, origins: Mapping[str, str], faults: list[str]) -> None:
    if address is not None and not _ADDRESS.fullmatch(address):
        # What stands before an @ is a user's name and password, in the form that other products take.
        shown = re.sub(r".*@", f"{REDACTED}@", address, flags=re.DOTALL)
        faults.append(
            f"{origins['bootstrap.servers']}: {shown!r} is not an address; expected host:port, such as "
            "127.0.0.1:9092 (several are separated by commas)"
        )


def _prefix(
    flag: str | None,
    environment: Mapping[str, str],
    document: Mapping[str, Any],
    file_name: str,
    faults: list[str],
) -> str:
    topics = document.get("topics", {})
    in_file = topics.get("prefix") if isinstance(topics, dict) else None
    candidates = (
        (flag, "--prefix"),
        (environment.get(TOPIC_PREFIX_VARIABLE), TOPIC_PREFIX_VARIABLE),
        (in_file, f"{file_name} [topics] prefix"),
    )
    for value, origin in candidates:
        if value is None:
            continue
        try:
            return Names(str(value)).prefix
        except ValueError as error:
            faults.append(f"{origin}: {error}")
    return DEFAULT_PREFIX
