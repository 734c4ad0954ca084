"""Reads a network directory: TOML and CSV in, entities out, or every fault at once."""

from __future__ import annotations

import shlex
from datetime import date
from pathlib import Path

from msgspec import Struct

from cli.network_dir.entities import calendars_of, entities_of
from cli.network_dir.faults import Fault, Faults
from cli.network_dir.links import Links
from cli.network_dir.network_toml import read_settings
from cli.network_dir.reach import check_reach, check_use
from cli.network_dir.sheets import read_sheets
from cli.network_dir.stated import FILES, LANES_FILE, NETWORK_FILE, POOLS_FILE, REQUIRED_FILES, Stated
from cli.network_dir.toml_file import read_toml
from cli.network_dir.zones import check_zones
from cli.words.names import did_you_mean
from infra.errors import ConfigurationError
from schemas.reference import AnyEntity

_CONTENTS = f"a network directory holds {', '.join(REQUIRED_FILES)}"


class Network(Struct, frozen=True):
    """What a directory without faults describes."""

    name: str
    entities: list[AnyEntity]


class Reading(Struct, frozen=True):
    """The outcome: a network unless there are faults; warnings come either way."""

    network: Network | None
    faults: list[Fault]
    warnings: list[Fault]


def read_network(directory: Path, today: date) -> Reading:
    """Reads and checks a directory.  `today` decides how far calendars and time zones are expanded."""
    faults = Faults()
    stated = Stated()
    present = _present_files(directory, faults)
    root = read_toml(directory, NETWORK_FILE, faults) if NETWORK_FILE in present else None
    if root is not None and root.key_lines():
        read_settings(root, stated)
    elif root is not None:
        # Said once: every row of every file refers to something that is not there.
        faults.add(
            NETWORK_FILE, 1, 'the file says nothing; it begins with network = "eu" and currency = "EUR"'
        )
    read_sheets(directory, present, stated, faults)
    Links(stated, faults).check()
    check_zones(stated, faults)
    calendars = calendars_of(stated, today, faults)
    can_tell = stated.doubtful.isdisjoint({POOLS_FILE, LANES_FILE})
    if stated.settings is not None and can_tell and None not in (stated.pools, stated.lanes, stated.items):
        check_reach(stated, faults)
    if not faults:
        check_use(stated, faults)
    found = faults.sorted(("", *FILES))
    refused = [fault for fault in found if fault.severity == "fault"]
    warnings = [fault for fault in found if fault.severity == "warning"]
    if refused:
        return Reading(None, refused, warnings)
    return Reading(Network(stated.network, entities_of(stated, calendars, today)), [], warnings)


def network_of(directory: Path, today: date) -> Network:
    """The network, or a `ConfigurationError` with every fault: for verbs that need a sound directory."""
    reading = read_network(directory, today)
    if reading.network is None:
        count = f"{len(reading.faults)} faults" if len(reading.faults) > 1 else "a fault"
        sentences = "\n".join(f"  {fault.text}" for fault in reading.faults)
        raise ConfigurationError(f"{directory} has {count}, so nothing was done:\n{sentences}")
    return reading.network


def _present_files(directory: Path, faults: Faults) -> set[str]:
    """Which of the files are there; missing and misnamed ones are reported."""
    if not directory.is_dir():
        problem, remedy = (
            "does not exist",
            f"Write an example with: sluice init {shlex.quote(str(directory))}",
        )
        if directory.exists():
            problem, remedy = "is a file, not a directory", f"Name the directory: {directory.parent}"
        faults.add(str(directory), None, f"{problem}; {_CONTENTS}. {remedy}")
        return set()
    try:
        entries = sorted(directory.iterdir())
    except OSError as error:
        faults.add(str(directory), None, f"cannot be listed: {error.strerror}; {_CONTENTS}")
        return set()
    names = [entry.name for entry in entries if entry.is_file()]
    others = [entry.name for entry in entries if entry.name in FILES and entry.name not in names]
    for file in others:
        # Passed over, an optional one would be as if it had never been there, and all that it stated withdrawn.
        kind = "is a directory" if (directory / file).is_dir() else "is no file that can be read"
        faults.add(file, None, f"{kind}; {_CONTENTS}")
    missing = [file for file in REQUIRED_FILES if file not in names and file not in others]
    for file in missing:
        faults.add(file, None, f"the file is missing; {_CONTENTS}")
    for name in names:
        if name.endswith((".csv", ".toml")) and name not in FILES:
            wanted = [file for file in FILES if file not in names]
            remedy = did_you_mean(name, wanted) or f"; the files that are read are {', '.join(FILES)}"
            faults.warn(name, None, f"this file is not read{remedy}")
    return {file for file in FILES if file in names}
