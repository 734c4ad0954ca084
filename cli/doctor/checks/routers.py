"""The routers' own pages: alive, ready, of one version, on a clock like this machine's."""

from __future__ import annotations

from collections.abc import Iterator

from cli.doctor.checks.clock import now_ms
from cli.doctor.deployment import Deployment
from cli.doctor.findings import Finding, fail, ok, unknown, warn
from cli.shared.router_pages import (
    DEFAULT_ADDRESS,
    Figures,
    Page,
    RouterAway,
    RouterSilent,
    Verdict,
    fetch,
    shown_address,
)
from cli.words.counting import counted
from flows.health import COPYING, FOLLOWING

# The Date header tells whole seconds, and the answer takes a moment.
DATE_ERROR_MS = 2_000
ADDRESS = "it is what [router] metrics says"
HANGS = (
    "It may hang: where its process runs, see its log and restart it. Where none runs, start it, or mend the address: "
    + ADDRESS
)
ENDED = (
    "Start it, and where something starts it over and over, see its last lines; or mend the address: "
    + ADDRESS
)


def look(deployment: Deployment) -> Iterator[Finding]:
    """Each router that was named; the default one when none was, and it answers.  Those that are dead come first."""
    addresses = deployment.routers or (DEFAULT_ADDRESS,)
    builds: dict[str, str] = {}
    others: list[Finding] = []
    for address in addresses:
        shown = shown_address(address)
        try:
            health = fetch(address, "/healthz", deployment.timeout_s)
            alive = Verdict.of(health)
            ready = Verdict.of(fetch(address, "/readyz", deployment.timeout_s))
            figures = Figures(fetch(address, "/metrics", deployment.timeout_s).text)
        except RouterAway as away:
            if deployment.routers:
                yield fail(
                    f"router {shown} does not answer: {away}",
                    "its pages /healthz, /readyz and /metrics",
                    HANGS if isinstance(away, RouterSilent) else ENDED,
                )
            else:
                yield unknown(f"no router was named, and none answers at {shown}", "Name each with --router")
            continue
        if alive.ok:
            others.append(_readiness(shown, ready))
        else:
            yield fail(f"router {shown} is not alive: {'; '.join(alive.reasons)}", "it to poll", "Restart it")
        others += _clock(shown, health, deployment.router.clock_difference_ms_max)
        builds[shown] = build_of(figures)
    yield from others
    yield from same_build(builds)


def _readiness(shown: str, ready: Verdict) -> Finding:
    if ready.ok:
        return ok(f"router {shown} is alive and ready, and {_share(ready)}")
    return fail(
        f"router {shown} is not ready: {'; '.join(ready.reasons)}",
        "every partition of it live, and none late",
        "A partition that restores gets ready by itself; for one that is stopped the router's log says what to do",
    )


def _share(ready: Verdict) -> str:
    """`decides 1 partition and follows 3`."""
    followed = sum(state.phase in {COPYING, FOLLOWING} for state in ready.partitions.values())
    decided = len(ready.partitions) - followed
    told = f"decides {counted(decided, 'partition') if decided else 'no partitions'}"
    return f"{told} and follows {followed}" if followed else told


def _clock(shown: str, page: Page, limit_ms: int) -> Iterator[Finding]:
    if page.date_ms is None:
        return
    ahead_ms = page.date_ms - now_ms()
    if abs(ahead_ms) > limit_ms + DATE_ERROR_MS:
        yield fail(
            f"the clock of router {shown} differs from this machine's by about {ahead_ms / 1000:+.0f} s",
            f"at most {limit_ms / 1000:g} s (clock_difference_ms_max)",
            "Let both machines follow the same time servers",
        )


def build_of(figures: Figures) -> str:
    """`0.1.0, Python 3.11.7, compiled core`; empty where the figures do not say it."""
    for labels, _ in figures.samples("sluice_build_info"):
        return f"{labels.get('version')}, Python {labels.get('python')}, {labels.get('core')} core"
    return ""


def same_build(builds: dict[str, str]) -> Iterator[Finding]:
    """Routers of one group must decide alike."""
    if len(set(builds.values())) > 1:
        told = "; ".join(f"{shown}: {build or 'unknown'}" for shown, build in builds.items())
        yield warn(
            f"the routers differ: {told}", "one version, but for the time of an upgrade", "Finish the upgrade"
        )
    elif builds:
        yield ok(f"version {next(iter(builds.values())) or 'unknown'}")
