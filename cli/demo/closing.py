"""The end: the shops close, everything is shipped and decided, and the auditor reads it all again."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from cli.audit.report import AuditReport
from cli.audit.run import audit
from cli.demo.stage import Stage
from cli.demo.waiting import until
from cli.shared.own_name import own_name

FINISH_TIMEOUT_S = 20.0
STAY_MAX_S = 86_400.0
VIOLATIONS_SHOWN_MAX = 10
PROMISES_SHOWN = ("P1", "P2", "P3")


def drain(stage: Stage) -> None:
    """Close the shops, let the warehouses ship what they have, and stop the router when it has decided all."""
    stage.screen.now("the shops close, the warehouses ship what they have ...")
    stage.dismissed.append(stage.shop)
    stage.shop.tell("finish")
    placed, cancelled, _ = (int(word) for word in stage.shop.answer("done", FINISH_TIMEOUT_S))
    _decided(stage)
    for system in stage.systems.values():
        stage.dismissed.append(system)
        system.tell("finish")
    for system in stage.systems.values():
        system.answer("done", FINISH_TIMEOUT_S)
        system.close()
    stage.shop.close()
    _decided(stage)
    figures = stage.tracker.figures
    stage.happened["orders placed"] = placed
    stage.happened["packages"] = figures.packages
    stage.happened["cancellations asked for"] = cancelled
    stage.happened["dead letters"] = figures.dead_letters.total()
    stage.happened["duplicates without a second effect"] = figures.duplicates
    rejected, short = figures.exceptions_in_picking()
    stage.screen.event(
        f"the shops have closed: {placed:,} orders in all, {figures.packages:,} packages asked for"
    )
    stage.screen.detail(
        f"{cancelled:,} orders cancelled, {rejected:,} rejected and {short:,} picked short by a warehouse "
        "and sent elsewhere"
    )
    stage.screen.detail(
        f"{figures.dead_letters.total()} dead letters ({', '.join(sorted(figures.dead_letters))}), "
        f"{figures.duplicates:,} duplicates without a second effect"
    )
    stage.dismissed.append(stage.router)
    if stage.router.stop() != 0:
        raise stage.router.failed("did not end cleanly")


def _decided(stage: Stage) -> None:
    if not stage.tracker.wait_until_decided(FINISH_TIMEOUT_S):
        raise stage.router.failed(f"has left {stage.tracker.backlog():,} inputs undecided")


def prove(stage: Stage) -> AuditReport:
    """The audit, from the topics alone."""
    stage.screen.now("the auditor reads every topic from the beginning ...")
    report = audit(
        stage.kafka.bootstrap,
        stage.settings.prefix,
        stage.settings.client(stage.kafka.bootstrap),
        stage.partition,
        complete=True,
    )
    counts = report.counts
    verdicts = "  ".join(f"{promise} {report.verdict(promise)}" for promise in PROMISES_SHOWN)
    stage.screen.event(
        f"{verdicts}   over {counts['inputs']:,} inputs in {counts['transactions']:,} transactions",
        "AUDIT   ",
        is_bad=not report.ok,
    )
    stage.screen.detail(
        f"P1 no oversell: {counts['decisions']:,} decisions against the auditor's own books; its {counts['rows']:,} "
        "rows agree"
    )
    stage.screen.detail(
        f"P2 one effect: {counts['accepted']:,} inputs once, {counts['duplicates']:,} duplicates not again; "
        f"{counts['shipments sent']:,} shipments sent, none twice"
    )
    stage.screen.detail(
        f"P3 nothing lost: {counts['accepted']:,} accepted + {counts['duplicates']:,} duplicates + "
        f"{counts['dead letters']:,} dead letters = {counts['inputs']:,}"
    )
    for violation in report.violations[:VIOLATIONS_SHOWN_MAX]:
        stage.screen.detail(f"{violation.promise} {violation.sentence} ({violation.where})")
    return report


def keep_selling(stage: Stage) -> None:
    """Let orders come in for as long as was asked for."""
    until(stage, stage.opened_at + timedelta(seconds=stage.choices.seconds))


def stay(stage: Stage) -> None:
    """Let the shops sell until somebody presses Ctrl-C; what follows is the end as ever."""
    with suppress(KeyboardInterrupt):
        stage.screen.event(f"the story is told, and the shops stay open: http://{stage.address}/metrics")
        stage.screen.detail(f"look: {own_name()} stock {stage.popular}      Ctrl-C closes the shops")
        until(stage, stage.opened_at + timedelta(seconds=STAY_MAX_S))
