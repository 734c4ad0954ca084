"""What a shipment costs beyond its units, in micros of the network's currency."""

from __future__ import annotations

from schemas.times import DAY_MS


def lateness_price(deliver_by_ms: int, target_ms: int, penalty_per_day: int) -> int:
    """The penalty for each begun day after the target; nothing for being early."""
    if deliver_by_ms <= target_ms:
        return 0
    return -(-(deliver_by_ms - target_ms) // DAY_MS) * penalty_per_day


def capacity_price(used: int, limit: int, full_price: int) -> int:
    """Rises in a straight line from nothing at 70 % of the day's places to the full price at the last one."""
    over = 10 * used - 7 * limit
    return full_price * over // (3 * limit) if over > 0 else 0
