"""A real Apache Kafka on this machine: for the demo, the tests, the benchmark and `sluice kafka`."""

import os
import shutil
import signal
import socket
import subprocess
import time
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from infra.errors import SluiceError
from infra.kafka.directory import BrokerDirectory, Running
from infra.kafka.download import trusted_jars
from infra.kafka.guard import end_of, start_guarded
from infra.kafka.java import BROKER_CLASS, FORMAT_CLASS, java_command, prepare_quick_start
from infra.kafka.ports import free_port, require_free
from infra.kafka.properties import HOST, server_properties
from infra.kafka.retire import retire_killed_broker

FORMAT_TIMEOUT_S = 60
STOP_TIMEOUT_S = 15
POLL_S = 0.02
LOG_BYTES_MAX = 10_000_000


class LocalKafka:
    """A real single-node broker that lives as long as its `with` block or its parent process.

    It keeps its data in its directory, so a later start on the same directory finds everything again.
    `settings` are broker properties that win over Sluice's own.
    """

    def __init__(
        self, directory: Path, port: int | None = None, settings: Mapping[str, str] | None = None
    ) -> None:
        self._directory = BrokerDirectory(directory)
        self._wanted_port = port
        self._settings = dict(settings or {})
        self._warden: subprocess.Popen[str] | None = None
        self._running: Running | None = None

    @property
    def directory(self) -> Path:
        return self._directory.path

    @property
    def bootstrap(self) -> str:
        """`host:port`, for every client; it stays the same when this object starts its broker again."""
        if self._wanted_port is None:
            raise SluiceError("The local broker has not been started, so it has no address yet")
        return f"{HOST}:{self._wanted_port}"

    @property
    def process_id(self) -> int:
        """The JVM's process id."""
        if self._running is None:
            raise SluiceError("The local broker is not running, so it has no process id")
        return self._running.process_id

    def start(self, timeout_s: float = 60) -> Self:
        """Start the broker, formatting a new directory first; return when it answers a client."""
        if self._warden is not None:
            raise SluiceError(f"The local broker on {self._directory.path} has been started already")
        jars = trusted_jars()
        prepare_quick_start(jars)
        with self._directory.exclusive() as lock:
            port = self._port()
            properties = server_properties(self._directory.data, port, free_port(), self._settings)
            self._directory.properties.write_text(properties)
            self._format_when_new(jars)
            _rotate(self._directory.log)
            if self._directory.was_killed:
                retire_killed_broker(self._directory, jars, self._settings, lock)
            self._launch(jars, port, lock)
        try:
            deadline = time.monotonic() + timeout_s
            self._wait_for_listener(deadline)
            self._wait_for_metadata(deadline)
        except BaseException:
            self.kill()
            raise
        return self

    def require_running(self) -> None:
        """A clear error when the broker has ended by itself."""
        if self._warden is None or self._warden.poll() is not None:
            raise SluiceError(
                f"The local broker has ended. The end of its log, {self._directory.log}:\n"
                f"{end_of(self._directory.log)}"
            )

    def stop(self) -> None:
        """End the broker cleanly, within a bound; kill it when it does not end."""
        if self._warden is None or self._warden.stdin is None:
            return
        # The warden takes its closed stdin as the request to stop the JVM, and ends after it.
        self._warden.stdin.close()
        try:
            self._warden.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.kill()
        self._forget()

    def kill(self) -> None:
        """SIGKILL, as a crash would be. `start()` afterwards uses the same port and directory."""
        if self._warden is None:
            return
        if self._running is not None and self._warden.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self._running.process_id, signal.SIGKILL)
        with suppress(subprocess.TimeoutExpired):
            self._warden.wait(STOP_TIMEOUT_S)
        self._warden.kill()
        self._warden.wait()
        self._forget()

    def __enter__(self) -> Self:
        return self if self._warden is not None else self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _port(self) -> int:
        if self._wanted_port is None:
            self._wanted_port = free_port()
        else:
            require_free(self._wanted_port)
        return self._wanted_port

    def _format_when_new(self, jars: Sequence[Path]) -> None:
        if self._directory.is_formatted:
            return
        # Without the mark no broker has ever run here: what is left is of a format that was interrupted.
        shutil.rmtree(self._directory.data, ignore_errors=True)
        cluster_id = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=").replace("-", "A")
        command = java_command(
            jars, FORMAT_CLASS, "format", "-t", cluster_id, "-c", str(self._directory.properties)
        )
        result = subprocess.run(
            command, capture_output=True, text=True, timeout=FORMAT_TIMEOUT_S, check=False
        )
        if result.returncode != 0:
            raise SluiceError(
                f"{self._directory.data} could not be formatted:\n{result.stdout}{result.stderr}"
            )
        self._directory.mark_formatted()

    def _launch(self, jars: Sequence[Path], port: int, lock: int) -> None:
        command = java_command(jars, BROKER_CLASS, str(self._directory.properties))
        self._warden = start_guarded(command, self._directory.log, lock)
        assert self._warden.stdout is not None
        told = self._warden.stdout.readline().strip()
        if not told:
            self._warden.wait()
            self._forget()
            raise SluiceError(f"The JVM could not be started:\n{end_of(self._directory.log)}")
        self._running = Running(port, int(told), os.getpid())
        self._directory.write_state(self._running)

    def _wait_for_listener(self, deadline: float) -> None:
        host, port = self.bootstrap.split(":")
        while True:
            self._require_alive_before(deadline)
            with suppress(OSError), socket.create_connection((host, int(port)), timeout=1):
                return
            time.sleep(POLL_S)

    def _wait_for_metadata(self, deadline: float) -> None:
        """A listener that accepts is not yet a broker that has joined its cluster: ask as a client would."""
        from confluent_kafka import KafkaException
        from confluent_kafka.admin import AdminClient

        client = AdminClient({"bootstrap.servers": self.bootstrap, "log_level": 0, "socket.timeout.ms": 5000})
        while True:
            self._require_alive_before(deadline)
            with suppress(KafkaException):
                if client.list_topics(timeout=1).brokers:
                    return
            time.sleep(POLL_S)

    def _require_alive_before(self, deadline: float) -> None:
        assert self._warden is not None
        if self._warden.poll() is not None:
            reason = "ended while it was starting"
        elif time.monotonic() > deadline:
            reason = "did not answer in time"
        else:
            return
        raise SluiceError(
            f"The local broker {reason}. The end of its log, "
            f"{self._directory.log}:\n{end_of(self._directory.log)}"
        )

    def _forget(self) -> None:
        if self._warden is not None:
            for pipe in (self._warden.stdin, self._warden.stdout):
                if pipe is not None:
                    pipe.close()
        self._warden = None
        self._running = None
        self._directory.clear_state()


def _rotate(log: Path) -> None:
    """One older log is kept, so that a directory used for years stays small."""
    if log.exists() and log.stat().st_size > LOG_BYTES_MAX:
        log.replace(log.with_suffix(".log.1"))
