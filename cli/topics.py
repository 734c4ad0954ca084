"""`sluice topics`: create every topic, or verify them."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from cli.shared.options import AsJson, Config, Kafka, Prefix
from cli.shared.own_name import next_command, own_name
from infra.connect import admin_client, broker_for
from infra.errors import ConfigurationError
from infra.settings import load_settings
from infra.topic_settings import Fault
from infra.topics import Topics
from schemas.topics import allocations


def command(
    wms: Annotated[
        list[str] | None, typer.Argument(help="Warehouse systems, each with a topic of its own.")
    ] = None,
    partitions: Annotated[
        int | None, typer.Option(help="Of every topic, chosen once for good. Default: 8.")
    ] = None,
    create: Annotated[
        bool, typer.Option("--create/--verify", help="Create what is missing, or only look.")
    ] = True,
    kafka: Kafka = None,
    config: Config = None,
    prefix: Prefix = None,
    as_json: AsJson = False,
) -> None:
    """Create every topic that is missing, then verify all of them and say what is wrong and how to mend it.

    Examples:

        sluice topics --partitions 12 wms-north wms-south

        sluice topics --verify --kafka kafka.example:9092
    """
    settings = load_settings(kafka, config, prefix)
    systems = [_named(each) for each in wms or []]
    with broker_for(settings) as bootstrap:
        topics = Topics(admin_client(settings, bootstrap), settings.client(bootstrap), settings.names)
        created = topics.create_missing(partitions, systems) if create else []
        faults = topics.verify(systems, partitions)
        count = topics.recorded_partitions()
    if as_json:
        _print_json(created, faults, count)
    else:
        _print_text(created, faults, count)
    raise typer.Exit(1 if faults else 0)


def _named(wms: str) -> str:
    try:
        allocations(wms)
    except ValueError as error:
        raise ConfigurationError(str(error)) from None
    return wms


def _print_json(created: list[str], faults: list[Fault], partitions: int | None) -> None:
    report = {"partitions": partitions, "created": created, "faults": [asdict(fault) for fault in faults]}
    print(json.dumps(report, indent=2))


def _print_text(created: list[str], faults: list[Fault], partitions: int | None) -> None:
    for name in created:
        print(f"created   {name}")
    for fault in faults:
        print(f"wrong     {fault}")
    if faults:
        print(
            f"{len(faults)} things are wrong with the topics." if len(faults) > 1 else "One thing is wrong."
        )
    else:
        print(f"Every topic is as it must be, with {partitions} partitions.")
    if created and not faults:
        print(f"Next: {own_name()} init my-network, then {next_command('apply', 'my-network')}")
