"""Writes the contract's documents: `make contract`, or `python -m docs.contract_files`.

The samples in docs/contract/samples are written by hand; everything else under docs/contract is generated.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from schemas.asyncapi import document, message_schema, message_types

ROOT = Path(__file__).parents[1]
CONTRACT = ROOT / "docs" / "contract"
SAMPLES = CONTRACT / "samples"


def samples(directory: Path = SAMPLES) -> dict[str, Any]:
    """The samples by message type; a type without one raises, with where to write it."""
    missing = [name for name in message_types() if not (directory / f"{name}.json").is_file()]
    if missing:
        raise SystemExit(f"no sample of {', '.join(missing)}: write {directory}/<type>.json by hand")
    return {
        name: json.loads((directory / f"{name}.json").read_text(encoding="utf-8")) for name in message_types()
    }


def contract_files() -> dict[Path, str]:
    """What must stand in every generated file."""
    files = {CONTRACT / "asyncapi.json": _text(document(samples()))}
    for name, message in message_types().items():
        files[CONTRACT / "schemas" / f"{name}.json"] = _text(message_schema(message))
    return files


def _text(document: object) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def write_contract() -> None:
    """Write what changed, and remove schemas of types that are no more."""
    files = contract_files()
    for stale in set((CONTRACT / "schemas").glob("*.json")) - files.keys():
        stale.unlink()
        print(f"removed {stale.relative_to(ROOT)}")
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(f"wrote {path.relative_to(ROOT)}")


if __name__ == "__main__":
    write_contract()
