"""`sluice doctor`: look at a deployment from outside, and say what to change."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated

import typer

from cli.shared.options import AsJson, Config, Kafka, Prefix


class Role(StrEnum):
    """Whose rights the credentials are checked for."""

    ROUTER = "router"
    SHOP = "shop"
    WAREHOUSE = "warehouse"
    CARRIER = "carrier"
    PLANNER = "planner"
    READER = "reader"


def command(
    router: Annotated[
        list[str] | None,
        typer.Option(metavar="URL", help="A router's pages; once for each. Default: http://127.0.0.1:9464."),
    ] = None,
    role: Annotated[
        Role, typer.Option(help="What the given credentials must be allowed to do.")
    ] = Role.ROUTER,
    wms: Annotated[str, typer.Option(help="The warehouse system's name, for --role warehouse.")] = "",
    group: Annotated[str | None, typer.Option(help="The routers' group. Default: router.")] = None,
    sample: Annotated[
        int,
        typer.Option(
            min=1, max=1_000_000, help="How many of the latest records of each partition to look at."
        ),
    ] = 1_000,
    timeout: Annotated[
        float, typer.Option(min=0.5, max=300, help="Seconds that one question may take.")
    ] = 10.0,
    strict: Annotated[bool, typer.Option("--strict", help="Exit code 1 for warnings, too.")] = False,
    kafka: Kafka = None,
    config: Config = None,
    prefix: Prefix = None,
    as_json: AsJson = False,
) -> None:
    """Look at a deployment from outside, and say what to change. It writes nothing.

    Brokers, their versions and settings, disks, topics, where producers place their records, clocks, access rights,
    the routers' group, what waits, open transactions, and the routers' own pages. Each finding says what was seen,
    what was expected and what to do; the worst stand last. Exit code 1 when something is wrong.

    Examples:

        sluice doctor

        sluice doctor --kafka kafka.example:9092 --router http://router-1:9464 --router http://router-2:9464

        sluice doctor --role shop --config shop.toml --json

        sluice doctor --role warehouse --wms manhattan --config warehouse.toml
    """
    # Imported here: the Kafka client takes a tenth of a second that `sluice doctor --help` need not wait for.
    from rich.console import Console

    from cli.doctor import report
    from cli.doctor.deployment import Deployment
    from cli.doctor.examine import examine
    from cli.shared.configured import load_all
    from cli.shared.router_pages import checked_address
    from infra.connect import broker_for, checked_client
    from infra.errors import ConfigurationError
    from schemas.topics import allocations

    if bool(wms) != (role is Role.WAREHOUSE):
        raise ConfigurationError(
            "--wms belongs to --role warehouse, and says whose allocations it reads: give both"
        )
    if wms:
        try:
            allocations(wms)
        except ValueError as error:
            raise ConfigurationError(f"--wms: {error}") from None
    addresses = [checked_address(address) for address in router or []]
    settings, run_config = load_all(kafka, config, prefix, {"group": group})
    with broker_for(settings) as bootstrap:
        located = examine(
            Deployment(
                checked_client(settings, bootstrap),
                settings.client(bootstrap),
                settings.names,
                run_config,
                role=role.value,
                wms=wms,
                routers=addresses,
                sample_records=sample,
                timeout_s=timeout,
                config_file=config,
            )
        )
    located = [each.redacted(settings.redactor()) for each in located]
    if as_json:
        print(json.dumps(report.as_json(located, is_strict=strict), indent=2, ensure_ascii=False))
    else:
        report.print_text(located, Console())
    raise typer.Exit(report.exit_code(located, is_strict=strict))
