"""When all that a pool says of its stock stands before the counts in force, and when some of it is merely late."""

from tests.infra.prometheus.case import WITHOUT_OBJECTIVES, Case, Fires
from tests.infra.prometheus.told import ignored, out_of_date, silent


def told(heard: str, ignored: str, router: str = "b:9464") -> dict[str, str]:
    """What is known of Lyon; a scrape is half a minute."""
    labels = f'{{instance="{router}", pool="lyon"}}'
    return {
        f"sluice_stock_event_timestamp_seconds{labels}": heard,
        f"sluice_stock_ignored_total{labels}": ignored,
    }


def case(story: str, at: str, series: dict[str, str], *fires: Fires) -> Case:
    return Case(
        story=story,
        groups=WITHOUT_OBJECTIVES,
        series=series,
        at=at,
        fires=fires,
        nearly=[] if fires else ["StockFeedIgnored"],
    )


def every_ten_minutes(times: int) -> str:
    """A pool at night, which counts again and says that nothing has moved."""
    return " ".join(f"{600 * number}x19" for number in range(times))


STOCK_CASES = [
    case(
        "a warehouse system is replaced: its sequence begins anew, and all that it says is ignored",
        "40m",
        told("0+30x10 300x90", "12x10 16+4x90"),
        ignored("lyon", "120"),
        silent("lyon", "35m 0s"),
    ),
    Case(
        story="for two hours it stays so, and one pool of three is not fresh",
        interval="2m",
        groups=["objectives", "causes"],
        series=told("0x80", "0+4x80"),
        at="2h",
        fires=[ignored("lyon", "30"), silent("lyon", "2h 0m 0s"), out_of_date("Fast", "33.33%")],
        nearly=["StockFreshnessBurnsSlowly"],
    ),
    case(
        "items that the pool never had are heard of, and a block now and then: the rest of a new sequence is not",
        "50m",
        told("0+30x10 300x19 900x19 1500x19 2100x19 2700x19", "12x10 16+4x90"),
        ignored("lyon", "120"),
    ),
    case(
        "another process takes the pool over while all that it says is ignored",
        "40m",
        told("0+30x10 300x30 stale", "12x10 16+4x30 stale") | told("_x42 1260x60", "_x42 0+4x60", "a:9464"),
        ignored("lyon", "120"),
        silent("lyon", "19m 0s"),
    ),
    case(
        "the warehouse goes on above its last position, and is heard of again",
        "65m",
        told("0+30x10 300x69 2400+30x60", "12x10 16+4x69 292x60"),
    ),
    case(
        "a new sequence has been ignored for a quarter of an hour only",
        "20m",
        told("0+30x10 300x60", "12x10 16+4x60"),
    ),
    case(
        "counts come at once, and all movements an hour later, when a count has overtaken them",
        "60m",
        told("0+30x120", "0+50x120"),
    ),
    case(
        "one row is far ahead, and each of its counts is ignored",
        "60m",
        told("0+30x120", "0+1x120"),
    ),
    case(
        "a few movements of the day come one by one, late in the night",
        "70m",
        told(every_ten_minutes(8), "12x80 13 14 15 15 16 17x60"),
    ),
    case(
        "a thousand movements of the day come at once into a pool that says nothing at night",
        "90m",
        told("0x60 1800x140", "0x150 1000x60"),
        silent("lyon", "1h 0m 0s"),
    ),
    case(
        "a pool is paused: nobody waits to hear from it, whatever it says",
        "60m",
        told("0+30x10 stale", "0+4x120"),
    ),
]
