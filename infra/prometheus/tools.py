"""Where `prometheus` and `promtool` are: on PATH, or unpacked from the system's own package.

    python -m infra.prometheus.tools

The package is unpacked, not installed: that needs no root, starts no service on port 9090, and changes nothing of the
machine. Both programs are one file each that needs the C library only. apt checks the package against its signed
lists; on a bare machine, which has no lists yet, they are fetched first, for which root is needed, or sudo without a
password.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from infra.errors import SluiceError
from infra.kafka.jars import cache_directory

PACKAGE = "prometheus"
PROGRAMS = ("prometheus", "promtool")
APT_TIMEOUT_S = 300
BY_HAND = f"install the package `{PACKAGE}` yourself, so that prometheus and promtool are on PATH"


@dataclass(frozen=True)
class Tools:
    """The two programs, of one version."""

    prometheus: Path
    promtool: Path


def find_tools() -> Tools | None:
    """Those on PATH, else those that were unpacked before."""
    on_path = [shutil.which(name) for name in PROGRAMS]
    if all(on_path):
        return Tools(*(Path(found) for found in on_path if found))
    unpacked = _programs_in(cache_directory() / PACKAGE)
    return unpacked if unpacked.prometheus.exists() and unpacked.promtool.exists() else None


def ensure_tools() -> Tools:
    """Those that are there, else those of the system's package, which is downloaded once; else `SluiceError`."""
    found = find_tools()
    if found is not None:
        return found
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        raise SluiceError(f"prometheus is not on PATH and this system has no apt-get; {BY_HAND}")
    target = cache_directory() / PACKAGE
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as directory:
        fault = _unpack(Path(directory))
        if fault is not None:
            raise SluiceError(f"prometheus is not on PATH and {fault}; {BY_HAND}")
        _move(Path(directory) / "unpacked", target)
    return _programs_in(target)


def _programs_in(root: Path) -> Tools:
    return Tools(root / "usr/bin/prometheus", root / "usr/bin/promtool")


def _unpack(directory: Path) -> str | None:
    """Download and unpack the package into `directory/unpacked`; returns what went wrong."""
    said = _run(["apt-get", "download", PACKAGE], directory)
    if said is not None:
        # A bare machine knows no packages until it has asked for their lists.
        privilege = _privilege()
        if privilege is None:
            return f"apt-get cannot download it ({said}), nor may its lists be fetched without root"
        _run([*privilege, "apt-get", "update"], directory)
        said = _run(["apt-get", "download", PACKAGE], directory)
    if said is not None:
        return f"apt-get cannot download it ({said})"
    package = next(directory.glob("*.deb"))
    said = _run(["dpkg-deb", "--extract", str(package), "unpacked"], directory)
    return f"its package cannot be unpacked ({said})" if said is not None else None


def _privilege() -> list[str] | None:
    """What to write before a command that needs root; None when root is out of reach."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") and _run(["sudo", "--non-interactive", "true"], Path.cwd()) is None:
        return ["sudo", "--non-interactive"]
    return None


def _run(command: list[str], directory: Path) -> str | None:
    """None when the command succeeds, else the last thing that it said."""
    try:
        result = subprocess.run(
            command, cwd=directory, capture_output=True, text=True, timeout=APT_TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    lines = result.stderr.strip().splitlines()
    return None if result.returncode == 0 else (lines[-1] if lines else f"it ended with {result.returncode}")


def _move(unpacked: Path, target: Path) -> None:
    """Put into place as a whole; whoever was quicker has put the same there."""
    try:
        unpacked.rename(target)
    except OSError:
        if not _programs_in(target).promtool.exists():
            shutil.rmtree(target, ignore_errors=True)
            unpacked.rename(target)


def main() -> int:
    try:
        print(f"Prometheus for the tests of its rules: {ensure_tools().prometheus}")
        return 0
    except SluiceError as missing:
        print(f"No Prometheus for the tests of its rules: {missing}", file=sys.stderr)
        # Without it the tests are skipped, which continuous integration must never do.
        return 1 if os.environ.get("CI") == "true" else 0


if __name__ == "__main__":
    sys.exit(main())
