"""A broker's directory on disk: who runs on it, where its files are, and which port it listens on."""

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TextIO

from infra.errors import ConfigurationError, SluiceError
from infra.kafka.properties import HOST

# How long a broker whose parent is gone may still need to close its files.
ENDING_TIMEOUT_S = 15


@dataclass(frozen=True)
class Running:
    """What a running broker tells others about itself, in `broker.json`."""

    port: int
    process_id: int
    parent_process_id: int

    @property
    def bootstrap(self) -> str:
        return f"{HOST}:{self.port}"


class BrokerDirectory:
    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.data = self.path / "data"
        self.properties = self.path / "server.properties"
        self.log = self.path / "broker.log"
        self.retirement_properties = self.path / "retirement.properties"
        self._formatted = self.path / "formatted"
        self._state = self.path / "broker.json"
        self._lock = self.path / "lock"

    @property
    def is_formatted(self) -> bool:
        return self._formatted.exists()

    def mark_formatted(self) -> None:
        """Written after the format, so that an interrupted one is started over, not trusted."""
        self._formatted.touch()

    @property
    def was_killed(self) -> bool:
        """A broker ran here and did not close its files: Kafka leaves its own mark when it does."""
        has_run = any(self.data.glob("__cluster_metadata-0/*.log"))
        return has_run and not (self.data / ".kafka_cleanshutdown").exists()

    def running(self) -> Running | None:
        """The broker that runs here now, as long as its lock is held."""
        if not self._lock.exists():
            return None
        with self._lock.open("a") as lock:
            if _lock_at_once(lock.fileno()):
                return None
        return self._read_state()

    def last_used(self) -> float:
        """When a broker was last started here, in seconds since 1970."""
        return self.properties.stat().st_mtime if self.properties.exists() else 0.0

    def write_state(self, running: Running) -> None:
        staged = self._state.with_suffix(".new")
        staged.write_text(json.dumps(asdict(running)))
        staged.replace(self._state)

    def clear_state(self) -> None:
        """Said by whoever ended the broker; a state that is left over names a parent that is gone."""
        self._state.unlink(missing_ok=True)

    @contextmanager
    def exclusive(self) -> Iterator[int]:
        """Hold the directory's lock while its broker is started; whoever inherits the descriptor holds it on."""
        with self._opened_lock() as lock:
            self._take(lock.fileno())
            yield lock.fileno()

    def _opened_lock(self) -> TextIO:
        """The directory is made if need be; one that cannot be used is the fault of whoever named it."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            return self._lock.open("a")
        except (FileExistsError, NotADirectoryError):
            raise ConfigurationError(
                f"{self.path} cannot hold a broker's data: it is a file, or lies below one; choose another directory"
            ) from None
        except OSError as error:
            raise ConfigurationError(
                f"{self.path} cannot hold a broker's data: {error.strerror}; choose a directory that this user may "
                "write to"
            ) from None

    def _take(self, descriptor: int) -> None:
        deadline = time.monotonic() + ENDING_TIMEOUT_S
        while not _lock_at_once(descriptor):
            running = self._read_state()
            if running is not None and _is_alive(running.parent_process_id):
                raise SluiceError(
                    f"A broker already runs on {self.path} (process {running.process_id}, "
                    f"{running.bootstrap}). "
                    f"Use it with --kafka {running.bootstrap}, stop it, or choose another directory"
                )
            if time.monotonic() > deadline:
                raise SluiceError(
                    f"{self.path} is still held by a broker that does not end. End that process, or choose "
                    "another directory"
                )
            time.sleep(0.02)

    def _read_state(self) -> Running | None:
        with suppress(OSError, ValueError, TypeError):
            return Running(**json.loads(self._state.read_text()))
        return None


def _lock_at_once(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_alive(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
