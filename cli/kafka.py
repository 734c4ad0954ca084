"""`sluice kafka`: a real Apache Kafka on this machine, until Ctrl-C."""

import signal
import threading
from pathlib import Path
from typing import Annotated

import typer

from infra.connect import KAFKA_DIRECTORY
from infra.kafka.broker import LocalKafka


def command(
    port: Annotated[int | None, typer.Option(help="Default: a free one.", min=1, max=65535)] = None,
    directory: Annotated[Path, typer.Option(help="Where its data is kept.")] = KAFKA_DIRECTORY,
) -> None:
    """Start a local Kafka on 127.0.0.1, and keep it until Ctrl-C. Its data stays for the next start.

    Examples:

        sluice kafka

        sluice kafka --port 9092 --directory /var/tmp/sluice
    """
    finished = threading.Event()
    for heeded in (signal.SIGINT, signal.SIGTERM):
        signal.signal(heeded, lambda _number, _frame: finished.set())
    with LocalKafka(directory, port) as kafka:
        print(
            f"Apache Kafka is ready at {kafka.bootstrap} (process {kafka.process_id}, data in {directory})."
        )
        print(f"Next, in another terminal: sluice topics --kafka {kafka.bootstrap}", flush=True)
        while not finished.wait(1):
            kafka.require_running()
        print("Stopping.", flush=True)
