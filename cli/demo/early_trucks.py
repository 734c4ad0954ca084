"""The demo that stays, with trucks that leave a minute after their cut-off instead of an hour: for those who watch it.

    python -m cli.demo.early_trucks --directory DIRECTORY --metrics HOST:PORT --orders-per-second 120

So what is judged when a truck has left, dispatches and fill, has figures while somebody looks at the dashboards.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from cli.demo.command import SECONDS
from cli.demo.stage import Choices
from cli.demo.story import tell

LEAD_MINUTES = 1
"""Long enough for the played warehouses to hand over what they were told of at the last moment."""
SEED = 1
ROUTER_SETTINGS = """# No dispatch is told late here.
[router]
dispatch_told_grace_ms = 2000
"""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m cli.demo.early_trucks", description="The demo that stays."
    )
    parser.add_argument("--directory", type=Path, required=True)
    parser.add_argument("--metrics", required=True)
    parser.add_argument("--orders-per-second", type=float, required=True)
    given = parser.parse_args(arguments)
    choices = Choices(
        given.directory, SEED, SECONDS, given.orders_per_second, stays=True, metrics=given.metrics,
        lead_minutes=LEAD_MINUTES, router_settings=ROUTER_SETTINGS,
    )  # fmt: skip
    return tell(choices, as_json=False)


if __name__ == "__main__":
    sys.exit(main())
