"""The README's first command: the story is told and true, on a pipe and on a terminal, and nothing is left over."""

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.side_by_side import takes

ROOT = Path(__file__).parents[1]
SLUICE = Path(sys.executable).with_name("sluice")
STORY_TIMEOUT_S = 300
POLL_S = 0.1

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(600)]

STORY = (
    r"Apache Kafka \d+\.\d+\.\d+ \(local, no Docker\): 127\.0\.0\.1:\d+ ready in",
    r"network eu: 12 pools in 4 countries, 500 items, 3 channels; applied as set 1-",
    r"router \(process \d+\) decides; [\d,]+ stock counts taken from 3 warehouse systems",
    r"while it runs: http://127\.0\.0\.1:\d+/metrics \(figures\), /readyz and /healthz",
    r"orders [1-9][\d,]*   allocated [1-9][\d,]*   waiting [\d,]+   oversold 0",
    r"age p50 \d+ ms  p99 \d+ ms   packages per order 1\.\d\d   on time for the truck \d+\.\d %",
    r"COUNT   \S+, \S+: counted 0, [1-9]\d* promises withdrawn, \d+ re-routed( and \d+ waiting)? within \d+ ms",
    r"CUT-OFF dc-paris, colissimo, \S+ truck: later orders go elsewhere, [1-9]\d* so far, [1-9]\d* of them to \S+",
    r"O-\d+  \d+ lines? -> \S+   [\d,]+\.\d\d EUR   leaves \S+, arrives \S+",
    r"not dc-paris: too late for its \S+ truck, the next one arrives \S+ and makes it \S+ EUR dearer",
    r"KILL -9 the router \(process \d+\)",
    r"back: journal agrees, 0 repeated, 0 lost, [1-9][\d,]* orders caught up",
    r"[1-9][\d,]* orders missed their truck while it was down \(dc-leipzig, \S+\): decided again, [1-9][\d,]* moved",
    r"the shops have closed: [1-9][\d,]* orders in all, [1-9][\d,]* packages asked for",
    r"[2-9]\d* dead letters \(malformed_json, wrong_unit\), [1-9][\d,]* duplicates without a second effect",
    r"AUDIT   P1 ok  P2 ok  P3 ok   over [1-9][\d,]* inputs in [1-9][\d,]* transactions",
    r"P1 no oversell: [1-9][\d,]* decisions",
    r"P2 one effect: [1-9][\d,]* inputs once",
    r"P3 nothing lost: [1-9][\d,]* accepted",
    r"Next:  \S*sluice explain O-\d+      \S*sluice stock \S+",
)
"""What a reader sees, in this order."""


def require_story(text: str) -> None:
    place = 0
    for line in STORY:
        found = re.compile(line).search(text, place)
        assert found is not None, f"not told, or out of order: {line}\n{text}"
        place = found.end()


def processes_of(directory: Path) -> list[str]:
    """Command lines of living processes that name the directory or were started in it."""
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit() and int(process.name) != os.getpid():
            try:
                command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                place = os.readlink(process / "cwd")
            except OSError:
                continue
            if place == str(directory) or str(directory) in command:
                found.append(command)
    return found


def require_all_ended(directory: Path, within_s: float) -> None:
    deadline = time.monotonic() + within_s
    while (left := processes_of(directory)) and time.monotonic() < deadline:
        time.sleep(POLL_S)
    assert not left


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path.resolve()
    require_all_ended(tmp_path.resolve(), within_s=30)


@takes(40)
@pytest.mark.promise("P1")
@pytest.mark.promise("P2")
@pytest.mark.promise("P3")
def test_the_first_command_of_the_readme(place: Path) -> None:
    assert "make demo" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert "sluice demo\n" in (ROOT / "Makefile").read_text(encoding="utf-8")
    result = subprocess.run(
        [SLUICE, "demo"], cwd=place, capture_output=True, text=True, timeout=STORY_TIMEOUT_S, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    require_story(result.stdout)
    assert result.stderr == ""
    # Not on a terminal: no colour, no moving cursor, no line that is written twice.
    assert "\x1b" not in result.stdout
    assert "\r" not in result.stdout
    require_all_ended(place, within_s=1)
    commands = re.findall(r"sluice \w+(?: [\w-]+)?(?=  |\n)", result.stdout.splitlines()[-1] + "\n")
    assert len(commands) == 3
    for command in commands:
        looked = subprocess.run(
            [SLUICE, *command.split()[1:]], cwd=place, capture_output=True, text=True, timeout=60, check=False
        )
        assert looked.returncode == 0, f"{command}:\n{looked.stdout}{looked.stderr}"


def on_a_terminal(
    arguments: list[str],
    place: Path,
    interrupt_after: str | None = None,
    look: Callable[[str], None] = lambda _shown: None,
) -> tuple[int, str]:
    """Run in a pseudo-terminal; `look`, and press Ctrl-C, once something was shown."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [SLUICE, *arguments],
        cwd=place,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "120"},
        start_new_session=True,
    )
    os.close(theirs)
    shown = b""
    deadline = time.monotonic() + STORY_TIMEOUT_S
    while time.monotonic() < deadline:
        if select.select([ours], [], [], POLL_S)[0]:
            try:
                shown += os.read(ours, 65_536)
            except OSError:
                break  # The other side is closed: the process has ended.
        if interrupt_after is not None and interrupt_after.encode() in shown:
            look(shown.decode(errors="replace"))
            process.send_signal(signal.SIGINT)
            interrupt_after = None
    os.close(ours)
    try:
        return process.wait(45), shown.decode(errors="replace")
    finally:
        process.kill()


def require_pages(shown: str) -> None:
    """The addresses that the demo names answer while it stays."""
    found = re.findall(r"http://127\.0\.0\.1:\d+(?=/metrics)", shown)
    for path, words in (
        ("/metrics", b"sluice_decisions_total"), ("/readyz", b'"ok":true'), ("/healthz", b'"ok":true'),
    ):  # fmt: skip
        with urlopen(found[-1] + path, timeout=45) as page:
            assert words in page.read()


@takes(30)
def test_on_a_terminal_it_has_colours_and_a_running_line_and_stays_when_asked(place: Path) -> None:
    arguments = ["demo", "--stay", "--orders-per-second", "120", "--seed", "7"]
    code, shown = on_a_terminal(arguments, place, "Ctrl-C closes the shops", require_pages)
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown)
    assert code == 0, plain
    assert "\x1b[1;36m" in shown
    # The running line is replaced again and again; what is told stays.
    assert plain.count("oversold 0") > 10
    require_story(plain.replace("\r", "\n"))


@takes(6)
def test_ctrl_c_ends_every_process(place: Path) -> None:
    code, shown = on_a_terminal(["demo"], place, interrupt_after="the shops open")
    assert code == 130
    assert "Interrupted: all processes of the demo have ended." in shown
    assert "Traceback" not in shown
    require_all_ended(place, within_s=1)


@takes(8)
def test_no_process_outlives_a_killed_demo(place: Path) -> None:
    with subprocess.Popen([SLUICE, "demo"], cwd=place, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert any("the shops open" in line for line in process.stdout)
        assert len(processes_of(place)) > 5
        process.kill()
    require_all_ended(place, within_s=30)


def test_a_directory_that_is_somebody_elses_is_not_emptied(place: Path) -> None:
    (place / "letters").mkdir()
    (place / "letters" / "love.txt").write_text("dear")
    result = subprocess.run(
        [SLUICE, "demo", "--directory", "letters"], cwd=place, capture_output=True, text=True, check=False
    )
    assert result.returncode == 2
    assert "letters holds something that no demo has left" in result.stderr
    assert (place / "letters" / "love.txt").read_text() == "dear"
