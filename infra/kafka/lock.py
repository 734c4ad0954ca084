"""Writes `jars.lock`: resolves the broker once, so that every start afterwards runs exactly the same jars.

    python -m infra.kafka.lock

Resolution reads the repository's metadata and is never done on a user's machine.
"""

import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from jgo.maven import MavenContext
from jgo.parse import Coordinate

from infra.kafka.jars import LOCK_FILE, Jar, sha256_of

KAFKA = "org.apache.kafka:kafka_2.13:4.3.1"
# Kafka's own log goes through slf4j; without a provider it would be silent. This one is 15 kB and needs no file.
LOG_PROVIDER = "org.slf4j:slf4j-simple:1.7.36"

HEADER = """\
# The jars of the local broker: group:artifact:version sha256 bytes. Written by `make lock`.
# Every start verifies every jar against this file.
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as staging, ThreadPoolExecutor(8) as pool:
        artifacts = _resolve(MavenContext(repo_cache=Path(staging), timeout=30))
        jars = list(pool.map(_locked, artifacts))
    jars.sort(key=lambda jar: jar.coordinate)
    lines = [f"{jar.coordinate} {jar.sha256} {jar.size_bytes}\n" for jar in jars]
    LOCK_FILE.write_text(HEADER + "".join(lines))
    print(f"{LOCK_FILE.name}: {len(jars)} jars, {sum(jar.size_bytes for jar in jars) / 1e6:.0f} MB")


def _resolve(context: MavenContext) -> list[Any]:
    wanted = []
    for coordinate in (KAFKA, LOG_PROVIDER):
        dependency = context.create_dependency(Coordinate.parse(coordinate))
        dependency.scope = "compile"
        wanted.append(dependency)
    given, transitive = context.resolver.resolve(wanted)
    needed = [*given, *(other for other in transitive if other.scope in {"compile", "runtime"})]
    return list(
        {(each.artifact.groupId, each.artifact.artifactId): each.artifact for each in needed}.values()
    )


def _locked(artifact: Any) -> Jar:
    path = Path(artifact.resolve())
    return Jar(artifact.groupId, artifact.artifactId, artifact.version, sha256_of(path), path.stat().st_size)


if __name__ == "__main__":
    main()
