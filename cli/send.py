"""`sluice send`: publish events from JSON lines."""

import json
from pathlib import Path
from typing import Annotated

import typer

from cli.shared.connection import connected_by
from cli.shared.event_file import EventLine, LineFault, checked, read_lines, unchecked
from cli.shared.options import AsJson, Config, Kafka, Prefix, require_input_topic
from cli.shared.record_size import above_standard, size_faults, too_large
from cli.shared.sending import refuse, send
from cli.words.counting import counted
from flows.config import load_run_config
from infra.settings import load_settings
from schemas.kinds import INPUT_TOPICS, ORDERS

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
