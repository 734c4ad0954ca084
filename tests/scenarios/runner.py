"""Plays a story: lines of plain words, in which a planner can read what happens when, and what must come of it.

    given corner takes 1 orders a day           a change of the small network that all stories share
    2026-03-16 09:00  order A: 8 lamp           time (UTC) and event; what falls due before happens at its own time
    and               order B: 1 lamp, 2 rug    another event in the same bundle
    then A ships 8 lamp from berlin             what must hold now

`events.py` has the words for events, `checks.py` those for what must hold.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.small_network import Entity, item, lane, ms, network, pool, with_entities
from tests.world import Told, World

_TIMED = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d)\s+(.*)")

Word = tuple[re.Pattern[str], Callable[..., Any]]


@dataclass
class Play:
    """A story on its way: the world, and what was said since the last event."""

    entities: list[Entity] = field(default_factory=network)
    said: list[Told] = field(default_factory=list)
    memory: dict[str, Any] = field(default_factory=dict)
    _world: World | None = None

    @property
    def world(self) -> World:
        if self._world is None:
            self._world = World(self.entities)
        return self._world

    def change(self, *entities: Entity) -> None:
        assert self._world is None, "`given` comes before the first event"
        self.entities = with_entities(self.entities, *entities)


GIVEN: list[Word] = []


def given(pattern: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    def register(function: Callable[..., None]) -> Callable[..., None]:
        GIVEN.append((re.compile(pattern), function))
        return function

    return register


@given(r"(\w+) takes (\d+) orders a day")
def _(play: Play, name: str, places: str) -> None:
    play.change(pool(name, orders_per_day=int(places)))


@given(r"(\w+) is a new item")
def _(play: Play, sku: str) -> None:
    play.change(item(sku))


@given(r"a parcel from (\w+) to (\w\w) costs (\d+)")
def _(play: Play, name: str, country: str, cost: str) -> None:
    play.change(lane(name, country.lower(), int(cost) * 1_000_000))


def find(words: list[Word], sentence: str) -> tuple[Callable[..., Any], tuple[str | None, ...]]:
    """The one word that fits the sentence."""
    fits = [
        (function, match.groups()) for pattern, function in words if (match := pattern.fullmatch(sentence))
    ]
    assert len(fits) == 1, f"{len(fits)} words fit: {sentence!r}"
    return fits[0]


def play_story(path: Path) -> int:
    """Play it from the first line to the last; returns how many things were checked."""
    from tests.scenarios.checks import CHECKS
    from tests.scenarios.events import EVENTS

    play = Play()
    checked = 0
    for kind, when, sentences, numbers in _scenes(path):
        try:
            if kind == "given":
                function, words = find(GIVEN, sentences[0])
                function(play, *words)
            elif kind == "then":
                function, words = find(CHECKS, sentences[0])
                function(play, *words)
                checked += 1
            else:
                _happen(play, when, sentences, EVENTS)
        except AssertionError as failure:
            raise AssertionError(f"{path.name}:{numbers}: {' / '.join(sentences)}\n{failure}") from failure
    return checked


def _happen(play: Play, when: str, sentences: list[str], words: list[Word]) -> None:
    world = play.world
    play.said = []
    if sentences[0] != "the router comes back":
        play.said += world.advance(when)
    else:
        world.restart()
        world.now_ms = ms(when)
    records: dict[str, list[bytes | None]] = {}
    for sentence in sentences:
        function, groups = find(words, sentence)
        for topic, raw in function(play, *groups):
            records.setdefault(topic, []).append(raw)
    play.said.append(world.bundle(records))
    play.said += world.advance(when)


def _scenes(path: Path) -> list[tuple[str, str, list[str], int]]:
    """(given, event or then; time; sentences; line number): `and` joins the event before it."""
    scenes: list[tuple[str, str, list[str], int]] = []
    for number, text in enumerate(path.read_text().splitlines(), start=1):
        line = text.split("#")[0].strip()
        if not line:
            continue
        timed = _TIMED.fullmatch(line)
        word, _, rest = line.partition(" ")
        if timed:
            scenes.append(("event", timed[1], [timed[2].strip()], number))
        elif word == "and":
            after = scenes[-1][0] if scenes else "nothing"
            assert after == "event", f"{path.name}:{number}: `and` follows an event"
            scenes[-1][2].append(rest.strip())
        else:
            assert word in ("given", "then"), (
                f"{path.name}:{number}: a line begins with a time, and, given or then"
            )
            scenes.append((word, "", [rest.strip()], number))
    return scenes
