"""Puts a router process together, runs it, and says how it ended."""

from __future__ import annotations

import sys

from flows.clock import Clock
from flows.config import RunConfig
from flows.health import Health
from flows.logs.bundle_log import BundleLog
from flows.logs.log import Log
from flows.logs.quoting import where_it_failed
from flows.metrics import Metrics, core_form, engine_version
from flows.port import KafkaPort, PortFault
from flows.router import run_router
from flows.services import Services
from flows.stopping import Stopping
from flows.topic_book import TopicBook
from flows.web import serve
from infra.errors import SluiceError
from infra.redaction import Redactor
from schemas.formats import FORMAT

# A commit that has heard from the broker needs the interpreter to go on, while the flow decides: by default it waits
# 5 ms each time, several times a commit, which is as long as the whole commit takes otherwise.
SWITCH_S = 0.000_2


def start_router(
    config: RunConfig, port: KafkaPort, first_format: int = FORMAT, redactor: Redactor | None = None
) -> None:
    """Run until SIGTERM or Ctrl-C; raises `SluiceError` with one clear sentence when it cannot go on.

    `first_format` is that of a partition without any state yet; `redactor` knows the secrets of the configuration.
    """
    router = config.router
    sys.setswitchinterval(SWITCH_S)
    stopping = Stopping()
    stopping.heed_signals()
    metrics = Metrics(router)
    metrics.causes.watch_garbage()
    health = Health(router)
    log = Log(
        router.log, level=router.log_level, instance=router.instance, redactor=redactor,
        on_left_out=metrics.causes.log_left_out.inc,
    )  # fmt: skip
    serve(router.metrics, metrics.registry, health, log)
    log.info(
        "starting", f"router {engine_version()} starts, group {router.group}",
        version=engine_version(), core=core_form(),
    )  # fmt: skip
    services = Services(
        port=port,
        config=router,
        limits=config.limits,
        clock=Clock(router.clock_jump_ms_max),
        log=log,
        bundle_log=BundleLog(log, router),
        metrics=metrics,
        topics=TopicBook(port, router.request_timeout_ms / 1000),
        health=health,
        first_format=first_format,
    )
    try:
        run_router(services, stopping)
    except PortFault as fault:
        stopping.fail(fault.sentence)
    except SluiceError as error:
        stopping.fail(str(error))
    except Exception as error:
        # Not raised on: what Python prints of an exception may quote what a record holds.
        stopping.fail(f"this is a fault of the program: {where_it_failed(error)}")
    if stopping.fault is not None:
        log.error("failed", f"the router cannot go on: {stopping.fault}")
    else:
        log.info("ended", "the router ended")
    log.close()
    if stopping.fault is not None:
        failure = SluiceError(log.redactor.text(stopping.fault))
        failure.is_told = log.is_json
        raise failure
