"""The broker's class path: jars that are not there yet are downloaded first, and every one is verified.

They are downloaded with jgo, in parallel, each verified before it gets its final name.
"""

import fcntl
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from infra.errors import SluiceError
from infra.kafka.jars import LOCK_FILE, Jar, UntrustedJar, jars_directory, read_lock, sha256_of, verify

LOCK_NAME = ".downloading"
"""In the directory of the jars: held by whoever downloads them."""
DOWNLOADS_AT_ONCE = 8
ATTEMPTS_MAX = 3

Fetch = Callable[[Jar], Path]


def trusted_jars(lock: Path = LOCK_FILE, directory: Path | None = None) -> list[Path]:
    """The class path, every file of it verified; jars that are not there yet are downloaded first."""
    jars = read_lock(lock)
    directory = directory or jars_directory()
    if _missing(jars, directory):
        _download_missing(jars, directory)
    return verify(jars, directory)


def _missing(jars: Sequence[Jar], directory: Path) -> list[Jar]:
    return [jar for jar in jars if not (directory / jar.name).exists()]


def _download_missing(jars: Sequence[Jar], directory: Path) -> None:
    """Two first starts at the same time: the second waits, and finds the jars there."""
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / LOCK_NAME).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another process downloads Kafka: waiting for it", file=sys.stderr, flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        missing = _missing(jars, directory)
        if missing:
            download(missing, directory)


def download(jars: Sequence[Jar], directory: Path, fetch: Fetch | None = None) -> None:
    """Put every jar into the directory. A jar appears there whole and verified, or not at all."""
    directory.mkdir(parents=True, exist_ok=True)
    # The staging folder is on the same file system, so that a rename is atomic: two first starts at the same
    # time, or one that is interrupted, leave no half-written jar behind.
    with (
        tempfile.TemporaryDirectory(dir=directory, prefix=".download-") as staging,
        ThreadPoolExecutor(DOWNLOADS_AT_ONCE) as pool,
    ):
        fetch_one = fetch or _fetch_from_maven(Path(staging))
        progress = _Progress(jars)
        pending = {pool.submit(_fetch_verified, jar, fetch_one, directory): jar for jar in jars}
        try:
            for finished in as_completed(pending):
                finished.result()
                progress.add(pending[finished])
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
        finally:
            progress.end()


def _fetch_from_maven(staging: Path) -> Fetch:
    # Imported here because the resolver takes a quarter of a second to import, and is needed only once.
    from jgo.maven import MavenContext

    context = MavenContext(repo_cache=staging, timeout=30)

    def fetch(jar: Jar) -> Path:
        artifact = context.project(jar.group, jar.artifact).at_version(jar.version).artifact()
        partial = artifact.cached_path
        assert partial is not None
        partial.unlink(missing_ok=True)
        return artifact.resolve()

    return fetch


def _fetch_verified(jar: Jar, fetch: Fetch, directory: Path) -> None:
    path = _with_retries(jar, fetch)
    actual = sha256_of(path)
    if actual != jar.sha256:
        raise UntrustedJar(
            f"{jar.name} was downloaded with sha256 {actual}, expected {jar.sha256}: it was not kept. "
            "Try again; if it stays so, whatever answers for the Maven repository serves another file"
        )
    path.replace(directory / jar.name)


def _with_retries(jar: Jar, fetch: Fetch) -> Path:
    for attempt in range(1, ATTEMPTS_MAX + 1):
        try:
            return fetch(jar)
        except (OSError, RuntimeError) as error:
            if attempt == ATTEMPTS_MAX:
                raise SluiceError(
                    f"{jar.coordinate} could not be downloaded in {ATTEMPTS_MAX} attempts ({error}). "
                    "The first start needs access to a Maven repository; or use a cluster with --kafka"
                ) from error
    raise AssertionError("the last attempt returns or raises")


class _Progress:
    """One line on stderr: rewritten in place on a terminal, printed at start and end elsewhere."""

    def __init__(self, jars: Sequence[Jar]) -> None:
        self._total_mb = sum(jar.size_bytes for jar in jars) / 1e6
        self._total = len(jars)
        self._done = 0
        self._done_mb = 0.0
        self._live = sys.stderr.isatty()
        self._print(f"Downloading Apache Kafka, once: {self._total} jars, {self._total_mb:.0f} MB")

    def add(self, jar: Jar) -> None:
        self._done += 1
        self._done_mb += jar.size_bytes / 1e6
        if self._live:
            self._print(
                f"\rDownloading Apache Kafka, once: {self._done} of {self._total} jars, "
                f"{self._done_mb:.0f} of {self._total_mb:.0f} MB"
            )

    def end(self) -> None:
        if self._live:
            print(file=sys.stderr)

    def _print(self, text: str) -> None:
        print(text, end="" if self._live else "\n", file=sys.stderr, flush=True)
