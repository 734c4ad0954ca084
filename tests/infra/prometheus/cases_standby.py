"""When a partition has no warm copy any more, or one that lags behind."""

from tests.infra.prometheus.case import WITHOUT_OBJECTIVES, Case, Fires

STANDBY_ROWS = 'sluice_standby_rows{instance="c:9464", partition="%s"}'


def standby(**values: str) -> dict[str, str]:
    """A standby's copies of all four partitions; some of them with other values, as `p1=...`."""
    return {STANDBY_ROWS % number: values.get(f"p{number}", "500000x60") for number in "0123"}


STANDBY_CASES = [
    Case(
        story="the standby of a partition goes away",
        groups=WITHOUT_OBJECTIVES,
        series=standby(p1="500000x4 stale"),
        at="16m",
        fires=[
            Fires(
                "StandbyMissing",
                {"partition": "1"},
                "Partition 1 has no warm standby any more.",
                "If its router died now, another one would have to restore the partition cold.",
            )
        ],
    ),
    Case(
        story="a standby is restarted",
        groups=WITHOUT_OBJECTIVES,
        series=standby(p1="500000x10 _x6 500000x40", p2="500000x10 _x6 500000x40"),
        at="16m",
        nearly=["StandbyMissing"],
    ),
    Case(
        story="a standby does not keep up",
        groups=WITHOUT_OBJECTIVES,
        series={
            **standby(),
            'sluice_standby_lag_records{instance="c:9464", partition="1"}': "0x4 15000x40",
        },
        at="10m",
        fires=[
            Fires(
                "StandbyLags",
                {"partition": "1"},
                "The standby of partition 1 does not keep up.",
                "Its copy lacks 15000 records of the state topics; a take-over waits for them.",
            )
        ],
    ),
    Case(
        story="a standby starts and reads the state topics",
        groups=WITHOUT_OBJECTIVES,
        series={
            **standby(),
            'sluice_standby_lag_records{instance="c:9464", partition="1"}': "150000-20000x6 0x40",
        },
        at="6m",
        nearly=["StandbyLags"],
    ),
]
