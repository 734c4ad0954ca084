"""Tasks beside the flow: each in a thread that is used again, none held up by one that never comes back."""

from __future__ import annotations

import threading
import weakref

import pytest

from flows.crew import Crew
from tests.faults.stage import wait_for

WAIT_S = 45.0


def test_a_thread_that_has_come_back_takes_the_next_task() -> None:
    crew = Crew()
    idents = {crew.begin(threading.get_ident).result(WAIT_S) for _ in range(20)}
    assert len(idents) == 1
    assert threading.get_ident() not in idents


def test_a_task_that_hangs_holds_up_no_other() -> None:
    crew = Crew()
    forever = threading.Event()
    hanging = crew.begin(forever.wait)
    assert crew.begin(lambda: "done").result(WAIT_S) == "done"
    assert not hanging.done()
    forever.set()
    assert hanging.result(WAIT_S) is True


def test_what_a_task_raises_is_raised_where_it_is_asked_for_and_the_thread_goes_on() -> None:
    crew = Crew()

    def fails() -> str:
        raise RuntimeError("the broker is gone")

    with pytest.raises(RuntimeError, match="the broker is gone"):
        crew.begin(fails).result(WAIT_S)
    assert crew.begin(lambda: "done").result(WAIT_S) == "done"


class Result:
    """Something that may be large."""


def test_what_a_task_has_found_is_kept_by_whoever_asked_and_nobody_else() -> None:
    """A thread may have nothing to do for weeks, and a restore's result is a partition's whole memory."""
    crew = Crew()
    asked = crew.begin(Result)
    found = weakref.ref(asked.result(WAIT_S))
    del asked
    wait_for(lambda: found() is None, "the thread to let go of it")
