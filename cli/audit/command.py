"""`sluice audit`: prove from the topics that nothing was oversold, doubled or lost."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

from cli.audit.report import PROMISES, AuditReport
from cli.shared.options import AsJson, Config, Kafka, Prefix
from cli.words.counting import counted

VIOLATIONS_SHOWN_MAX = 20


def command(
    partition: Annotated[int | None, typer.Option(help="Only this one. Default: all.")] = None,
    complete: Annotated[
        bool, typer.Option("--complete", help="Inputs not processed yet are a violation too.")
    ] = False,
    kafka: Kafka = None,
    config: Config = None,
    prefix: Prefix = None,
    as_json: AsJson = False,
) -> None:
    """Prove from the topics alone that nothing was oversold, doubled or lost.

    It reads all that went in and all that came out, keeps its own books, and compares. Exit code 1 when a promise
    does not hold. How long a router knows an input again (identities_max) is read from the file that it runs with.

    Examples:

        sluice audit

        sluice audit --complete --json --kafka kafka.example:9092
    """
    # Imported here: the Kafka client takes a tenth of a second that `sluice audit --help` need not wait for.
    from cli.audit.run import audit
    from cli.shared.configured import load_all
    from infra.connect import admin_client, broker_for

    settings, run_config = load_all(kafka, config, prefix, {})
    with broker_for(settings) as bootstrap:
        # Why no broker answers is told as every verb tells it; the auditor itself would only wait.
        admin_client(settings, bootstrap)
        properties, window = settings.client(bootstrap), run_config.limits.identities_max
        report = audit(bootstrap, settings.prefix, properties, partition, complete, window)
    print(as_json_text(report) if as_json else as_text(report))
    raise typer.Exit(0 if report.ok else 1)


def as_text(report: AuditReport) -> str:
    """Verdicts, counts, then the first violations, for a person."""
    counts = report.counts
    verdicts = "  ".join(f"{promise} {report.verdict(promise)}" for promise in PROMISES)
    lines = [f"{verdicts}   over {counts['inputs']:,} inputs in {counts['transactions']:,} transactions"]
    lines += [f"  {count:>12,}  {what}" for what, count in sorted(counts.items()) if count]
    lines += [f"note: {note}" for note in report.notes]
    shown = report.violations[:VIOLATIONS_SHOWN_MAX]
    lines += [f"{each.promise} ({PROMISES[each.promise]}), {each.where}: {each.sentence}" for each in shown]
    total = sum(report.violations_of.values())
    if total > len(shown):
        lines.append(
            f"... and {total - len(shown):,} more violations; --json shows up to {len(report.violations):,}"
        )
    elif total:
        lines.append(counted(total, "violation"))
    return "\n".join(lines)


def as_json_text(report: AuditReport) -> str:
    """The same for a program."""
    return json.dumps(
        {
            "ok": report.ok,
            "promises": {promise: report.verdict(promise) for promise in PROMISES},
            "unproved": report.unproved,
            "counts": dict(sorted(report.counts.items())),
            "notes": report.notes,
            "violations_total": sum(report.violations_of.values()),
            "violations": [asdict(each) for each in report.violations],
        },
        indent=2,
    )
