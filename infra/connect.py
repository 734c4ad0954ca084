"""From settings to a cluster: the configured one, or the local broker that runs or ran here."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from infra.errors import ConfigurationError, SluiceError
from infra.kafka.directory import BrokerDirectory
from infra.refusal import Refusal, refusal_of
from infra.settings import Settings

KAFKA_DIRECTORY = Path(".sluice/kafka")
DEMO_DIRECTORY = Path(".sluice/demo")

METADATA_TIMEOUT_S = 10.0
FIRST_ANSWER_S = 1.0
NOWHERE = "127.0.0.1:1"
"""An address for a client that is made to check its properties, and asks nothing."""


@contextmanager
def broker_for(settings: Settings, directory: Path | None = None) -> Iterator[str]:
    """The address of the cluster to use.

    The configured cluster when there is one; otherwise a local broker that runs here; otherwise the data that
    an earlier run left here, on a broker of its own for as long as the block lasts.
    """
    if settings.bootstrap is not None:
        yield settings.bootstrap
        return
    places = [
        BrokerDirectory(path) for path in ([directory] if directory else [KAFKA_DIRECTORY, DEMO_DIRECTORY])
    ]
    for place in places:
        running = place.running()
        if running is not None:
            yield running.bootstrap
            return
    used = [place for place in places if place.is_formatted]
    if not used:
        raise ConfigurationError(
            f"There is no Kafka to talk to: none was given with --kafka, and none runs or ran in "
            f"{' or '.join(str(place.path) for place in places)}. "
            "Start one with `sluice kafka`, or name a cluster with --kafka host:port"
        )
    # Imported here: starting a broker is the rare way, and every read verb passes through this module.
    from infra.kafka.broker import LocalKafka

    latest = max(used, key=BrokerDirectory.last_used)
    with LocalKafka(latest.path) as kafka:
        yield kafka.bootstrap


def admin_client(settings: Settings, bootstrap: str) -> AdminClient:
    """An administrator's client whose cluster has answered; a person is told why when it does not."""
    client = checked_client(settings, bootstrap)
    if not _answers(client, min(FIRST_ANSWER_S, METADATA_TIMEOUT_S)):
        refusal = refusal_of(settings.client(bootstrap), METADATA_TIMEOUT_S)
        # It may have been about to answer.
        if refusal is not None or not _answers(client, METADATA_TIMEOUT_S):
            raise SluiceError(settings.redactor().text(_no_answer(settings, bootstrap, refusal)))
    return client


def _answers(client: AdminClient, timeout_s: float) -> bool:
    try:
        client.list_topics(timeout=timeout_s)
    except KafkaException:
        return False
    return True


def _no_answer(settings: Settings, bootstrap: str, refusal: Refusal | None) -> str:
    if refusal is None:
        return f"Kafka at {bootstrap} does not answer"
    names: defaultdict[str, list[str]] = defaultdict(list)
    for name in refusal.properties:
        if name in settings.origins:
            names[settings.origins[name]].append(name)
    places = "; ".join(f"{', '.join(set_there)} set by {origin}" for origin, set_there in names.items())
    told = f"Kafka at {bootstrap} does not answer: {refusal.reason}. {refusal.remedy}"
    return f"{told} ({places})" if places else told


def checked_client(settings: Settings, bootstrap: str) -> AdminClient:
    """A client, or a sentence about the property that librdkafka does not accept."""
    client, faults = _client_and_faults(settings, bootstrap)
    if client is None or faults:
        raise ConfigurationError("\n".join(faults))
    return client


def property_faults(settings: Settings) -> list[str]:
    """What librdkafka does not accept, of all properties; it is not asked for a broker."""
    return _client_and_faults(settings, settings.bootstrap or NOWHERE)[1]


def _client_and_faults(settings: Settings, bootstrap: str) -> tuple[AdminClient | None, list[str]]:
    """librdkafka names one property at a time: without those that it has named it is asked for the next."""
    properties = settings.client(bootstrap)
    faults: list[str] = []
    while True:
        try:
            # Quiet: librdkafka prints every refused connection, and what a person needs is one sentence at the end.
            return AdminClient({"log_level": 0, **properties}), faults
        except KafkaException as error:
            # The client quotes what it could not read, and that may be a secret.
            reason = settings.redactor().text(error.args[0].str())
        name = _named_in(reason, settings, properties)
        if name is None:
            return None, [*faults, reason]
        faults.append(f"{settings.origins[name]}: {reason}")
        del properties[name]


def _named_in(reason: str, settings: Settings, properties: Mapping[str, str]) -> str | None:
    """Which of them was refused; where the client calls it by its other name, each is tried alone."""
    given = [name for name in settings.origins if name in properties]
    for name in given:
        if f'"{name}"' in reason:
            return name
    for name in given:
        try:
            AdminClient({"log_level": 0, name: properties[name]})
        except KafkaException as error:
            if settings.redactor().text(error.args[0].str()) == reason:
                return name
    return None
