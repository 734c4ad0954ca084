"""The broker's class path: jars that are not there yet are downloaded first, and every one is verified."""

import fcntl
import sys
from collections.abc import Sequence
from pathlib import Path

from infra.kafka.jars import LOCK_FILE, Jar, jars_directory, read_lock, verify

LOCK_NAME = ".downloading"
"""In the directory of the jars: held by whoever downloads them."""


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
    # Imported here because the resolver takes a quarter of a second to import, and is needed only once.
    from infra.kafka.download import download

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
