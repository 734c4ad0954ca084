"""`sluice send`: publish events from JSON lines."""

import json
import sys
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer
from confluent_kafka import KafkaError, KafkaException, Producer

from cli.shared.connection import Connection, connected_by
from cli.shared.event_file import EventLine, LineFault, checked, read_lines, unchecked
from cli.shared.options import AsJson, Config, Kafka, Prefix, require_input_topic
from cli.shared.pacing import Pauses
from cli.shared.record_size import above_standard, size_faults, too_large
from cli.words.counting import counted
from flows.config import load_run_config
from infra.errors import ConfigurationError, Interrupted, SluiceError
from infra.settings import load_settings
from infra.writing import RecordWriter, reason_of
from schemas.kinds import INPUT_TOPICS, ORDERS
from schemas.placement import partition_of
from schemas.topics import INPUT_BYTES_MAX

DELIVERY_TIMEOUT_S = 60.0
# What a router needs to take the stock before the first orders, and to ask a warehouse to ship before its answer
# makes sense: it reads topics side by side, so without a pause an order may overtake the count it needs.
ANSWER_DELAY_S = 1.0

# After Ctrl-C: what is on its way may still arrive, and is waited for as long as a person likes to wait.
INTERRUPTED_TIMEOUT_S = 5.0

TOPICS_HELP = f"Only needed where the type does not say it: {', '.join(INPUT_TOPICS)}."


def command(
    file: Annotated[Path, typer.Argument(help="JSON lines, one event each; - reads standard input.")],
    topic: Annotated[str | None, typer.Option(help=TOPICS_HELP)] = None,
    check: Annotated[
        bool, typer.Option("--check/--no-check", help="Refuse what the router would refuse.")
    ] = True,
    network: Annotated[
        str, typer.Option(help="With --no-check: the network of lines that name none.")
    ] = "eu",
    rate: Annotated[float | None, typer.Option(min=0.001, help="Events a second. Default: at once.")] = None,
    as_json: AsJson = False,
    kafka: Kafka = None,
    config: Config = None,
    prefix: Prefix = None,
) -> None:
    """Publish events, each on the topic of its type and the partition of its network.

    Nothing is sent unless every line can be; all faults are named, exit code 2. Where orders follow stock, and
    where a warehouse's event follows others, a second passes first, so that the router has taken what came before.

    Examples:

        sluice send my-network/events.jsonl

        sluice send - --rate 100 < orders.jsonl
    """
    require_input_topic(topic)
    settings = load_settings(kafka, config, prefix)
    events = _read(file, topic, check, network, load_run_config(config, {}).limits.order_bytes_max)
    with connected_by(settings, ("shop", "warehouse", "carrier")) as connection:
        refuse(file, size_faults(events, connection))
        sent = send(events, connection, rate)
    if as_json:
        places = [
            {"topic": name, "partition": partition, "events": count}
            for (name, partition), count in sorted(sent.items())
        ]
        print(json.dumps({"sent": sent.total(), "places": places}))
        return
    for (name, partition), count in sorted(sent.items()):
        print(f"{name}   partition {partition}   {counted(count, 'event')}")
    print(f"Sent {counted(sum(sent.values()), 'event')}.")


def _read(file: Path, topic: str | None, check: bool, network: str, order_bytes_max: int) -> list[EventLine]:
    """Every line, or all the reasons why some cannot be sent."""
    events: list[EventLine] = []
    faults: list[LineFault] = []
    for line, value in read_lines(file):
        outcome = checked(line, value) if check else unchecked(line, value, topic, network)
        if isinstance(outcome, LineFault):
            faults.append(outcome)
        elif check and topic not in {None, outcome.topic}:
            faults.append(LineFault(line, f"this event belongs on {outcome.topic}, not on {topic}"))
        elif check and outcome.topic == ORDERS and len(value) > order_bytes_max:
            found = f"the order has {len(value):,} bytes, at most {order_bytes_max:,} are taken"
            faults.append(LineFault(line, f"{found} (limits.order_bytes_max): split it"))
        else:
            events.append(outcome)
    if faults:
        # Without asking the broker what it takes: these lines may have to be mended too.
        faults += [too_large(event) for event in above_standard(events)]
    refuse(file, faults)
    return events


def refuse(file: Path, faults: list[LineFault]) -> None:
    """Names every line that cannot be sent, if there is any."""
    if faults:
        for fault in sorted(faults, key=lambda fault: fault.line):
            print(f"{file}:{fault.line}: {fault.message}", file=sys.stderr)
        raise ConfigurationError(f"{counted(len(faults), 'line')} of {file} cannot be sent, so nothing was")


def send(
    events: Iterable[EventLine], connection: Connection, rate: float | None = None
) -> Counter[tuple[str, int]]:
    """Sends events in their order and returns how many went to each topic and partition.

    Raises `Interrupted` at Ctrl-C.
    """
    producer = RecordWriter(
        {
            **connection.properties,
            "linger.ms": 5,
            # The broker decides what is too large; librdkafka's own limit is a little below the broker's.
            "message.max.bytes": 2 * INPUT_BYTES_MAX,
        }
    )
    sent: Counter[tuple[str, int]] = Counter()
    stored: Counter[str] = Counter()
    refused: list[str] = []

    def delivered(error: KafkaError | None, message: Any) -> None:
        if error is None:
            stored[message.topic()] += 1
        else:
            refused.append(f"{message.topic()}: {reason_of(error)}")

    started = time.monotonic()
    pauses = Pauses()
    last_line = 0
    try:
        for event in events:
            if pauses.due_before(event.topic):
                _settle(producer, refused)
                time.sleep(ANSWER_DELAY_S)
                started += ANSWER_DELAY_S
            if rate is not None:
                time.sleep(max(0.0, started + sent.total() / rate - time.monotonic()))
            name = connection.names.prefix + event.topic
            partition = partition_of(event.network, connection.partitions)
            try:
                producer.write(name, event.network.encode(), event.value, partition, delivered)
            except KafkaException as error:
                raise SluiceError(f"line {event.line} could not be sent: {error.args[0].str()}") from None
            sent[name, partition] += 1
            last_line = event.line
        _settle(producer, refused)
    except KeyboardInterrupt:
        producer.flush(INTERRUPTED_TIMEOUT_S)
        raise Interrupted(how_far(sent.total(), stored.total(), last_line)) from None
    return sent


def how_far(sent: int, stored: int, last_line: int) -> str:
    """How far it came, so that a person knows what is left to send."""
    if not sent:
        return "interrupted before anything was sent"
    told = "all of them" if stored >= sent else f"{stored:,} of them"
    return (
        f"interrupted: {counted(sent, 'event')} sent, {told} acknowledged. The last one was line {last_line}; what "
        "follows it was not sent"
    )


def _settle(producer: Producer, refused: list[str]) -> None:
    """Waits until everything so far is stored, and says what is not."""
    left = producer.flush(DELIVERY_TIMEOUT_S)
    if refused or left:
        reason = refused[0] if refused else f"not acknowledged in {DELIVERY_TIMEOUT_S:.0f} s"
        raise SluiceError(
            f"{counted(len(refused) + left, 'event')} could not be sent ({reason}). Once that is mended, send "
            "all of them again: what has been taken has no further effect"
        )
