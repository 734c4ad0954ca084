"""Runs the commands that a document shows, and replaces what it says they print.

    python docs/paste_output.py README.md docs/quick-start.md
    python docs/paste_output.py README.md --only "make demo"

A block to replace looks like this; the command may be a pipeline, and runs in the repository's root with the
environment's own `sluice`:

    <!-- output of: sluice --help -->
    ```
    ...
    ```
    <!-- end of output -->
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
BLOCK = re.compile(
    r"(?P<head><!-- output of: (?P<command>[^\n]+) -->\n```[a-z]*\n).*?(?P<tail>```\n<!-- end of output -->)",
    re.DOTALL,
)
TIMEOUT_S = 1200


def output_of(command: str, directory: Path = ROOT) -> str:
    """What the command prints, both streams as a person would see them; a failure ends the whole run."""
    environment = os.environ | {"PATH": f"{ROOT / '.venv/bin'}{os.pathsep}{os.environ['PATH']}"}
    result = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=directory, env=environment,
        timeout=TIMEOUT_S, check=False,
    )  # fmt: skip
    if result.returncode:
        sys.exit(f"`{command}` ended with {result.returncode}:\n{result.stdout}")
    # No path of this machine belongs in a document.
    text = result.stdout.replace(f"{ROOT}{os.sep}", "").replace(str(Path.home()), "~")
    return "".join(f"{line.rstrip()}\n" for line in text.splitlines())


def replaced(document: str, only: str | None = None, directory: Path = ROOT) -> str:
    """The document with the output of its commands as it is now."""

    def fresh(block: re.Match[str]) -> str:
        command = block["command"]
        if only is not None and only not in command:
            return block[0]
        print(f"  {command}", flush=True)
        return f"{block['head']}{output_of(command, directory)}{block['tail']}"

    return BLOCK.sub(fresh, document)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("documents", nargs="+", type=Path)
    parser.add_argument("--only", help="only commands that contain this text")
    arguments = parser.parse_args()
    for path in arguments.documents:
        print(path, flush=True)
        before = path.read_text(encoding="utf-8")
        after = replaced(before, arguments.only)
        if after != before:
            path.write_text(after, encoding="utf-8")


if __name__ == "__main__":
    main()
