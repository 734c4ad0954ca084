"""How a person can type this command again."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path


def own_name() -> str:
    """`sluice` where the shell finds this very command by that name, else the path that was typed."""
    found = shutil.which("sluice")
    if found is not None and Path(found).resolve() == Path(sys.argv[0]).resolve():
        return "sluice"
    return sys.argv[0]
