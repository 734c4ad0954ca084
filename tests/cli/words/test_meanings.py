"""Every code that a decision can carry has words for a person."""

import re
from pathlib import Path

from msgspec import structs

from cli.words.meanings import CAUSES, COST_PARTS, REASONS, UNIT_STATES, cause_in_words, reason_in_words
from operators import agenda, choice, intake, promise, release, route, shortage
from schemas.notices import Cost, LineUnits

ROOT = Path(__file__).parents[3]


def test_every_reason_of_the_core_has_words() -> None:
    reasons = {
        choice.NO_STOCK, choice.EXCLUDED, choice.NOT_PINNED, choice.NOT_CAPABLE, promise.NO_TRUCK,
        promise.CAPACITY_FULL, promise.SHIPS_TOO_LATE,
    }  # fmt: skip
    # Those that do not depend on the order are written where lanes are ranked.
    ranked = (ROOT / "state/routes.py").read_text(encoding="utf-8")
    reasons |= set(re.findall(r'\("([a-z_]+)", sorted\(', ranked))
    assert len(reasons) == 10
    assert reasons <= REASONS.keys()


def test_every_cause_of_the_core_has_words() -> None:
    causes = {
        intake.CAUSE, release.CAUSE, agenda.ARRIVED, shortage.WITHDRAWN, shortage.AT_RISK, route.REFERENCE_CHANGED,
    }  # fmt: skip
    source = "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "operators").glob("*.py")))
    causes |= set(re.findall(r'moment, "([a-z_.]+)"', source))
    causes |= set(re.findall(r'needs_decision="([a-z_.]+)"', source))
    causes |= set(re.findall(r'order\.order_id(?:\] = |, )"([a-z_]+)"', source))
    assert {"cut_off_passed", "retry_due", "cancel.requested", "shipment.rejected"} <= causes
    assert causes <= CAUSES.keys()


def test_states_and_cost_parts_are_those_of_the_notices() -> None:
    assert {field.name for field in structs.fields(LineUnits)} - {
        "line_id",
        "sku",
        "quantity",
    } == UNIT_STATES.keys()
    assert {field.name for field in structs.fields(Cost)} == COST_PARTS.keys()


def test_a_code_without_words_is_shown_as_it_is() -> None:
    assert cause_in_words("solar_flare") == "solar flare"
    assert reason_in_words("too_far") == "too far"
