"""No jar runs that is not the locked one."""

import fcntl
import hashlib
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from infra.errors import SluiceError
from infra.kafka import download as download_module
from infra.kafka import java
from infra.kafka.download import download, trusted_jars
from infra.kafka.jars import LOCK_FILE, Jar, UntrustedJar, lock_digest, read_lock

CONTENT = b"a jar"
GOOD = Jar("org.example", "broker", "1.0", hashlib.sha256(CONTENT).hexdigest(), len(CONTENT))


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    path = tmp_path / "jars.lock"
    path.write_text(f"# a comment\n{GOOD.coordinate} {GOOD.sha256} {GOOD.size_bytes}\n")
    return path


def test_locked_jars_are_the_class_path_in_the_locks_order(lock: Path, tmp_path: Path) -> None:
    (tmp_path / GOOD.name).write_bytes(CONTENT)
    assert trusted_jars(lock, tmp_path) == [tmp_path / "broker-1.0.jar"]


def test_a_changed_jar_is_refused_by_name(lock: Path, tmp_path: Path) -> None:
    (tmp_path / GOOD.name).write_bytes(CONTENT + b"!")
    with pytest.raises(UntrustedJar, match=r"broker-1\.0\.jar is not the jar .* expected " + GOOD.sha256):
        trusted_jars(lock, tmp_path)
    assert (tmp_path / GOOD.name).exists(), "the changed file is evidence: it is never replaced in silence"


def test_the_real_start_verifies_the_real_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from infra.kafka.broker import LocalKafka

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    jars = tmp_path / "sluice" / "jars"
    jars.mkdir(parents=True)
    for jar in read_lock():
        (jars / jar.name).write_bytes(b"not Kafka")
    with pytest.raises(UntrustedJar, match=read_lock()[0].name):
        LocalKafka(tmp_path / "kafka").start()
    assert not (tmp_path / "kafka").exists()


def test_a_download_of_other_bytes_is_not_kept(tmp_path: Path) -> None:
    def fetch(jar: Jar) -> Path:
        path = tmp_path / "download"
        path.write_bytes(b"something else")
        return path

    with pytest.raises(UntrustedJar, match=r"broker-1\.0\.jar was downloaded with sha256"):
        download([GOOD], tmp_path / "jars", fetch)
    assert not (tmp_path / "jars" / GOOD.name).exists()


def test_a_download_is_tried_again_and_then_explained(tmp_path: Path) -> None:
    attempts = []

    def fetch(jar: Jar) -> Path:
        attempts.append(jar)
        if len(attempts) < 3:
            raise OSError("the connection was reset")
        path = tmp_path / "download"
        path.write_bytes(CONTENT)
        return path

    download([GOOD], tmp_path / "jars", fetch)
    assert (tmp_path / "jars" / GOOD.name).read_bytes() == CONTENT

    def never(jar: Jar) -> Path:
        raise OSError("the connection was reset")

    with pytest.raises(SluiceError, match=r"org\.example:broker:1\.0 could not be downloaded in 3 attempts"):
        download([GOOD], tmp_path / "jars", never)


def test_two_first_starts_at_the_same_time_download_once(
    lock: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    jars, downloads = tmp_path / "jars", []
    are_both_here, one_waits = threading.Barrier(2, timeout=60), threading.Event()
    at_once = fcntl.flock

    def flock(descriptor: object, how: int) -> None:
        """Nobody gets the lock before both have seen that the jar is missing."""
        if how & fcntl.LOCK_NB:
            are_both_here.wait()
        else:
            one_waits.set()
        at_once(descriptor, how)  # type: ignore[arg-type]

    def slow_download(missing: Sequence[Jar], directory: Path) -> None:
        downloads.append(missing)
        assert one_waits.wait(60)
        (directory / GOOD.name).write_bytes(CONTENT)

    monkeypatch.setattr(fcntl, "flock", flock)
    monkeypatch.setattr(download_module, "download", slow_download)
    with ThreadPoolExecutor(2) as pool:
        paths = list(pool.map(lambda _: trusted_jars(lock, jars), range(2)))
    assert paths == [[jars / GOOD.name]] * 2
    assert downloads == [[GOOD]]
    assert "Another process downloads Kafka: waiting for it" in capfd.readouterr().err


def test_a_broken_lock_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "jars.lock"
    path.write_text("# a comment\norg.example:broker\n")
    with pytest.raises(SluiceError, match=r"jars\.lock, line 2: 'org\.example:broker'"):
        read_lock(path)


def test_the_lock_names_jars_once_and_no_host() -> None:
    jars = read_lock()
    assert len({jar.name for jar in jars}) == len(jars)
    assert "://" not in LOCK_FILE.read_text()
    assert any(jar.coordinate.startswith("org.apache.kafka:kafka_2.13:4.") for jar in jars)


def test_another_set_of_jars_never_gets_this_ones_start_up_archive() -> None:
    changed = [GOOD, Jar("org.example", "broker", "1.0", "0" * 64, len(CONTENT))]
    assert len({lock_digest([jar]) for jar in changed}) == 2
    assert lock_digest(read_lock()) in java.archive_path().name
