"""The story from beginning to end, and whether it is true."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType

from cli.audit.report import PROMISES, AuditReport
from cli.demo.acts import count_to_zero, opening, tell_figures, truck_leaves
from cli.demo.closing import drain, keep_selling, prove, stay
from cli.demo.outage import come_back, kill
from cli.demo.screen import Screen
from cli.demo.stage import Choices, Stage, set_up
from cli.shared.own_name import own_name
from infra.connect import DEMO_DIRECTORY, KAFKA_DIRECTORY
from infra.kafka.directory import BrokerDirectory
from infra.settings import load_settings

INTERRUPTED = 130


def tell(choices: Choices, as_json: bool) -> int:
    """Run the demo; the exit code."""
    screen = Screen(is_silent=as_json)
    try:
        with _ended_in_order(), screen, ExitStack() as stack:
            stage = set_up(choices, screen, stack)
            report = _play(stage)
            missing = untrue(stage, report)
            screen.now("ending all processes ...")
    except KeyboardInterrupt:
        print("Interrupted: all processes of the demo have ended.", file=sys.stderr)
        return INTERRUPTED
    if as_json:
        print(_summary(stage, report, missing))
    else:
        _tell_end(stage, missing)
    return 1 if missing else 0


def _play(stage: Stage) -> AuditReport:
    opening(stage)
    tell_figures(stage)
    count_to_zero(stage)
    truck_leaves(stage)
    come_back(stage, *kill(stage))
    keep_selling(stage)
    tell_figures(stage)
    if stage.choices.stays:
        stay(stage)
    drain(stage)
    return prove(stage)


def untrue(stage: Stage, report: AuditReport) -> list[str]:
    """What the story tells and what did not happen: each is a sentence."""
    figures = stage.tracker.figures
    missing = [f"there were no {what}" for what, count in stage.happened.items() if not count]
    missing += [
        f"{promise} ({PROMISES[promise]}): {report.verdict(promise)}"
        for promise in PROMISES
        if report.verdict(promise) != "ok"
    ]
    if figures.repeated:
        missing.append(f"{len(figures.repeated)} notices were published twice, {figures.repeated[0]} for one")
    if figures.undecided:
        missing.append(f"{figures.undecided} orders were neither decided nor refused")
    if figures.oversold:
        missing.append(f"{figures.oversold} units are promised that are not there")
    return missing


def _tell_end(stage: Stage, missing: list[str]) -> None:
    screen = stage.screen
    for sentence in missing:
        screen.event(sentence, "FAILED  ", is_bad=True)
    sluice = own_name()
    looks = f"{sluice} explain {stage.explained}      {sluice} stock {stage.popular}      {sluice} audit"
    if _is_found_by_default(stage.choices.directory):
        screen.text(f"Next:  {looks}")
    else:
        screen.text(f"Next:  {sluice} kafka --directory {stage.choices.directory}")
        screen.text(f"       then, in another terminal and with the --kafka that it names:  {looks}")


def _is_found_by_default(directory: Path) -> bool:
    """Whether commands that are told nothing look at what this demo has left, and not at another cluster."""
    return (
        directory == DEMO_DIRECTORY
        and load_settings().bootstrap is None
        and BrokerDirectory(KAFKA_DIRECTORY).running() is None
    )


def _summary(stage: Stage, report: AuditReport, missing: list[str]) -> str:
    return json.dumps(
        {
            "ok": not missing,
            "missing": missing,
            "happened": stage.happened,
            "promises": {promise: report.verdict(promise) for promise in PROMISES},
            "counts": dict(sorted(report.counts.items())),
            "seconds": round(stage.screen.elapsed_s(), 1),
            "explained": stage.explained,
        },
        indent=2,
    )


@contextmanager
def _ended_in_order() -> Iterator[None]:
    """SIGTERM and a closed terminal end the demo as Ctrl-C does: every process is ended on the way out."""

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {each: signal.signal(each, interrupt) for each in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
