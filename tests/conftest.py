"""What all tests share: one broker for each process of the run, a topic prefix for each test, and the promises.

Nothing of Kafka is imported before a test asks for it: the core tests run where no client is installed.
"""

import os
import signal
import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests.promises import PROMISES
from tests.side_by_side import arrange, together

if TYPE_CHECKING:
    from infra.kafka.broker import LocalKafka
    from infra.prometheus.tools import Tools

# No deadline: how long an example takes says something about the machine.  In continuous integration everybody sees
# the same examples; at the desk each run tries others.
settings.register_profile("sluice", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("sluice")

_kept: dict[str, int] = dict.fromkeys(PROMISES, 0)


@pytest.fixture(autouse=True)
def heeds_ctrl_c() -> None:
    """What a shell starts in the background ignores it, and a router that a test ran here answers it in its own way:
    either would hold for all that the test starts.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[LocalKafka]":
    """A real broker, started once in each process that runs tests; whoever stops or kills one takes `mortal_kafka`."""
    from infra.kafka.broker import LocalKafka

    broker = LocalKafka(tmp_path_factory.mktemp("kafka")).start()
    try:
        yield broker
    finally:
        # Nobody reads its data again, and to close hundreds of topics would take it ten seconds at the end of a run.
        broker.kill()


@pytest.fixture(scope="session")
def _mortal_kafka(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[LocalKafka]":
    from infra.kafka.broker import LocalKafka

    broker = LocalKafka(tmp_path_factory.mktemp("mortal"))
    yield broker
    broker.kill()


@pytest.fixture
def mortal_kafka(_mortal_kafka: "LocalKafka") -> "LocalKafka":
    """A broker that runs, and that a test may stop or kill: such tests run in one process, one after the other."""
    from infra.errors import SluiceError

    try:
        _mortal_kafka.require_running()
    except SluiceError:
        _mortal_kafka.kill()
        _mortal_kafka.start()
    return _mortal_kafka


@pytest.fixture(scope="session")
def prometheus_tools() -> "Tools":
    """The programs `prometheus` and `promtool` of the system; continuous integration never goes without them."""
    from infra.errors import SluiceError
    from infra.prometheus.tools import ensure_tools

    try:
        return ensure_tools()
    except SluiceError as missing:
        if os.environ.get("CI") == "true":
            pytest.fail(str(missing))
        pytest.skip(str(missing))


@pytest.fixture
def prefix() -> str:
    """A topic prefix that no other test uses, so that tests share the broker but not their data."""
    return f"test-{uuid.uuid4().hex[:12]}."


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--all-promises", action="store_true", help="fail the run when a promise has no test that passed"
    )


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """First, so that `-m "not kafka"` sees the mark that is given here."""
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        if "kafka" in fixtures or "mortal_kafka" in fixtures:
            item.add_marker("kafka")
        if "mortal_kafka" in fixtures:
            item.add_marker(together("mortal kafka"))
        for mark in item.iter_markers("promise"):
            for name in mark.args:
                if name not in PROMISES:
                    raise pytest.UsageError(f"{item.nodeid}: {name!r} is no promise; there are P1 to P6")
                # Reports carry properties, not marks.
                item.user_properties.append(("promise", name))
    if _is_one_of_several(config):
        arrange(items)


def _is_one_of_several(config: pytest.Config) -> bool:
    """Whether this process runs a share of the tests, for another one that gathers what came out (pytest-xdist)."""
    return hasattr(config, "workerinput")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when == "call" and report.passed:
        for key, name in report.user_properties:
            if key == "promise":
                _kept[str(name)] += 1


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if _broken(session.config) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not any(_kept.values()) and not _broken(terminalreporter.config):
        return
    terminalreporter.section("promises")
    for name, meaning in PROMISES.items():
        kept = f"{_kept[name]} tests passed" if _kept[name] else "NO TEST PASSED"
        terminalreporter.line(f"{name} {meaning:<26} {kept}")


def _broken(config: pytest.Config) -> list[str]:
    """The promises without a test that passed, where the run is one that must show them all."""
    if not config.getoption("--all-promises") or _is_one_of_several(config):
        return []
    return [name for name, count in _kept.items() if not count]
