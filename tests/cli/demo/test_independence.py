"""The played shops and warehouses are outsiders: they know Sluice by its topics."""

import subprocess
import sys

import pytest

OURS = ("operators", "state", "flows", "schemas", "infra", "bytewax")


@pytest.mark.parametrize("module", ["cli.demo.shop", "cli.demo.warehouse_system"])
def test_a_played_process_imports_nothing_of_the_router(module: str) -> None:
    script = f"import sys, {module}; print(*sorted({{name.split('.')[0] for name in sys.modules}}))"
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = set(result.stdout.split())
    assert "confluent_kafka" in loaded
    assert not loaded & set(OURS)
