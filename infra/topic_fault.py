"""What can be wrong with a topic, with what was expected and what to do."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One thing about one topic that is not as it must be."""

    topic: str
    setting: str
    actual: str
    expected: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.topic}: {self.setting} is {self.actual}, expected {self.expected}. {self.remedy}"
