"""When a channel of which orders are expected places none, or a warehouse answers none of its shipments.

Two weeks are told as Prometheus has recorded them, two or three times an hour: all rules over two weeks of scrapes
would take minutes. They begin on a Monday.
"""

from collections.abc import Callable
from dataclasses import replace

from tests.infra.prometheus.case import Case, Fires

ORDERS = 'channel:orders_placed:increase10m{channel="%s"}'
MONDAY, SUNDAY = 14 * 24, 13 * 24
"""The hours at which the third Monday and the Sunday before it begin."""

Placed = Callable[[float], int]
"""Orders within ten minutes, by the hour since the beginning."""


def told(until_h: float, placed: Placed, each_minutes: int = 30) -> str:
    minutes = range(0, round(until_h * 60) + 1, each_minutes)
    return " ".join(str(placed(minute / 60)) for minute in minutes)


def day_and_night(hour: float) -> int:
    return 30 if hour % 24 < 6 else 200


def by_day(hour: float) -> int:
    return 200 * (8 <= hour % 24 < 20)


def closed_on_sundays(hour: float) -> int:
    return by_day(hour) * (hour // 24 % 7 != 6)


def an_hour_earlier_from(set_h: float) -> Placed:
    """Its clock is set in the night; ours is UTC."""
    return lambda hour: by_day(hour + (hour >= set_h))


def three_a_day(hour: float) -> int:
    return int(hour % 24 in (9, 12.5, 17))


def great_sale(on_h: float) -> Placed:
    return lambda hour: 500 if on_h <= hour < on_h + 24 else 2 * (hour % 4 < 2)


def until(end_h: float, placed: Placed) -> Placed:
    """As it was, and nothing any more."""
    return lambda hour: placed(hour) * (hour < end_h)


def since(start_h: float, placed: Placed) -> Placed:
    return lambda hour: placed(hour) * (hour >= start_h)


def without(day_h: float, placed: Placed) -> Placed:
    """Closed for a day, from midnight on."""
    return lambda hour: placed(hour) * (not day_h <= hour < day_h + 24)


def story(
    story: str, at_h: float, fires: dict[str, Placed], silent: dict[str, Placed], each_minutes: int = 30
) -> Case:
    return Case(
        story=story,
        healthy=False,
        interval=f"{each_minutes}m",
        groups=["symptoms"],
        series={
            ORDERS % channel: told(at_h, placed, each_minutes) for channel, placed in (fires | silent).items()
        },
        at=f"{round(at_h * 60)}m",
        fires=[silence(channel) for channel in fires],
        nearly=[] if fires else ["ChannelSilent"],
    )


def silence(channel: str) -> Fires:
    return Fires(
        "ChannelSilent",
        {"job": "sluice", "channel": channel},
        f"No order of {channel} comes in.",
        f"For 40 minutes {channel} has placed no order at all. It was selling within the last 8 hours, and on other "
        "days it places more than 20 within any 10 minutes at this hour.",
    )


TOLD = 'pool:shipments_told:increase10m{pool="%s"}'
ANSWERED = 'pool:shipments_answered:increase10m{pool="%s"}'
STOPS_H = MONDAY + 10.5


def pool(name: str, answered: Placed, told_of: Placed = by_day) -> dict[str, str]:
    at_h = MONDAY + 11.5
    return {
        'up{instance="b:9464"}': "1x800",
        TOLD % name: told(at_h, told_of),
        ANSWERED % name: told(at_h, answered),
    }


WAREHOUSE = Case(
    story="a warehouse reads nothing any more, and others have nothing to read, rest, or answer when they hand over",
    healthy=False,
    interval="30m",
    groups=["causes"],
    series={
        **pool("lyon", until(STOPS_H, by_day)),
        **pool("nothing-to-do", until(STOPS_H, by_day), until(STOPS_H + 1, by_day)),
        **pool("a-store-with-a-few", until(STOPS_H, by_day), lambda hour: int(hour % 2 == 0)),
        **pool("closed-by-hand-on-a-holiday", without(MONDAY, by_day)),
        **pool("accepts-nothing", lambda hour: 400 * (hour % 24 == 15)),
        **pool("new", until(STOPS_H, since(MONDAY - 4 * 24, by_day))),
    },
    at=f"{round((MONDAY + 11.5) * 60)}m",
    fires=[
        Fires(
            "WarehouseSilent",
            {"job": "sluice", "pool": "lyon"},
            "Pool lyon answers nothing of what it is told to ship.",
            "For 40 minutes lyon has neither accepted nor rejected nor dispatched a shipment, as it does at this hour "
            "on other days, and within any 10 minutes it was told of 200 or more.",
        )
    ],
)
WAREHOUSE_BACK = replace(
    WAREHOUSE,
    story="a warehouse answers again, after it had read nothing for an hour",
    series=pool("lyon", lambda hour: by_day(hour) * (not STOPS_H - 1 <= hour < STOPS_H + 0.5)),
    fires=[],
    nearly=["WarehouseSilent"],
)

CHANNELS_CASES = [
    WAREHOUSE,
    WAREHOUSE_BACK,
    story(
        "shops cannot reach Kafka any more, by day or since the night, and it is not a day of their own",
        MONDAY + 11.5,
        fires={
            "web": until(MONDAY + 10.5, day_and_night),
            "since-the-night": until(MONDAY + 5, day_and_night),
            "the-day-after-a-sunday": until(MONDAY + 10.5, closed_on_sundays),
            "the-day-after-a-holiday": until(MONDAY + 10.5, without(SUNDAY, by_day)),
        },
        silent={
            "on-a-holiday": without(MONDAY, by_day),
            "for-a-few-orders-a-day": three_a_day,
            "new": until(MONDAY + 10.5, since(MONDAY - 4 * 24, day_and_night)),
            "over-for-good": until(MONDAY - 24, day_and_night),
            "over-since-last-evening": until(MONDAY - 4, by_day),
            "after-a-great-sale": until(MONDAY + 10.5, great_sale(MONDAY - 7 * 24)),
        },
    ),
    story(
        "a shop is closed on Sundays, and another one was closed on this day a week ago",
        SUNDAY + 11.5,
        fires={},
        silent={
            "wholesale": closed_on_sundays,
            "a-week-ago": until(SUNDAY + 10.5, without(SUNDAY - 7 * 24, by_day)),
        },
    ),
    story(
        "the clocks were set in the night, and a shop closes an hour earlier than a day and a week ago",
        SUNDAY + 19 + 2 / 3,
        fires={},
        silent={"by-day": an_hour_earlier_from(SUNDAY + 1)},
        each_minutes=20,
    ),
    Case(
        story="no order is counted because nobody decides for the partition, which pages by itself",
        healthy=False,
        interval="30m",
        groups=["symptoms"],
        series={
            ORDERS % "web": told(MONDAY + 11.5, until(MONDAY + 10.5, day_and_night)),
            'sluice_partitions{instance="b:9464"}': "2x800",
            'sluice_partition_live{instance="b:9464", partition="0"}': "1x800",
            'sluice_partition_live{instance="b:9464", partition="1"}': "1x690 0x110",
        },
        at=f"{int((MONDAY + 11.5) * 60)}m",
        nearly=["ChannelSilent"],
    ),
]
