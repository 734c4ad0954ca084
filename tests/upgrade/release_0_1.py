"""The sources of release 0.1, taken from the history of this repository where it reaches back so far."""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COMMIT = "5bb38fa9653dc6bcfa40d1e10a343373186a4ed8"


def sources(directory: Path) -> Path:
    """A folder with them; skips the test where the history is cut, as in a shallow clone."""
    try:
        archive = subprocess.run(["git", "archive", COMMIT], cwd=ROOT, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip(f"release 0.1 (commit {COMMIT[:7]}) is not in the history here: clone without --depth")
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(directory, filter="data")
    return directory
