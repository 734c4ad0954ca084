"""Whatever is done to the files: `check` never fails, and what it accepts the router accepts too."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from cli.network_dir.reading import read_network
from cli.reference.set_records import set_records
from cli.reference.sets import InForce, key_of, set_of
from schemas.codec import decode_input
from schemas.kinds import REFERENCE
from schemas.reference import AnyEntity
from state.catalog_faults import faults_of
from tests.cli.network_dir.small import FILES, TODAY

SNIPPETS = [
    '"', "'", ",", "\n", "\r", "\0", ";", "=", "[", "]", "[[", "{", "#", "-", "1e9", "9" * 400, "0x1F", "nan", "\ufeff",
    "true", "2026-11-23", "12:00:00", "é", "日本", "\u202e", "\x1b[31m", "Europe/Paris", "+01:00", "E+05",
    "[zones.FR]\n",
    '[zones."FR x"]\ncountry = "FR"\n', "[carriers.colissimo]\n", 'pools = "all"\n', "a.b.c = 1\n", "[[services]]\n",
    "x" * 200, "../../etc", "Antarctica/Troll", "DE-BY", "fr", "90m", "-0.1", "0.0000001", "1_000", "EUR", "''''''",
    'network = ""\n', '" "', '""',
]  # fmt: skip

edits = st.lists(
    st.tuples(
        st.sampled_from(sorted(FILES)),
        st.floats(0, 1),
        st.integers(0, 30),
        st.one_of(st.sampled_from(SNIPPETS), st.text(max_size=8)),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=300, deadline=None)
@given(edits)
def test_damaged_files_are_refused_or_sound(edits: list[tuple[str, float, int, str]]) -> None:
    files = dict(FILES)
    for file, place, removed, inserted in edits:
        at = int(place * len(files[file]))
        files[file] = files[file][:at] + inserted + files[file][at + removed :]
    _read_without_failing({name: text.encode("utf-8", "surrogatepass") for name, text in files.items()})


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(sorted(FILES)), st.binary(max_size=200))
def test_any_bytes_are_refused_or_sound(file: str, content: bytes) -> None:
    _read_without_failing({name: text.encode() for name, text in FILES.items()} | {file: content})


def _read_without_failing(files: dict[str, bytes]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        for name, content in files.items():
            (Path(directory) / name).write_bytes(content)
        reading = read_network(Path(directory), TODAY)
    assert (reading.network is None) == bool(reading.faults)
    assert all("\n" not in fault.text for fault in reading.faults + reading.warnings)
    if reading.network is not None:
        on_the_wire = msgspec.json.encode(reading.network.entities)
        received: list[AnyEntity] = msgspec.json.decode(on_the_wire, type=list[AnyEntity])
        assert received == reading.network.entities
        assert faults_of({key_of(entity): entity for entity in received}) == []
        reference_set = set_of(InForce(), reading.network.entities)
        assert reference_set is not None
        for record in set_records(reading.network.name, reference_set, datetime(2026, 11, 23, tzinfo=UTC)):
            decode_input(REFERENCE, record.value)
