"""`sluice topics`: whoever makes them is told what comes next there, whoever looks at what runs is not."""

from __future__ import annotations

import pytest

from cli.main import main
from cli.shared.own_name import own_name
from infra.kafka.broker import LocalKafka

BEGIN = "init my-network"


def topics(kafka: LocalKafka, *options: str) -> int | str | None:
    with pytest.raises(SystemExit) as ended:
        main(["topics", "--kafka", kafka.bootstrap, "--prefix", "test-first.", *options])
    return ended.value.code


def test_what_comes_next_is_said_where_topics_were_made(
    kafka: LocalKafka, capsys: pytest.CaptureFixture[str]
) -> None:
    assert topics(kafka, "--partitions", "2") == 0
    there = f"--kafka {kafka.bootstrap} --prefix test-first."
    told = capsys.readouterr().out
    assert f"Next: {own_name()} {BEGIN}, then {own_name()} apply my-network {there}\n" in told
    assert topics(kafka, "--verify") == 0
    told = capsys.readouterr().out
    assert "Every topic is as it must be" in told
    assert BEGIN not in told
