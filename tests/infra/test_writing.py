"""Writing records: what the client makes of an interruption and of a refusal is told as what it is."""

from __future__ import annotations

import os
import signal
from typing import Any

import pytest

from infra.kafka.ports import free_port
from infra.writing import RecordWriter


def test_ctrl_c_while_a_report_is_delivered_ends_the_waiting_as_ctrl_c() -> None:
    def interrupted(_error: Any, _message: Any) -> None:
        os.kill(os.getpid(), signal.SIGINT)

    writer = RecordWriter({"bootstrap.servers": f"127.0.0.1:{free_port()}", "message.timeout.ms": 100})
    writer.produce("orders", b"{}", on_delivery=interrupted)
    with pytest.raises(KeyboardInterrupt):
        writer.flush(30)
