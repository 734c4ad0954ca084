"""Builds the pure rooms as C extensions where SLUICE_COMPILE=1 asks for it; everything else is in pyproject.toml.

The same sources, compiled by mypyc: decisions are the same to the byte and take about a fifth less time.  It needs a C
compiler and Python's headers, so it is never asked for by default.  See docs/decisions/compiled-core.md.
"""

import os
from pathlib import Path

from setuptools import setup

ROOMS = ("operators", "state")


def compiled_core():
    from mypyc.build import mypycify

    modules = sorted(
        path
        for room in ROOMS
        for path in map(str, Path(room).glob("*.py"))
        if not path.endswith("__init__.py")
    )
    return mypycify(modules, opt_level="1", group_name="sluice_core")


setup(ext_modules=compiled_core() if os.environ.get("SLUICE_COMPILE") == "1" else [])
