"""The broker's jars: which ones, where they are kept, and that they are exactly the ones that were locked.

`jars.lock` names each jar with its sha256. Every start hashes every jar (45 MB, about a tenth of a second),
so there is no shortcut by date or size that a changed file could slip through.
"""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from infra.errors import SluiceError

LOCK_FILE = Path(__file__).with_name("jars.lock")


@dataclass(frozen=True)
class Jar:
    """One line of the lock file: `group:artifact:version sha256 bytes`."""

    group: str
    artifact: str
    version: str
    sha256: str
    size_bytes: int

    @property
    def name(self) -> str:
        return f"{self.artifact}-{self.version}.jar"

    @property
    def coordinate(self) -> str:
        return f"{self.group}:{self.artifact}:{self.version}"


class UntrustedJar(SluiceError):
    """A jar is not the one that was locked, so nothing of it may run."""


def cache_directory() -> Path:
    """Where this user's downloads are kept, shared by every checkout of Sluice."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "sluice"


def jars_directory() -> Path:
    return cache_directory() / "jars"


def read_lock(path: Path = LOCK_FILE) -> list[Jar]:
    jars = []
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        if not line or line.startswith("#"):
            continue
        try:
            coordinate, sha256, size = line.split()
            group, artifact, version = coordinate.split(":")
            jars.append(Jar(group, artifact, version, sha256, int(size)))
        except ValueError:
            raise SluiceError(
                f"{path.name}, line {number}: {line!r} is not `group:artifact:version sha256 bytes`; "
                "restore the file, or write it again with `make lock`"
            ) from None
    return jars


def lock_digest(jars: Sequence[Jar]) -> str:
    """A short name for exactly this set of jars: what is derived from them is kept under it."""
    listed = "\n".join(f"{jar.coordinate} {jar.sha256}" for jar in jars)
    return hashlib.sha256(listed.encode()).hexdigest()[:12]


def kafka_version() -> str:
    """The broker's, as it is locked."""
    return next(jar.version for jar in read_lock() if jar.artifact.startswith("kafka_"))


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def verify(jars: Sequence[Jar], directory: Path) -> list[Path]:
    """The class path, in the lock's order; refused when any jar is not the one that was locked."""
    return [_verified(jar, directory / jar.name) for jar in jars]


def _verified(jar: Jar, path: Path) -> Path:
    actual = sha256_of(path)
    if actual != jar.sha256:
        raise UntrustedJar(
            f"{jar.name} is not the jar that Sluice was locked to, so the broker was not started: "
            f"sha256 is {actual}, expected {jar.sha256}. "
            f"If you did not change it, ask why it changed; then delete {path} to download it again"
        )
    return path
