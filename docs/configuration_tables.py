"""Writes the tables of docs/configuration.md, docs/metrics.md and others from the code that they describe.

    make contract, or python -m docs.configuration_tables

Settings come from `flows/config.py` and `state/limits.py`, metrics from `flows/metrics`, topics from
`schemas/topics.py`, rights from `cli/doctor/rights.py`, the verbs of README.md from `cli/main.py`.  A test fails where
a table says something else than the code.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args, get_type_hints

from msgspec import Meta, structs

from cli.doctor.rights import rights_table
from cli.main import VERBS
from cli.words.meanings import CAUSES, REASONS
from flows.config import RouterConfig
from flows.metrics import Metrics
from schemas.topics import FIXED, FOR_GOOD, INPUT_BYTES_MAX, Topic, allocations
from state.limits import Limits

ROOT = Path(__file__).parents[1]
DOCUMENTS = (
    ROOT / "docs/configuration.md",
    ROOT / "docs/metrics.md",
    ROOT / "docs/deployment.md",
    ROOT / "docs/contract/README.md",
    ROOT / "README.md",
)
TABLE = re.compile(
    r"(?P<head><!-- table: (?P<name>[a-z-]+) -->\n).*?(?P<tail><!-- end of table -->)", re.DOTALL
)
_UNITS = ((86_400_000, "day"), (3_600_000, "hour"), (60_000, "minute"), (1_000, "second"))


def settings_table(kind: type) -> Iterator[str]:
    """Every field with its default, what is allowed, and the sentence that follows it in the source."""
    yield "| setting | default | allowed | what it bounds |"
    yield "|---|---|---|---|"
    hints = get_type_hints(kind, include_extras=True)
    sentences = _sentences(kind)
    for field in structs.fields(kind):
        allowed = _allowed(hints[field.name])
        yield f"| `{field.name}` | {_value(field.name, field.default)} | {allowed} | {sentences[field.name]} |"


def _sentences(kind: type) -> dict[str, str]:
    """The text under each field."""
    source = Path(sys.modules[kind.__module__].__file__ or "").read_text(encoding="utf-8")
    body = next(
        node.body
        for node in ast.parse(source).body
        if isinstance(node, ast.ClassDef) and node.name == kind.__name__
    )
    found: dict[str, str] = {}
    for field, text in pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            assert isinstance(text, ast.Expr), f"{kind.__name__}.{field.target.id} needs a sentence under it"
            assert isinstance(text.value, ast.Constant)
            found[field.target.id] = " ".join(str(text.value.value).split())
    return found


def _value(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return f"{value}".lower()
    if not isinstance(value, int):
        return f'`"{value}"`'
    if "_ms" in name:
        for milliseconds, unit in _UNITS:
            count, rest = divmod(value, milliseconds)
            if count and not rest:
                return f"{value:,} ({count} {unit}{'s' if count > 1 else ''})"
    return f"{value:,}"


def _allowed(hint: Any) -> str:
    for meta in get_args(hint):
        if isinstance(meta, Meta) and meta.ge is not None:
            return f"{meta.ge:,} to {meta.le:,}"
        if isinstance(meta, Meta) and meta.pattern is not None:
            # A bar would end the cell.
            return f"`{meta.pattern}`".replace("|", "\\|")
    if hint is bool:
        return "true or false"
    return "1 or more" if hint is int else "text"


def topics_table() -> Iterator[str]:
    """Every topic, who writes it, and what Kafka must promise for it."""
    yield "| topic | written by | key | kept | largest record |"
    yield "|---|---|---|---|---|"
    for topic in [*FIXED, allocations("wms")]:
        name = topic.name.replace("allocations.wms", "allocations.<wms>")
        size = f"{topic.bytes_max // INPUT_BYTES_MAX} MB"
        yield f"| `{name}` | {topic.written_by} | {topic.key} | {_kept(topic)} | {size} |"


def _kept(topic: Topic) -> str:
    if topic.cleanup == "compact":
        return "compacted"
    return "for good" if topic.retention_ms == FOR_GOOD else f"{topic.retention_ms // 86_400_000} days"


def verbs_table() -> Iterator[str]:
    """Every verb in the order in which a person meets them."""
    yield "| verb | what it does |"
    yield "|---|---|"
    for verb, about in VERBS.items():
        yield f"| `sluice {verb}` | {about} |"


def meanings_table(code: str, meanings: Mapping[str, str]) -> Iterator[str]:
    """Codes that are published, and what they say to a person."""
    yield f"| {code} | what it says |"
    yield "|---|---|"
    for name, words in meanings.items():
        yield f"| `{name}` | {words} |"


def metrics_table() -> Iterator[str]:
    """Every metric under its section, in the order in which a person should read of them."""
    section = ""
    for entry in Metrics().book.entries:
        if entry.section != section:
            section = entry.section
            yield from ("", f"## {section}", "")
            yield "| metric | type | labels | what it means | which question it answers |"
            yield "|---|---|---|---|---|"
        labels = ", ".join(f"`{label}`" for label in entry.labels)
        yield f"| `{entry.name}` | {entry.kind} | {labels} | {entry.meaning} | {entry.answers} |"
    yield ""


TABLES: dict[str, Callable[[], Iterator[str]]] = {
    "router": lambda: settings_table(RouterConfig),
    "limits": lambda: settings_table(Limits),
    "metrics": metrics_table,
    "rights": rights_table,
    "topics": topics_table,
    "verbs": verbs_table,
    "causes": lambda: meanings_table("cause", CAUSES),
    "reasons": lambda: meanings_table("reason", REASONS),
}


def refreshed(document: str) -> str:
    """The document with its tables as the code has them."""

    def fresh(block: re.Match[str]) -> str:
        rows = "\n".join(TABLES[block["name"]]())
        return f"{block['head']}{rows}\n{block['tail']}"

    return TABLE.sub(fresh, document)


def main() -> None:
    for path in DOCUMENTS:
        before = path.read_text(encoding="utf-8")
        after = refreshed(before)
        if after != before:
            path.write_text(after, encoding="utf-8")
            print(f"wrote {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
