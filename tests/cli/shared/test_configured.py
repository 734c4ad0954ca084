"""A faulty configuration is told whole: whoever mends it need not start again for each line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.running import code_of


@pytest.mark.parametrize("verb", ["run", "doctor"])
def test_the_faults_of_every_section_come_at_once(
    verb: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "sluice.toml"
    config.write_text(
        """
        [kafka]
        bootstrap.servers = "127.0.0.1:1"
        sasl.passwrd = "x"
        [router]
        metrics = "127.0.0.1:99999"
        [limits]
        orders_maximum = 3
        [limit]
        """
    )
    assert code_of(verb, "--config", str(config)) == 2
    told = capsys.readouterr().err
    for fault in (
        "no section `limit`; there are: kafka",
        'No such configuration property: "sasl.passwrd"',
        "metrics is '127.0.0.1:99999'; expected host:port",
        "[limits] has no setting 'orders_maximum'",
    ):
        assert fault in told, told


def test_a_file_that_cannot_be_read_is_one_fault(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert code_of("run", "--config", str(tmp_path / "absent.toml")) == 2
    assert capsys.readouterr().err.count("cannot be read") == 1
