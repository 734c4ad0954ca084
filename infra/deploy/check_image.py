"""Carries out the Containerfile without a container engine, and runs what comes out as an ordinary user.

    make check-image, or python -m infra.deploy.check_image [--keep DIRECTORY]

The steps are those of the file itself, read from it, so that the check cannot say yes to something else.  They run in a
new directory instead of a file system of their own: the absolute paths that the file names are put below it.  What
only a system's package manager can do is left out with a word, and its result, a C compiler, is asked for.

Afterwards the router runs from there on a real broker: without write access to its installation, with the environment
of the image and nothing else, in a directory where it may not write, until its own health check says that it is well.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from infra.deploy.containerfile import CONTAINERFILE, Instruction, Stage, stages
from infra.errors import SluiceError
from infra.kafka.broker import LocalKafka
from infra.kafka.ports import free_port

ROOT = Path(__file__).parents[2]
READY_TIMEOUT_S = 60.0
ORDINARY_USER = 10001
_SYSTEM_PACKAGES = re.compile(r"^(apt-get|apk|dnf) ")


class ImageFault(SluiceError):
    """A step of the Containerfile fails, or what comes out of it does not do what an image must."""


class Site:
    """A directory in which the file's own absolute paths lie."""

    def __init__(self, directory: Path, found: list[Stage]) -> None:
        self.directory = directory
        homes = {each.rest for stage in found for each in stage.all("WORKDIR")}
        homes |= {
            each.rest.split()[-1] for stage in found for each in stage.all("COPY") if _source_stage(each)
        }
        self._paths = re.compile(
            "|".join(rf"(?<![\w/.]){re.escape(home)}(?![\w-])" for home in sorted(homes))
        )

    def moved(self, text: str) -> str:
        """The text with those paths below the directory."""
        return self._paths.sub(lambda match: f"{self.directory}{match[0]}", text)

    def path(self, text: str) -> Path:
        return Path(self.moved(text))


def check(directory: Path) -> None:
    """Build, then run; raises `ImageFault` with the step that failed."""
    found = stages(CONTAINERFILE.read_text(encoding="utf-8"))
    site = Site(directory, found)
    for stage in found:
        _build(stage, site)
    _forbid_writing(site)
    _run(found[-1], site)


# --- building -----------------------------------------------------------------------------------------------------


def _build(stage: Stage, site: Site) -> None:
    here = site.directory
    for each in stage.instructions:
        if each.word == "WORKDIR":
            here = site.path(each.rest)
            here.mkdir(parents=True, exist_ok=True)
        elif each.word == "COPY":
            _copy(each, here, site)
        elif each.word == "RUN":
            _carry_out(each.rest, here, site, stage.arguments)


def _source_stage(copy: Instruction) -> bool:
    return copy.rest.startswith("--from=")


def _copy(copy: Instruction, here: Path, site: Site) -> None:
    if _source_stage(copy):
        # Both stages lie in the same directory, so it is there already.
        if not site.path(copy.rest.split()[-1]).exists():
            raise ImageFault(f"COPY {copy.rest}: an earlier stage did not make it")
        return
    *sources, target = copy.rest.split()
    for source in sources:
        origin, into = ROOT / source, here / target
        if origin.is_dir():
            shutil.copytree(origin, into, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
        else:
            into.mkdir(parents=True, exist_ok=True)
            shutil.copy2(origin, into)


def _carry_out(command: str, here: Path, site: Site, arguments: dict[str, str]) -> None:
    if _SYSTEM_PACKAGES.match(command):
        if shutil.which("cc") is None:
            raise ImageFault(f"{command}: not carried out here, and this machine has no C compiler either")
        print(f"  left out (needs a system of its own): {command}", flush=True)
        return
    print(f"  {command}", flush=True)
    # The file's `python` is that of the base image; here it is the interpreter that runs this.
    moved = re.sub(r"^python ", f"{getattr(sys, '_base_executable', sys.executable)} ", site.moved(command))
    result = subprocess.run(
        ["/bin/sh", "-ec", moved],
        cwd=here,
        env=os.environ | arguments,
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        said = result.stdout[-2_000:] + result.stderr[-2_000:]
        raise ImageFault(f"{command}\n  ended with {result.returncode}:\n{said}")


# --- running ------------------------------------------------------------------------------------------------------


def _forbid_writing(site: Site) -> None:
    """Root owns an image's files, and others may read them; here whoever checks may be an ordinary user."""
    site.directory.chmod(0o755)
    nobody = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH
    everybody = stat.S_IRGRP | stat.S_IROTH
    for path in [site.directory, *site.directory.rglob("*")]:
        if not path.is_symlink():
            path.chmod(path.stat().st_mode & ~nobody | everybody)


def allow_writing(directory: Path) -> None:
    """So that the directory can be removed again."""
    for path in [directory, *directory.rglob("*")]:
        if path.is_dir() and not path.is_symlink():
            path.chmod(path.stat().st_mode | stat.S_IRWXU)


def _run(image: Stage, site: Site) -> None:
    entrypoint = [site.moved(word) for word in image.last("ENTRYPOINT").exec_form()]
    environment = {name: site.moved(value) for name, value in image.environment().items()}
    home = site.path(image.last("WORKDIR").rest)
    before = _files(site.directory)
    shown = _ended([*entrypoint, "--help"], home, environment)
    if "sluice" not in shown:
        raise ImageFault(f"--help says:\n{shown}")
    _must_not_write(home, Path(entrypoint[0]).with_name("python"), environment)
    print("  sluice --help: as an ordinary user who may not write there", flush=True)
    with tempfile.TemporaryDirectory(prefix="sluice-kafka-") as data, LocalKafka(Path(data)) as kafka:
        environment["SLUICE_KAFKA_BOOTSTRAP_SERVERS"] = kafka.bootstrap
        _ended([*entrypoint, "topics", "--partitions", "2"], home, environment)
        port = free_port()
        command = [
            word.replace("0.0.0.0:9464", f"127.0.0.1:{port}") for word in image.last("CMD").exec_form()
        ]
        probe = _health_check(image, site, port)
        with _started([*entrypoint, *command], home, environment) as router:
            _await_health(router, probe, home, environment)
            router.terminate()
            said, _ = router.communicate(timeout=READY_TIMEOUT_S)
    if router.returncode:
        raise ImageFault(f"SIGTERM ended the router with {router.returncode}:\n{said[-2_000:]}")
    if '"core": "compiled"' not in said or '"event": "ended"' not in said:
        raise ImageFault(f"expected a compiled core and an end in order; the router said:\n{said[-2_000:]}")
    if _files(site.directory) != before:
        raise ImageFault(
            f"the installation changed while it ran: {sorted(_files(site.directory) ^ before)[:5]}"
        )
    print(
        "  the router ran on a real broker: healthy by its own check, core compiled, ended by SIGTERM",
        flush=True,
    )


def _must_not_write(home: Path, python: Path, environment: dict[str, str]) -> None:
    for place in (home, python.parent):
        with suppress(ImageFault):
            _ended([str(python), "-c", "open('new', 'w')"], place, environment)
            raise SluiceError(f"an ordinary user may write to {place}: what follows would show nothing")


def _files(directory: Path) -> set[tuple[str, int]]:
    return {(str(path), path.lstat().st_mtime_ns) for path in directory.rglob("*")}


def _health_check(image: Stage, site: Site, port: int) -> list[str]:
    command = Instruction("HEALTHCHECK", image.last("HEALTHCHECK").rest.partition("CMD ")[2]).exec_form()
    return [site.moved(word).replace(":9464/", f":{port}/") for word in command]


def _as_ordinary_user(command: list[str]) -> list[str]:
    """The command without any right of root's.

    As somebody else; or where the interpreter lies in root's own home, which nobody else may enter, as root without a
    capability, for whom the permissions of files hold as for everybody.
    """
    if os.geteuid() != 0:
        return command
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise ImageFault("root needs setpriv (package util-linux) to run the router as an ordinary user")
    without = [setpriv, "--no-new-privs", "--bounding-set=-all", "--inh-caps=-all", "--clear-groups"]
    interpreter = Path(command[0]).with_name("python").resolve()
    if all(parent.stat().st_mode & stat.S_IXOTH for parent in interpreter.parents):
        without += [f"--reuid={ORDINARY_USER}", f"--regid={ORDINARY_USER}"]
    return [*without, *command]


@contextmanager
def _started(command: list[str], home: Path, environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        _as_ordinary_user(command), cwd=home, env=environment, text=True, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def _ended(command: list[str], home: Path, environment: dict[str, str]) -> str:
    with _started(command, home, environment) as process:
        said, _ = process.communicate(timeout=READY_TIMEOUT_S)
    if process.returncode:
        raise ImageFault(f"{' '.join(command)}\n  ended with {process.returncode}:\n{said[-2_000:]}")
    return said


def _await_health(
    router: subprocess.Popen[str], probe: list[str], home: Path, environment: dict[str, str]
) -> None:
    deadline_s = time.monotonic() + READY_TIMEOUT_S
    while time.monotonic() < deadline_s:
        if router.poll() is not None:
            raise ImageFault(
                f"the router ended with {router.returncode}:\n{router.communicate()[0][-2_000:]}"
            )
        with suppress(ImageFault):
            _ended(probe, home, environment)
            return
        time.sleep(0.2)
    raise ImageFault(f"the image's health check never passed: {' '.join(probe)}")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--keep", type=Path, metavar="DIRECTORY", help="build here, and leave it")
    kept: Path | None = parser.parse_args().keep
    directory = kept or Path(tempfile.mkdtemp(prefix="sluice-image-"))
    directory.mkdir(parents=True, exist_ok=True)
    try:
        check(directory.resolve())
    except SluiceError as fault:
        print(f"check-image: {fault}", file=sys.stderr)
        return fault.exit_code
    finally:
        allow_writing(directory)
        if kept is None:
            shutil.rmtree(directory)
    print("The image's steps work, and what they make runs.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
