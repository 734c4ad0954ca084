"""The units: systemd reads them, and a process may do nothing that it need not."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from docs.sizing import BENCHMARKS, CASES, measured, plan, threads
from flows.config import RouterConfig
from flows.web import CONNECTIONS_MAX
from infra.deploy.containerfile import CONTAINERFILE
from infra.errors import ConfigurationError
from infra.settings import load_settings

UNITS = CONTAINERFILE.parent / "systemd"
NAMES = ("router", "standby")
EXPOSURE_MAX = 1.5
"""Of 10, as `systemd-analyze security` counts it."""


def settings_of(name: str) -> dict[str, str]:
    """The last value of each setting."""
    text = (UNITS / f"sluice-{name}@.service").read_text(encoding="utf-8")
    return dict(re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE))


@pytest.mark.parametrize("name", NAMES)
def test_it_runs_as_nobody_and_can_write_nothing(name: str) -> None:
    settings = settings_of(name)
    for setting in ("DynamicUser", "NoNewPrivileges", "PrivateTmp", "ProtectHome", "RestrictNamespaces"):
        assert settings[setting] == "yes"
    assert settings["ProtectSystem"] == "strict"
    assert settings["CapabilityBoundingSet"] == ""
    assert not {"ReadWritePaths", "StateDirectory", "User"} & settings.keys()


@pytest.mark.parametrize("name", NAMES)
def test_it_comes_back_after_a_crash_but_not_after_a_typing_error(name: str) -> None:
    settings = settings_of(name)
    assert settings["Restart"] == "on-failure"
    assert settings["RestartPreventExitStatus"] == str(ConfigurationError.exit_code)


@pytest.mark.parametrize("name", NAMES)
def test_it_is_there_again_however_long_the_brokers_were_away(name: str) -> None:
    """Each start without a broker fails within seconds: a limit of starts would leave every router down for good."""
    settings = settings_of(name)
    assert settings["StartLimitIntervalSec"] == "0"
    assert int(settings["RestartSec"]) >= 5, "nor may it keep the machine busy meanwhile"


@pytest.mark.parametrize("name", NAMES)
def test_whoever_is_left_alone_can_start_the_threads_of_all_partitions(name: str) -> None:
    """A process that may not ends in a panic, at the moment when it should take over from the others."""
    settings = settings_of(name)
    found = measured(BENCHMARKS.read_text(encoding="utf-8"))
    most = threads(max(plan(*case, found).partitions for case in CASES), brokers=9)
    assert int(settings["TasksMax"]) >= most + CONNECTIONS_MAX
    assert int(settings["LimitNOFILE"]) >= 2 * most


@pytest.mark.parametrize("name", NAMES)
def test_it_has_time_to_finish_its_bundle(name: str) -> None:
    config = RouterConfig()
    needed_s = (config.transaction_timeout_ms + 2 * config.commit_timeout_ms) / 1000
    assert int(settings_of(name)["TimeoutStopSec"]) > needed_s


def test_the_standby_differs_by_its_name_only() -> None:
    router, standby = (settings_of(name) for name in NAMES)
    different = {setting for setting in router if router[setting] != standby[setting]}
    assert different == {"Description", "ExecStart", "EnvironmentFile"}
    assert standby["ExecStart"].replace("--standby ", "").replace("standby", "router") == router["ExecStart"]


def test_the_secret_reaches_the_client_by_a_file(tmp_path: Path) -> None:
    text = (UNITS / "credentials.conf").read_text(encoding="utf-8")
    variable, path = re.findall(r"^Environment=(\w+)=%d/(.+)$", text, re.MULTILINE)[0]
    assert f"LoadCredential={path}:" in text
    (tmp_path / path).write_text("hush\n")
    settings = load_settings(environment={variable: str(tmp_path / path)})
    assert settings.properties["sasl.password"] == "hush"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd-analyze here")
@pytest.mark.parametrize("name", NAMES)
def test_systemd_reads_it_without_a_word_and_finds_it_hardly_exposed(name: str, tmp_path: Path) -> None:
    unit = tmp_path / f"sluice-{name}@1.service"
    text = (UNITS / f"sluice-{name}@.service").read_text(encoding="utf-8")
    # The program is not installed on the machine that runs this.
    unit.write_text(text.replace("/opt/sluice/bin/sluice", "/bin/true"))
    drop_in = tmp_path / f"{unit.name}.d"
    drop_in.mkdir()
    shutil.copy(UNITS / "credentials.conf", drop_in)
    verified = subprocess.run(
        ["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False
    )
    assert (verified.returncode, verified.stdout + verified.stderr) == (0, "")
    judged = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", unit], capture_output=True, text=True, check=False
    )
    exposure = re.search(r"Overall exposure level for \S+: ([\d.]+)", judged.stdout)
    assert exposure is not None, judged.stderr
    assert float(exposure[1]) <= EXPOSURE_MAX
