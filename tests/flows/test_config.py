"""`[router]` and `[limits]` of sluice.toml: every fault at once, options win."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.config import RouterConfig, load_run_config
from infra.errors import ConfigurationError
from state.limits import Limits


def test_without_a_file_everything_has_its_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    config = load_run_config(None, {"group": None})
    assert config.router == RouterConfig()
    assert config.limits == Limits()


def test_the_file_is_read_and_options_win(tmp_path: Path) -> None:
    file = tmp_path / "sluice.toml"
    file.write_text('[router]\ntick_ms = 20\ngroup = "a"\n[limits]\nagenda_orders_max = 7\n')
    config = load_run_config(file, {"group": "b", "instance": None})
    assert (config.router.tick_ms, config.router.group, config.limits.agenda_orders_max) == (20, "b", 7)


def test_a_switch_may_be_off(tmp_path: Path) -> None:
    file = tmp_path / "sluice.toml"
    file.write_text("[router]\nstandby = false\n")
    assert not load_run_config(file, {"standby": None}).router.standby
    assert load_run_config(file, {"standby": True}).router.standby


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    file = tmp_path / "sluice.toml"
    file.write_text(
        '[router]\ntick_ms = "soon"\ntock_ms = 1\nsession_timeout_ms = 5\n[limits]\nmoves_max = 0\n'
    )
    with pytest.raises(ConfigurationError) as fault:
        load_run_config(file, {"log": "loud"})
    said = str(fault.value)
    for piece in ("tick_ms = 'soon'", "tock_ms", "session_timeout_ms = 5", "log = 'loud'", "moves_max = 0"):
        assert piece in said


def test_a_byte_order_mark_that_an_editor_wrote_is_no_part_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "sluice.toml"
    file.write_text('[router]\ngroup = "marked"\n', encoding="utf-8-sig")
    assert load_run_config(file, {}).router.group == "marked"
