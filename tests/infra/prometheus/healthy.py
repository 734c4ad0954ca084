"""A deployment that is well: two routers of two partitions each, three pools, two carriers, twenty orders a second."""

from __future__ import annotations

from collections.abc import Mapping

ROUTERS = {"a:9464": ("0", "1"), "b:9464": ("2", "3")}
POOLS = ("lille", "lyon", "turin")
CARRIERS = ("dhl", "gls")
ORDERS_PER_S = 20

# Of the second router, as many a story has them differ.
LIVE = 'sluice_partition_live{instance="b:9464", partition="%s"}'
LAST_COMMIT = 'sluice_last_commit_timestamp_seconds{instance="b:9464", partition="%s"}'
LAG = 'sluice_lag_records{instance="b:9464", topic="orders", partition="2"}'


def healthy_series(interval_s: int, scrapes: int, dead: Mapping[str, int]) -> dict[str, str]:
    """Every series by its name and labels; a router that is dead is heard of for so many scrapes only."""
    series: dict[str, str] = {}
    for router, partitions in ROUTERS.items():
        heard = dead.get(router, scrapes)
        end = f"x{heard - 1} stale" if router in dead else f"x{scrapes}"
        counted = interval_s * ORDERS_PER_S // len(ROUTERS)
        own = {
            "sluice_partitions{}": "4",
            'sluice_decision_age_seconds_count{topic="orders"}': f"0+{counted}",
            'sluice_decision_age_seconds_bucket{topic="orders", le="0.5"}': f"0+{counted}",
            "sluice_last_poll_timestamp_seconds{}": f"0+{interval_s}",
            "sluice_commit_seconds_count{}": f"0+{interval_s * 10}",
            "sluice_stock_freshness_limit_seconds{}": "900",
            "process_resident_memory_bytes{}": "1000000000",
            'sluice_broker_errors_total{kind="_TRANSPORT"}': "3",
            'sluice_dead_letters_total{topic="orders", reason="wrong_unit"}': "4",
        }
        for partition in partitions:
            own |= {
                f'sluice_partition_live{{partition="{partition}"}}': "1",
                f'sluice_partition_stopped{{partition="{partition}"}}': "0",
                f'sluice_last_commit_timestamp_seconds{{partition="{partition}"}}': f"0+{interval_s}",
                f'sluice_lag_records{{topic="orders", partition="{partition}"}}': "7",
                f'sluice_lag_seconds{{partition="{partition}"}}': "0.1",
                f'sluice_stable_gap_records{{topic="orders", partition="{partition}"}}': "0",
                f'sluice_rows{{partition="{partition}"}}': "500000",
                f'sluice_packed_rows{{partition="{partition}"}}': "0",
                f'sluice_overdue_orders{{partition="{partition}"}}': "0",
            }
        for name, start in own.items():
            series[name.replace("{", f'{{instance="{router}", ', 1).replace(", }", "}")] = start + end
        up = f"1x{heard - 1} 0x{scrapes}" if router in dead else f"1x{scrapes}"
        series[f'up{{instance="{router}"}}'] = up
    for pool in POOLS:
        labels = f'instance="b:9464", pool="{pool}"'
        end = f"x{scrapes}"
        series |= {
            f"sluice_stock_event_timestamp_seconds{{{labels}}}": f"0+{interval_s}{end}",
            f"sluice_stock_ignored_total{{{labels}}}": f"12{end}",
            f"sluice_dispatch_due_total{{{labels}}}": f"100+1{end}",
            f"sluice_dispatch_on_time_total{{{labels}}}": f"99+1{end}",
            f"sluice_cutoffs_missed_total{{{labels}}}": f"1{end}",
            f"sluice_promises_withdrawn_total{{{labels}}}": f"30{end}",
            f"sluice_units_at_risk{{{labels}}}": f"0{end}",
        }
    for carrier in CARRIERS:
        labels = f'instance="b:9464", carrier="{carrier}"'
        end = f"x{scrapes}"
        series |= {
            f"sluice_carrier_delivery_due_total{{{labels}}}": f"100+1{end}",
            f"sluice_carrier_delivery_on_time_total{{{labels}}}": f"99+1{end}",
            f"sluice_carrier_delivery_told_total{{{labels}}}": f"99+1{end}",
        }
    return series
