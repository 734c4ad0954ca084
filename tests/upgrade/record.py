"""Records what a release leaves on the topics: `python -m tests.upgrade.record FILE`.

`format_1.jsonl` was made by it with the code of release 0.1.0, whose rows are of format 1: the fixed history of
`tests.replay.history`, its state topics compacted, and its journal. It cannot be made again with later code, and
must not be: it stands for what is on the topics of those who upgrade.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from operators.bundle import Publication
from schemas.kinds import STATE_TOPICS
from tests.replay.history import histories

BUNDLES = 120


def kept(publications: list[Publication]) -> list[tuple[str, bytes, bytes]]:
    """The last row of each key, then the journal."""
    rows: dict[tuple[str, bytes], bytes | None] = {}
    journal = []
    for topic, key, value, _ in publications:
        if topic in STATE_TOPICS:
            rows.pop((topic, key or b""), None)
            rows[topic, key or b""] = value
        elif topic == "journal":
            journal.append((topic, key or b"", value or b""))
    return [(topic, key, value) for (topic, key), value in rows.items() if value is not None] + journal


if __name__ == "__main__":
    world = list(histories(BUNDLES))[-1]
    lines = [
        json.dumps({"topic": topic, "key": key.decode(), "value": value.decode()})
        for topic, key, value in kept(world.publications)
    ]
    Path(sys.argv[1]).write_text("\n".join(lines) + "\n", encoding="utf-8")
