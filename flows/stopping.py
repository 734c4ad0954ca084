"""How a router process ends: on request after the bundle in hand, or because it cannot go on."""

from __future__ import annotations

import signal
from types import FrameType


class Stopping:
    """Set from a signal handler or from the flow; the source looks at it between bundles."""

    def __init__(self) -> None:
        self.is_requested = False
        self.fault: str | None = None

    def request(self) -> None:
        """End after the bundle in hand."""
        self.is_requested = True

    def fail(self, sentence: str) -> None:
        """End with an error; the first sentence is the cause of the later ones."""
        self.fault = self.fault or sentence
        self.is_requested = True

    def heed_signals(self) -> None:
        """SIGTERM and Ctrl-C finish the bundle in hand and end the process with 0."""

        def handle(_number: int, _frame: FrameType | None) -> None:
            self.request()

        signal.signal(signal.SIGTERM, handle)
        signal.signal(signal.SIGINT, handle)
