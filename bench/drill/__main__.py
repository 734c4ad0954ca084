"""Drill the faults that wake people: does the right alert fire in time, does no wrong one, and does its command help?

python -m bench.drill                    all of them, and the take-over: about fifteen minutes
python -m bench.drill router poison      some of them
python -m bench.drill takeover           how long nobody decides after a kill -9, with 1,000,000 rows
python -m bench.drill --paste            the tables go into docs/operations.md
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence

from bench import takeover
from bench.cluster import local_cluster
from bench.drill.faults import FAULTS, Fault
from bench.drill.ground import SCALE, ground
from bench.drill.limits import limit_of
from bench.drill.report import DRILLS, TAKEOVER, Drilled, paste, table
from bench.restore import SIZE
from bench.workload import Size
from infra.errors import SluiceError

TAKE_OVER = "takeover"


def drill(fault: Fault) -> Drilled:
    """On a fresh network, with a fresh Prometheus."""
    limits = {name: limit_of(name, SCALE) for name in sorted(fault.right)}
    limits_s = {name: limit.seconds for name, limit in limits.items()}
    after_s: dict[str, float] = {}
    failed, over_s = "", 0.0
    try:
        with ground(fault.cut_offs_s) as there:
            began_s = time.monotonic()
            mend = fault.begin(there)
            try:
                there.wait_until_fired(limits_s)
                mend()
                mended_s = time.monotonic()
                there.wait_until_over(limits_s)
                over_s = time.monotonic() - mended_s
            finally:
                after_s = {name: at_s - began_s for name, at_s in there.fired_s.items()}
    except SluiceError as error:
        failed = str(error)
    return Drilled(
        fault.name,
        fault.what,
        limits,
        {name: seconds for name, seconds in after_s.items() if name in fault.right},
        sorted(after_s.keys() & fault.also),
        sorted(after_s.keys() - fault.right - fault.also),
        fault.command,
        fault.deed,
        over_s,
        failed,
    )


def drill_faults(names: Sequence[str]) -> tuple[list[str], bool]:
    """The table of these faults, and whether all went as they should."""
    drilled = []
    for fault in FAULTS:
        if fault.name not in names:
            continue
        print(f"{fault.name}: {fault.what} ...", file=sys.stderr, flush=True)
        drilled.append(drill(fault))
        print(table(drilled[-1:])[-1], file=sys.stderr, flush=True)
    return table(drilled), all(each.is_right for each in drilled)


def drill_take_over(skus: int, runs: int) -> tuple[list[str], bool]:
    """The table of the kills, and whether every single one was within its limit."""
    print("takeover: the owner of a large partition is killed with SIGKILL ...", file=sys.stderr, flush=True)
    with local_cluster() as cluster:
        result = takeover.measure_takeover(
            cluster, Size(skus=skus), runs, lambda line: print(line, file=sys.stderr, flush=True)
        )
    return takeover.takeover_table(result), result.is_within_limits


def main() -> int:
    faults = [fault.name for fault in FAULTS]
    names = [*faults, TAKE_OVER]
    parser = argparse.ArgumentParser(
        prog="python -m bench.drill", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("names", nargs="*", metavar="DRILL", help=f"of {', '.join(names)}; all by default")
    parser.add_argument("--paste", action="store_true", help="put the tables into docs/operations.md")
    parser.add_argument("--skus", type=int, default=SIZE.skus, help="items of the take-over, ten rows each")
    parser.add_argument("--runs", type=int, default=takeover.RUNS, help="kills of each kind in the take-over")
    given = parser.parse_args()
    unknown = [name for name in given.names if name not in names]
    if unknown:
        parser.error(f"there is no drill {', '.join(unknown)}; expected some of {', '.join(names)}")
    wanted = given.names or names
    wanted_faults = [name for name in faults if name in wanted]
    if given.paste and wanted_faults and wanted_faults != faults:
        parser.error(f"--paste puts a whole table into the page: drill all of {', '.join(faults)}")
    is_right = True
    if wanted_faults:
        lines, went_well = drill_faults(wanted_faults)
        is_right &= went_well
        print("\n".join(lines))
        if given.paste:
            paste(lines, DRILLS)
    if TAKE_OVER in wanted:
        lines, went_well = drill_take_over(given.skus, given.runs)
        is_right &= went_well
        print("\n".join(lines))
        if given.paste:
            paste(lines, TAKEOVER)
    return 0 if is_right else 1


if __name__ == "__main__":
    sys.exit(main())
