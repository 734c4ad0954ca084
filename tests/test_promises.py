"""A run says how many tests kept each promise, and fails when one has none: in one process, and in several."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.promises import PROMISES

ROOT = Path(__file__).parents[1]
SEVERAL = ("-n", "2", "--dist", "loadgroup", "--no-loadscope-reorder")

KEEPS = """
@pytest.mark.promise("{name}")
def test_{name}():
    pass
"""


def run(directory: Path, source: str, *options: str) -> tuple[int, str]:
    """pytest on a file of its own, with what these tests have around them; its exit code and its summary."""
    (directory / "pytest.ini").write_text(
        "[pytest]\nmarkers =\n  promise(name): x\n  takes(seconds): x\n  kafka: x\n"
    )
    (directory / "test_of_its_own.py").write_text(f"import pytest\n{source}")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-p", "no:cacheprovider", "-v", *options],
        cwd=directory, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def test_each_process_of_a_run_adds_to_what_was_kept_and_what_shares_something_runs_in_one(
    tmp_path: Path,
) -> None:
    pair = """
@pytest.mark.xdist_group("pair")
@pytest.mark.parametrize("number", range(4))
def test_of_a_pair(number): pass
"""
    kept = [KEEPS.format(name=name) for name in PROMISES]
    code, said = run(tmp_path, "".join([pair, *kept]), "--all-promises", *SEVERAL)
    assert (code, said.count(" 1 tests passed")) == (0, len(PROMISES)), said
    ran = re.findall(r"\[(gw\d)\].* PASSED \S+::test_of_a_pair", said)
    assert (len(ran), len(set(ran))) == (4, 1), said


@pytest.mark.parametrize("options", [(), SEVERAL], ids=["one process", "several"])
def test_a_promise_without_a_test_fails_a_run_that_must_show_them_all(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    code, said = run(tmp_path, KEEPS.format(name="P1"), "--all-promises", *options)
    assert code == 1, said
    assert "1 passed" in said
    assert said.count("NO TEST PASSED") == len(PROMISES) - 1


def test_what_takes_longest_starts_first(tmp_path: Path) -> None:
    source = """
def test_pure(): pass
def test_with_a_broker(kafka): pass
@pytest.fixture
def kafka(): pass
@pytest.mark.takes(3)
def test_short(): pass
@pytest.mark.takes(30)
def test_long(): pass
@pytest.mark.xdist_group("pair")
@pytest.mark.takes(20)
@pytest.mark.parametrize("number", range(2))
def test_of_a_pair(number): pass
"""
    code, said = run(tmp_path, source, "-n", "1", *SEVERAL[2:])
    assert code == 0, said
    started = re.findall(r"PASSED \S+::test_(\w+)", said)
    assert started == ["of_a_pair", "of_a_pair", "long", "short", "with_a_broker", "pure"]
