"""What the tests of the infrastructure share: the system's Prometheus, without which some are skipped."""

import os

import pytest

from infra.prometheus.tools import Missing, Tools, ensure_tools


@pytest.fixture(scope="session")
def prometheus_tools() -> Tools:
    """The programs `prometheus` and `promtool`; continuous integration never goes without them."""
    tools = ensure_tools()
    if isinstance(tools, Missing):
        if os.environ.get("CI") == "true":
            pytest.fail(tools.reason)
        pytest.skip(tools.reason)
    return tools
