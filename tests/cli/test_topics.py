"""`sluice topics`: whoever only looks at a deployment that runs is not told how to begin one."""

from __future__ import annotations

import pytest

from cli.main import main
from infra.kafka.broker import LocalKafka

BEGIN = "Next: sluice init my-network"


def topics(kafka: LocalKafka, *options: str) -> int | str | None:
    with pytest.raises(SystemExit) as ended:
        main(["topics", "--kafka", kafka.bootstrap, "--prefix", "test-first.", *options])
    return ended.value.code


def test_what_comes_next_is_said_where_topics_were_made(
    kafka: LocalKafka, capsys: pytest.CaptureFixture[str]
) -> None:
    assert topics(kafka, "--partitions", "2") == 0
    assert BEGIN in capsys.readouterr().out
    assert topics(kafka, "--verify") == 0
    told = capsys.readouterr().out
    assert "Every topic is as it must be" in told
    assert BEGIN not in told
