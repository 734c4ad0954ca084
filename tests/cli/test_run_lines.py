"""A router that cannot start says why in the form that its log has: a collector of JSON lines finds nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.running import code_of

PASSWORD = "correct-horse-staple"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.connect.METADATA_TIMEOUT_S", 0.2)
    monkeypatch.setattr("infra.connect.FIRST_ANSWER_S", 0.1)


@pytest.mark.parametrize(
    ("address", "code", "reason"),
    [("127.0.0.1:1", 1, "does not answer"), ("nowhere", 2, "is not an address")],
)
def test_why_it_cannot_start_is_a_line_in_json(
    address: str, code: int, reason: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert code_of("run", "--kafka", address, "--log", "json", "--instance", "router-1") == code
    (line,) = map(json.loads, capfd.readouterr().err.splitlines())
    assert (line["level"], line["event"], line["instance"]) == ("error", "failed", "router-1")
    assert line["message"].startswith("the router cannot start: ")
    assert reason in line["message"]


def test_the_file_may_choose_json_as_well(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "sluice.toml"
    file.write_text(
        f'[kafka]\nbootstrap.servers = "127.0.0.1:1"\nsecurity.protocol = "SASL_PLAINTEXT"\n'
        f'sasl.mechanism = "PLAIN"\nsasl.username = "u"\nsasl.password = "{PASSWORD}"\n[router]\nlog = "json"\n'
    )
    assert code_of("run", "--config", str(file)) == 1
    said = capfd.readouterr().err
    assert [json.loads(line)["event"] for line in said.splitlines()] == ["failed"]
    assert PASSWORD not in said


def test_a_person_reads_one_sentence(capfd: pytest.CaptureFixture[str]) -> None:
    assert code_of("run", "--kafka", "127.0.0.1:1") == 1
    said = capfd.readouterr().err
    assert said.startswith("sluice: Kafka at 127.0.0.1:1 does not answer")
    assert len(said.splitlines()) == 1
