"""`python -m infra.grafana` writes the dashboards and the runbooks."""

from __future__ import annotations

from infra.grafana.files import DIRECTORY, files


def main() -> None:
    written = dict(files())
    for path, text in written.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for path in DIRECTORY.rglob("*.json"):
        if path not in written:
            path.unlink()
    print(f"{len(written)} files under {DIRECTORY.relative_to(DIRECTORY.parents[1])}")


if __name__ == "__main__":
    main()
