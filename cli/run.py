"""`sluice run`: run the router until it is told to stop."""

from typing import Annotated

import typer

from cli.shared.options import Config, Kafka, Prefix
from infra.connect import admin_client, broker_for
from infra.errors import ConfigurationError, SluiceError
from infra.layout import Layout
from infra.settings import Settings
from infra.topics import Topics

FLOWS = ("router",)
FAULTS_SHOWN_MAX = 10


def command(
    flow: Annotated[str, typer.Argument(help="Which flow to run.")] = "router",
    group: Annotated[
        str | None, typer.Option(help="Routers of one group share the partitions. Default: router.")
    ] = None,
    instance: Annotated[
        str | None,
        typer.Option(help="A name of this process that outlives it: a quick restart keeps its partitions."),
    ] = None,
    metrics: Annotated[
        str | None,
        typer.Option(metavar="HOST:PORT", help='For Prometheus, or "off". Default: 127.0.0.1:9464.'),
    ] = None,
    log: Annotated[str | None, typer.Option(help='"text" for a person, "json" for a machine.')] = None,
    log_level: Annotated[
        str | None, typer.Option(help='"debug", "info", "warning" or "error". Default: info.')
    ] = None,
    standby: Annotated[
        bool | None,
        typer.Option(
            "--standby", help="Follow what other processes own, and take it over warm.", show_default=False
        ),
    ] = None,
    kafka: Kafka = None,
    config: Config = None,
    prefix: Prefix = None,
) -> None:
    """Run the router: read events, decide, publish, each bundle in one Kafka transaction.

    Start as many processes as you like: they share the partitions. SIGTERM and Ctrl-C finish the bundle in
    hand.

    Examples:

        sluice run

        sluice run --kafka kafka.example:9092 --instance router-1 --metrics 0.0.0.0:9464 --log json
    """
    if flow not in FLOWS:
        raise ConfigurationError(f"there is no flow {flow!r}; expected {' or '.join(FLOWS)}")
    # Imported here: the engine takes 85 ms to load, and a faulty command line needs none of it.
    from cli.shared.configured import load_all
    from flows.kafka.confluent_port import ConfluentPort
    from flows.logs.log import Log
    from flows.start import start_router

    given = {
        "group": group, "instance": instance, "metrics": metrics, "log": log, "log_level": log_level,
        "standby": standby,
    }  # fmt: skip
    lines = Log(log or "", instance=instance or "")
    try:
        settings, run_config = load_all(kafka, config, prefix, given)
        router = run_config.router
        lines = Log(router.log, instance=router.instance, redactor=settings.redactor())
        with broker_for(settings) as bootstrap:
            layout = _require_topics(settings, bootstrap)
            port = ConfluentPort(router, settings.client(bootstrap), settings.prefix)
            start_router(run_config, port, layout.format, settings.redactor())
    except SluiceError as error:
        # A collector of JSON lines expects nothing else; a person reads the sentence that the command ends with.
        if lines.is_json and not error.is_told:
            lines.error("failed", f"the router cannot start: {error}")
            error.is_told = True
        raise


def _require_topics(settings: Settings, bootstrap: str) -> Layout:
    """Nothing is decided on topics that would break a promise: a wrong partition count above all."""
    topics = Topics(admin_client(settings, bootstrap), settings.client(bootstrap), settings.names)
    faults = topics.verify()
    layout = topics.recorded_layout()
    if not faults and layout is not None:
        return layout
    lines = [str(fault) for fault in faults[:FAULTS_SHOWN_MAX]]
    if len(faults) > FAULTS_SHOWN_MAX:
        lines.append(f"and {len(faults) - FAULTS_SHOWN_MAX} more")
    if any(fault.setting == "topic" for fault in faults):
        lines.append(
            "A topic that this user may not see counts as missing: `sluice doctor` shows what it may do"
        )
    raise SluiceError("the topics are not as they must be:\n" + "\n".join(f"  {line}" for line in lines))
