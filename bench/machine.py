"""What the numbers were measured on."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path

from confluent_kafka import libversion
from msgspec import Struct

from bench.cores import MYPYC, SOURCE, best_core
from infra.kafka.jars import kafka_version

CORES = {MYPYC: "compiled by mypyc", SOURCE: "as source"}


class Machine(Struct, frozen=True):
    """The machine and the parts that matter."""

    processor: str
    cores: int
    memory_gib: float
    python: str
    kafka: str
    librdkafka: str
    msgspec: str
    core: str
    """`compiled` or `source`: what the router of throughput, latency and restore was made of."""


def this_machine() -> Machine:
    return Machine(
        _processor(),
        os.cpu_count() or 0,
        round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        f"{platform.python_implementation()} {platform.python_version()}",
        kafka_version(),
        str(libversion()[0]),
        version("msgspec"),
        best_core(),
    )


def machine_line(machine: Machine) -> str:
    """One line for a person."""
    return (
        f"{machine.cores} x {machine.processor}, {machine.memory_gib:.0f} GiB, {machine.python}, "
        f"Apache Kafka {machine.kafka} (one node on the same machine), librdkafka {machine.librdkafka}, "
        f"msgspec {machine.msgspec}; core {CORES[machine.core]}"
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
