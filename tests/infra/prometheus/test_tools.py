"""Prometheus is taken from where it is, or unpacked from the system's package; else a sentence says why not."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from infra.errors import SluiceError
from infra.prometheus.tools import PROGRAMS, Tools, ensure_tools, find_tools, main


def write_program(path: Path, script: str = "exit 0") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def bin_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """PATH is this directory alone, and the user's cache is empty."""
    directory = tmp_path / "bin"
    directory.mkdir()
    for name in ("sh", "mkdir", "touch", "cp"):
        (directory / name).symlink_to(shutil.which(name) or name)
    monkeypatch.setenv("PATH", str(directory))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return directory


def provide_package(bin_directory: Path, apt_get: str) -> None:
    """An apt-get and a dpkg-deb that do what theirs do, with a package of two empty programs."""
    write_program(bin_directory / "apt-get", apt_get)
    write_program(
        bin_directory / "dpkg-deb",
        'mkdir -p "$3/usr/bin"; ' + "; ".join(f'touch "$3/usr/bin/{name}"' for name in PROGRAMS),
    )


def test_programs_on_path_are_taken_as_they_are(bin_directory: Path) -> None:
    expected = [write_program(bin_directory / name) for name in PROGRAMS]
    assert find_tools() == Tools(*expected) == ensure_tools()


def test_one_of_the_two_is_not_enough(bin_directory: Path) -> None:
    write_program(bin_directory / "prometheus")
    assert find_tools() is None


def test_the_systems_package_is_unpacked_once_without_being_installed(
    bin_directory: Path, tmp_path: Path
) -> None:
    provide_package(bin_directory, '[ "$1" = download ] && touch prometheus.deb')
    tools = ensure_tools()
    assert tools.promtool == tmp_path / "cache/sluice/prometheus/usr/bin/promtool"
    assert [path.name for path in (tmp_path / "cache/sluice").iterdir()] == ["prometheus"]
    (bin_directory / "apt-get").unlink()
    assert ensure_tools() == tools == find_tools()


@pytest.mark.skipif(os.geteuid() != 0, reason="without root the lists of packages cannot be fetched")
def test_a_bare_machine_fetches_its_lists_of_packages_first(bin_directory: Path) -> None:
    provide_package(
        bin_directory,
        'lists="$XDG_CACHE_HOME/lists"\n'
        'if [ "$1" = update ]; then touch "$lists"; exit 0; fi\n'
        '[ -e "$lists" ] || { echo "E: Unable to locate package" >&2; exit 100; }\n'
        "touch prometheus.deb",
    )
    assert ensure_tools() == find_tools()


@pytest.mark.parametrize(
    ("programs", "reason"),
    [
        ({}, "this system has no apt-get"),
        ({"apt-get": "echo 'E: no network' >&2; exit 100", "dpkg-deb": "exit 0"}, "E: no network"),
        (
            {"apt-get": "touch prometheus.deb", "dpkg-deb": "echo 'not a package' >&2; exit 2"},
            "cannot be unpacked (not a package)",
        ),
    ],
)
def test_what_is_missing_is_told_with_what_to_do(
    bin_directory: Path,
    programs: Mapping[str, str],
    reason: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, script in programs.items():
        write_program(bin_directory / name, script)
    with pytest.raises(SluiceError, match="install the package `prometheus` yourself") as missing:
        ensure_tools()
    assert reason in str(missing.value)
    assert find_tools() is None

    monkeypatch.delenv("CI", raising=False)
    assert main() == 0, "at the desk the tests are skipped"
    monkeypatch.setenv("CI", "true")
    assert main() == 1, "continuous integration never skips them"
    assert str(missing.value) in capsys.readouterr().err
