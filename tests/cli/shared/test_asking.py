"""What is asked of whoever publishes for good: tests of what no broker is needed for."""

from io import StringIO

import msgspec
import pytest

from cli.main import INTERRUPTED
from cli.shared.asking import author, confirmed, wait_seconds
from infra.errors import ConfigurationError, Interrupted
from schemas.reference import FormatFinalised


def test_a_name_that_is_too_long_to_be_kept_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "n" * 5_000)
    kept = FormatFinalised(partition=0, format=2, author=author())
    assert msgspec.convert(msgspec.to_builtins(kept), FormatFinalised) == kept
    assert set(kept.author) == {"n"}


def test_where_nobody_can_be_asked_the_options_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False)
    assert confirmed("Publish it?", yes=True, done="published")
    with pytest.raises(ConfigurationError, match=r"Nothing was published, .* --yes, or --dry-run"):
        confirmed("Publish it?", yes=False, done="published")


def test_ctrl_c_in_place_of_an_answer_is_an_interruption(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(StringIO):
        def isatty(self) -> bool:
            return True

        def readline(self, *_: object) -> str:  # type: ignore[override]
            raise KeyboardInterrupt

    monkeypatch.setattr("sys.stdin", Terminal())
    with pytest.raises(Interrupted, match="nothing was published") as ended:
        confirmed("Publish it?", yes=False, done="published")
    assert ended.value.exit_code == INTERRUPTED


@pytest.mark.parametrize(("text", "seconds"), [("0", 0.0), ("30s", 30.0), ("2m", 120.0)])
def test_how_long_to_wait_is_a_duration(text: str, seconds: float) -> None:
    assert wait_seconds(text) == seconds


def test_another_text_is_refused_with_the_option_that_holds_it() -> None:
    with pytest.raises(ConfigurationError, match='--wait "soon"'):
        wait_seconds("soon")
