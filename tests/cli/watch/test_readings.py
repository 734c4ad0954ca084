"""What two readings of the routers' figures amount to, and how it is shown."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from rich.console import Console

from cli.shared.router_pages import (
    Figures,
    Page,
    PartitionState,
    RouterAway,
    checked_address,
    shown_address,
)
from cli.watch import readings
from cli.watch.happenings import Happening, decided
from cli.watch.lines import plain_line
from cli.watch.moment import Moment
from cli.watch.readings import Reading, Totals, owners, quantile_ms, totals
from cli.watch.screen import Screen
from cli.watch.tails import KINDS
from cli.words.places import Places
from infra.errors import ConfigurationError
from schemas.codec import decode_notice
from schemas.kinds import DECISIONS, EXCEPTIONS, INVENTORY
from schemas.notices import Decision
from tests.published import count, decide, example_network, offline, order


def reading(read_s: float, decisions: float, address: str = "a:1", **more: Any) -> Reading:
    return Reading(address=address, read_s=read_s, decisions=decisions, is_ready=True, **more)


def away(read_s: float) -> Reading:
    return Reading(address="a:1", read_s=read_s, away="Connection refused")


def test_decisions_a_second_are_those_between_two_readings_of_all_routers() -> None:
    before = [reading(10, 100), reading(10, 50, "b:1")]
    now = [reading(12, 300), reading(12, 60, "b:1")]
    assert totals(before, now).decisions_per_second == 105


def test_a_router_that_started_again_counts_from_zero() -> None:
    assert totals([reading(10, 5_000)], [reading(12, 30)]).decisions_per_second == 15


def test_a_router_that_is_away_says_nothing_and_is_taken_up_again() -> None:
    assert totals([reading(10, 100)], [away(11)]) == Totals()
    assert totals([away(11)], [reading(12, 120)]).decisions_per_second is None
    assert totals([reading(12, 120)], [reading(13, 140)]).decisions_per_second == 20


def test_the_latest_partition_is_the_lag_of_all() -> None:
    states = {"0": PartitionState("live", 10, 0.5), "1": PartitionState("live", 5, 2.5)}
    found = totals([], [reading(1, 0, partitions=states, waiting_orders=3.0)])
    assert (found.lag_records, found.lag_seconds, found.waiting_orders) == (15, 2.5, 3)
    assert found.overdue_orders is None, "a router that does not know the figure does not say zero"


def test_what_was_ignored_of_a_pools_stock_is_told_by_pool_where_there_was_anything() -> None:
    before = [reading(10, 0, ignored_stock={"lyon": 40.0, "turin": 7.0}), reading(10, 0, "b:1")]
    now = [
        reading(12, 0, ignored_stock={"lyon": 52.0, "turin": 7.0}),
        reading(12, 0, "b:1", ignored_stock={"lille": 3.0}),
    ]
    assert totals(before, now).ignored_stock == {"lyon": 12, "lille": 3}


def two_routers(*, killed: bool) -> list[Reading]:
    """The first decides 2 and follows the rest, the second the other way round; the second may be killed."""
    live, following = PartitionState("live", 1, 0.5), PartitionState("following", 7, 0.0)
    first = {number: live if number == "2" else following for number in "0123"}
    second = {number: following if number == "2" else live for number in "0123"}
    return [
        reading(1, 0, "a:1", partitions=first, partition_count=4),
        Reading(address="b:1", read_s=1, away="Connection refused")
        if killed
        else reading(1, 0, "b:1", partitions=second, partition_count=4),
    ]


def test_the_lag_is_that_of_the_owners_not_of_those_that_follow() -> None:
    found = totals([], two_routers(killed=False))
    assert (found.lag_records, found.lag_seconds, found.undecided_partitions) == (4, 0.5, [])


def test_partitions_whose_owner_is_gone_are_named_and_the_lag_is_unknown() -> None:
    found = totals([], two_routers(killed=True))
    assert (found.lag_records, found.lag_seconds, found.undecided_partitions) == (None, None, [0, 1, 3])


def test_a_partition_that_is_on_its_way_is_not_decided_yet_and_one_that_is_measured_is() -> None:
    states = {"0": PartitionState("restoring"), "1": PartitionState("measuring its lag")}
    found = totals([], [reading(1, 0, partitions=states, partition_count=2)])
    assert (found.undecided_partitions, found.lag_records, found.lag_seconds) == ([0], None, None)


def test_what_a_router_told_before_it_hung_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its web server goes on answering: all its partitions live, and nothing waits."""
    hangs = ["the flow has not polled for 70 s, more than silence_ms_max allows; restart the process"]
    dead = {"ok": False, "reasons": hangs, "partitions": {"0": {"phase": "live"}, "1": {"phase": "live"}}}
    pages = {"/healthz": json.dumps(dead), "/readyz": json.dumps(dead), "/metrics": "sluice_partitions 2\n"}
    monkeypatch.setattr(readings, "fetch", lambda _address, path, _timeout_s: Page(200, pages[path], None))
    found = readings.read("http://a:1")
    assert (found.is_ready, found.reasons) == (False, hangs)
    now = totals([], [found])
    assert (now.undecided_partitions, now.lag_records) == ([0, 1], None)


def test_a_router_that_says_nothing_yet_leaves_all_of_it_unknown() -> None:
    found = totals([], [reading(1, 0)])
    assert (found.undecided_partitions, found.lag_records, found.lag_seconds) == (None, None, None)
    other = reading(1, 0, "b:1", partitions={"0": PartitionState("live")}, partition_count=2)
    assert totals([], [reading(1, 0), other]).undecided_partitions == [1]


def test_whoever_decides_a_partition_is_believed_before_whoever_is_about_to_lose_it() -> None:
    live = reading(1, 0, partitions={"0": PartitionState("live", 3, 0.1)})
    late = reading(1, 0, "b:1", partitions={"0": PartitionState("restoring")})
    assert owners([live, late]) == owners([late, live]) == {0: PartitionState("live", 3, 0.1)}


def test_ages_are_those_of_the_orders_between_two_readings() -> None:
    before = [reading(0, 0, age_buckets={"0.01": 900.0, "0.5": 1_000.0, "+Inf": 1_000.0})]
    now = [reading(1, 0, age_buckets={"0.01": 950.0, "0.5": 1_100.0, "+Inf": 1_100.0})]
    found = totals(before, now)
    assert found.age_p50_ms == pytest.approx(10)
    assert found.age_p99_ms == pytest.approx(10 + 490 * 49 / 50)


def test_a_quantile_of_nothing_is_unknown_and_one_beyond_the_last_bound_is_that_bound() -> None:
    assert quantile_ms({}, 0.5) is None
    assert quantile_ms({"0.5": 0.0, "+Inf": 0.0}, 0.5) is None
    assert quantile_ms({"0.5": 0.0, "+Inf": 9.0}, 0.5) == 500


def test_figures_that_a_router_does_not_have_are_unknown() -> None:
    figures = Figures('sluice_waiting_orders{partition="0"} 2.0\nsluice_waiting_orders{partition="1"} 3.0\n')
    assert figures.total("sluice_waiting_orders") == 5
    assert figures.total("sluice_waiting_orders", partition="1") == 3
    assert figures.total("sluice_overdue_orders") is None
    with pytest.raises(RouterAway, match="no metrics"):
        Figures("<html>hello</html>")


def test_an_address_is_checked_and_shown_without_its_password() -> None:
    assert checked_address("router-1:9464") == "http://router-1:9464"
    assert checked_address("https://me:secret@router-1:9464/") == "https://me:secret@router-1:9464"
    assert shown_address("https://me:secret@router-1:9464") == "router-1:9464"
    assert shown_address("http://[::1]:9464") == "[::1]:9464"
    with pytest.raises(ConfigurationError, match="expected http://host:port") as refused:
        checked_address("http://me:secret@router-1")
    assert "secret" not in str(refused.value)


# --- words ----------------------------------------------------------------------------------------------------


def decisions(*events: dict[str, Any]) -> list[Decision]:
    engine = offline()
    decide(engine, *events)
    notices = [
        decode_notice(value or b"") for topic, _, value, _ in engine.publications if topic == DECISIONS
    ]
    return [notice for notice in notices if isinstance(notice, Decision)]


def test_a_decision_is_told_in_words_by_the_clocks_of_those_it_concerns() -> None:
    places = Places(example_network().entities)
    (decision,) = decisions(count("mug-blue", "dc-paris", 5, 1), order("O-1001", "mug-blue", 2))
    told = decided(decision, places)
    assert told.text.startswith("O-1001 -> dc-paris   ")
    assert told.text.endswith(" EUR   leaves by Mon 16:30, arrives by Tue 20:00")
    assert told.fields["open_units"] == 0


def test_an_order_that_nobody_can_fill_waits() -> None:
    (decision,) = decisions(order("O-1", "mug-blue", 3))
    assert decided(decision, Places([])).text == "O-1 -> waits"


def moment(**changed: Any) -> Moment:
    seen: dict[str, Any] = {
        "at_ms": 0,
        "routers": [
            reading(0, 0, partitions={"0": PartitionState("live"), "1": PartitionState("restoring")})
        ],
        "totals": Totals(decisions_per_second=1_234.4, age_p99_ms=31.0, lag_records=2, lag_seconds=0.1),
        "counts": {DECISIONS: 7},
        "latest": {kind: [] for kind in KINDS} | {DECISIONS: [Happening("O-7 -> dc-paris")]},
        "kafka_fault": "",
    }
    return Moment(**(seen | changed))


def test_a_moment_in_one_line() -> None:
    assert plain_line(moment()).split("  |  ") == [
        "00:00:00", "1 router ready", "1,234 decisions/s", "age p50 -, p99 31 ms", "lag 2 records, 0.1 s",
        "partitions 1 live, 1 restoring", "waiting -, overdue -", "latest: O-7 -> dc-paris",
    ]  # fmt: skip


def test_one_is_one_and_not_several() -> None:
    of_one = moment(totals=Totals(lag_records=1, lag_seconds=0.1), counts={EXCEPTIONS: 1, INVENTORY: 2})
    assert {"lag 1 record, 0.1 s", "1 exception", "2 stock events"} <= set(plain_line(of_one).split("  |  "))


def test_ignored_stock_is_in_the_line_and_adds_up_in_the_view() -> None:
    ignored = {"lyon": 1_200, "lille": 3, "turin": 30, "metz": 2, "nancy": 1}
    seen = moment(totals=Totals(ignored_stock=ignored))
    assert "stock ignored: lyon 1,200, turin 30, lille 3 and 2 more" in plain_line(seen)
    assert seen.as_dict()["ignored_stock"] == ignored
    screen = Screen()
    rendered(screen, seen)
    assert "stock events (0), ignored: lyon 2,400, turin 60, lille 6 and 2 more" in rendered(screen, seen)
    assert "ignored" not in rendered(Screen(), moment()) + plain_line(moment())


def told_of(routers: list[Reading]) -> Moment:
    return moment(routers=routers, totals=totals([], routers))


def test_a_program_is_told_the_phase_of_the_owner_whichever_router_is_named_first() -> None:
    routers = two_routers(killed=False)
    for named in (routers, routers[::-1]):
        found = told_of(named).as_dict()["partitions"]
        assert found == {number: {"phase": "live", "lag_records": 1, "lag_seconds": 0.5} for number in "0123"}


def test_what_nobody_decides_is_said_in_the_line_in_the_view_and_to_a_program() -> None:
    seen = told_of(two_routers(killed=True))
    line = plain_line(seen)
    assert "lag unknown  |  partitions 3 following, 1 live, nobody decides 0, 1, 3  |" in line
    assert "nobody decides 0, 1, 3" in rendered(Screen(), seen)
    told = seen.as_dict()
    assert (told["undecided_partitions"], told["lag_records"], told["lag_seconds"]) == ([0, 1, 3], None, None)
    assert told["partitions"]["0"] == {"phase": None, "lag_records": None, "lag_seconds": None}


def test_of_one_router_it_is_not_said_what_the_others_do() -> None:
    line = plain_line(told_of(two_routers(killed=True)[:1]))
    assert "this router does not decide 0, 1, 3" in line


def rendered(screen: Screen, seen: Moment) -> str:
    out = io.StringIO()
    console = Console(file=out, width=120, height=40, force_terminal=True, color_system=None)
    console.print(screen.render(seen, console))
    return out.getvalue()


def test_the_view_keeps_what_it_has_shown_and_says_which_router_is_away() -> None:
    screen = Screen()
    assert "O-7 -> dc-paris" in rendered(screen, moment())
    quiet = moment(routers=[away(1)], counts={}, latest={kind: [] for kind in KINDS}, totals=Totals())
    later = rendered(screen, quiet)
    assert "router a:1 does not answer: Connection refused" in later
    assert "O-7 -> dc-paris" in later
    assert "latest decisions (7)" in later
