"""When a process needs more and more memory, and not for more rows or copies."""

from tests.infra.prometheus.case import Case, Fires

RESIDENT = 'process_resident_memory_bytes{instance="b:9464"}'
GROWS = Fires(
    "MemoryGrows",
    {"job": "sluice", "instance": "b:9464"},
    "Router b:9464 needs more and more memory.",
    "It uses 1.5 times what it used 6 hours ago, with hardly more rows in memory.",
)


def copies_of_each_other(at_b: str) -> dict[str, str]:
    """Both routers hold warm copies of what the other one owns."""
    return {
        'sluice_standby_rows{instance="a:9464", partition="2"}': "500000x60",
        'sluice_standby_rows{instance="a:9464", partition="3"}': "500000x60",
        'sluice_standby_rows{instance="b:9464", partition="0"}': at_b,
        'sluice_standby_rows{instance="b:9464", partition="1"}': at_b,
    }


MEMORY_CASES = [
    Case(
        story="a process needs half as much again as six hours ago, for the same rows",
        interval="10m",
        groups=["causes"],
        series={RESIDENT: "1000000000x38 1500000000x60"},
        at="450m",
        fires=[GROWS],
    ),
    Case(
        story="a process that has held the same warm copies all the time needs half as much again",
        interval="10m",
        groups=["causes"],
        series={RESIDENT: "1000000000x38 1500000000x60"} | copies_of_each_other("500000x60"),
        at="450m",
        fires=[GROWS],
    ),
    Case(
        story="a process begins to hold warm copies, and needs memory for them",
        interval="10m",
        groups=["causes"],
        series={RESIDENT: "1000000000x38 1900000000x60"} | copies_of_each_other("_x39 500000x60"),
        at="450m",
        nearly=["MemoryGrows"],
    ),
    Case(
        story="the warm copies that a process holds become twice as many",
        interval="10m",
        groups=["causes"],
        series={RESIDENT: "1000000000x38 1900000000x60"} | copies_of_each_other("250000x38 500000x60"),
        at="450m",
        nearly=["MemoryGrows"],
    ),
    Case(
        story="a process that took over two partitions needs twice the memory for twice the rows",
        interval="10m",
        groups=["causes"],
        series={
            RESIDENT: "1000000000x38 2000000000x60",
            'sluice_rows{instance="b:9464", partition="0"}': "_x39 500000x60",
            'sluice_rows{instance="b:9464", partition="1"}': "_x39 500000x60",
        },
        at="450m",
        nearly=["MemoryGrows"],
    ),
    Case(
        story="a process that was restarted needs more and more while its SKUs are asked for",
        interval="10m",
        groups=["causes"],
        series={
            RESIDENT: "1000000000x38 1500000000x60",
            'sluice_packed_rows{instance="b:9464", partition="0"}': "400000x38 200000x60",
        },
        at="450m",
        nearly=["MemoryGrows"],
    ),
]
