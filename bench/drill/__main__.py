"""Drill the faults that wake people: does the right alert fire in time, does no wrong one, and does its command help?

python -m bench.drill                    all of them, about seven minutes
python -m bench.drill router poison      some of them
python -m bench.drill --paste            the table goes into docs/operations.md
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from bench.drill.faults import FAULTS, Fault
from bench.drill.ground import ground
from bench.drill.report import Drilled, table
from infra.errors import SluiceError

PAGE = Path(__file__).parents[2] / "docs" / "operations.md"
BEGIN = "<!-- drills: begin, written by `make drill PASTE=1` -->"
END = "<!-- drills: end -->"


def drill(fault: Fault, directory: Path) -> Drilled:
    """On a fresh network, with a fresh Prometheus."""
    with ground(directory, fault.cut_offs_s) as there:
        began_s = time.monotonic()
        mend = fault.begin(there)
        failed = ""
        over_s = began_s
        try:
            there.wait_until_firing(fault.right, fault.fires_within_s)
            mend()
            mended_s = time.monotonic()
            there.wait_until_over(fault.right, fault.over_within_s)
            over_s = time.monotonic() - mended_s
        except SluiceError as error:
            failed = str(error)
        after_s = {name: at_s - began_s for name, at_s in there.fired_s.items()}
    allowed = fault.right | fault.also
    return Drilled(
        fault.name,
        fault.what,
        fault.window,
        {name: seconds for name, seconds in after_s.items() if name in fault.right},
        sorted(after_s.keys() & fault.also - fault.right),
        sorted(after_s.keys() - allowed),
        fault.command,
        over_s,
        failed,
    )


def paste(lines: list[str]) -> None:
    """Replace the table of the page."""
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n\n" + "\n".join(lines) + f"\n\n{END}{after}", encoding="utf-8")


def main() -> int:
    names = [fault.name for fault in FAULTS]
    parser = argparse.ArgumentParser(
        prog="python -m bench.drill", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("names", nargs="*", metavar="FAULT", help=f"of {', '.join(names)}; all by default")
    parser.add_argument("--paste", action="store_true", help="put the table into docs/operations.md")
    given = parser.parse_args()
    unknown = [name for name in given.names if name not in names]
    if unknown:
        parser.error(f"there is no drill {', '.join(unknown)}; expected some of {', '.join(names)}")
    drilled = []
    for fault in FAULTS:
        if given.names and fault.name not in given.names:
            continue
        print(f"{fault.name}: {fault.what} ...", file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory(prefix="sluice-drill-") as directory:
            try:
                done = drill(fault, Path(directory) / "demo")
            except SluiceError as error:
                done = Drilled(
                    fault.name, fault.what, fault.window, {}, [], [], fault.command, 0.0, str(error)
                )
        drilled.append(done)
        print(table([done])[-1], file=sys.stderr, flush=True)
    lines = table(drilled)
    print("\n".join(lines))
    if given.paste:
        paste(lines)
    return 0 if all(each.is_right for each in drilled) else 1


if __name__ == "__main__":
    sys.exit(main())
