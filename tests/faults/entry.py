"""Runs a router whose client port is wrapped, so that it crashes or freezes at one named step.

    python -m tests.faults.entry BOOTSTRAP PREFIX JSON

The product has no switch for this: the step is reached by standing between the flow and its port.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from flows.config import RouterConfig, RunConfig
from flows.kafka.confluent_port import ConfluentPort
from flows.start import start_router
from infra.errors import SluiceError
from state.limits import Limits
from tests.faults.steps import SteppedPort


def main(bootstrap: str, prefix: str, options: str) -> int:
    given: dict[str, Any] = json.loads(options)
    step, transaction, deed = given.pop("fault", ("", 0, ""))
    router = RouterConfig(metrics="off", log="json", **given)
    port = ConfluentPort(router, {"bootstrap.servers": bootstrap}, prefix)
    try:
        start_router(
            RunConfig(router=router, limits=Limits()),
            SteppedPort(port, step, transaction, deed) if step else port,
        )
    except SluiceError as error:
        print(f"sluice: {error}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
