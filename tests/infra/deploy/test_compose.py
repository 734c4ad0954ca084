"""The compose file: what the specification says of it, and what must hold of every container in it."""

from __future__ import annotations

import io
import json
import re
from importlib.resources import files
from typing import Any

import jsonschema
import pytest
from jsonschema.validators import validator_for
from ruamel.yaml import YAML

from docs.sizing import threads
from flows.config import RouterConfig
from infra.deploy.check_image import ROOT
from infra.deploy.containerfile import CONTAINERFILE, stages
from infra.kafka.properties import SINGLE_NODE
from schemas.topics import DEFAULT_PREFIX

FOLDER = CONTAINERFILE.parent
COMPOSE = FOLDER / "compose.yaml"
VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")
ROUTERS = ("router-1", "router-2", "standby")
OURS = (*ROUTERS, "topics", "sluice")


def document() -> dict[str, Any]:
    """The file with its anchors resolved, and variables as they are where nobody sets any."""
    text = VARIABLE.sub(
        lambda match: match[3] if match[2] == "-" else "chosen", COMPOSE.read_text(encoding="utf-8")
    )
    loaded: dict[str, Any] = YAML(typ="safe", pure=True).load(io.StringIO(text))
    return loaded


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return document()


@pytest.fixture(scope="module")
def services(compose: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = compose["services"]
    return found


def test_it_follows_the_compose_specification(compose: dict[str, Any]) -> None:
    vendored = files("check_jsonschema") / "builtin_schemas/vendor/compose-spec.json"
    schema = json.loads(vendored.read_text(encoding="utf-8"))
    validator = validator_for(schema)(schema)
    validator.validate(compose)
    with pytest.raises(jsonschema.ValidationError):
        validator.validate({"services": {"kafka": {"imagee": "kafka"}}})


def test_every_container_is_hardened(services: dict[str, Any]) -> None:
    for name, service in services.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert int(service["user"].partition(":")[0]) > 0, name
        assert not {"privileged", "cap_add", "network_mode", "pid", "devices"} & set(service), name
        assert all("docker.sock" not in str(volume) for volume in service.get("volumes", ())), name


def test_ports_are_open_to_this_machine_only(services: dict[str, Any]) -> None:
    opened = [port for service in services.values() for port in service.get("ports", ())]
    assert all(port.startswith("127.0.0.1:") for port in opened)
    own = [port.rpartition(":")[0] for port in opened]
    assert len(set(own)) == len(own)


def test_images_have_exact_versions(services: dict[str, Any]) -> None:
    for name, service in services.items():
        assert re.search(r":v?\d+\.\d+\.\d+(-[a-z]+)?$", service["image"]), f"{name}: {service['image']}"


def test_the_broker_is_the_version_that_is_tested(services: dict[str, Any]) -> None:
    jars = (ROOT / "infra/kafka/jars.lock").read_text(encoding="utf-8")
    version = re.search(r"org\.apache\.kafka:kafka-clients:(\S+)", jars)
    assert version is not None
    assert services["kafka"]["image"].endswith(f":{version[1]}")


def test_every_path_that_is_mounted_exists_and_cannot_be_written(
    compose: dict[str, Any], services: dict[str, Any]
) -> None:
    for name, service in services.items():
        for volume in service.get("volumes", ()):
            source, _target, *options = volume.split(":")
            if source.startswith("."):
                assert (FOLDER / source).exists(), f"{name} mounts {source}"
                assert options == ["ro"], f"{name}: {volume}"
            else:
                assert source in compose["volumes"], f"{name}: {volume}"


def test_whoever_is_waited_for_says_when_it_is_well(services: dict[str, Any]) -> None:
    for name, service in services.items():
        for awaited, how in service.get("depends_on", {}).items():
            if how["condition"] == "service_healthy":
                assert "test" in services[awaited]["healthcheck"], f"{name} waits for {awaited}"
            else:
                assert how["condition"] == "service_completed_successfully"
                assert services[awaited]["restart"] == "no"
    for name in ROUTERS:
        assert "topics" in services[name]["depends_on"]
        assert "healthcheck" not in services[name], "the image's own asks /healthz"


def test_routers_differ_in_their_names_and_are_all_watched(services: dict[str, Any]) -> None:
    names = [services[name]["command"][services[name]["command"].index("--instance") + 1] for name in ROUTERS]
    assert names == list(ROUTERS)
    targets = YAML(typ="safe", pure=True).load(FOLDER / "prometheus/targets/routers.yaml")
    assert targets[0]["targets"] == [f"{name}:9464" for name in ROUTERS]


def test_every_router_follows_the_others_because_a_standby_is_dealt_partitions_too(
    services: dict[str, Any],
) -> None:
    for name in ROUTERS:
        assert "--standby" in services[name]["command"], f"nobody follows what the others deal to {name}"
    partitions = int(services["topics"]["command"][-1])
    assert RouterConfig().standby_partitions >= partitions, "some would be followed by nobody"


def test_a_router_has_time_to_finish_its_bundle(services: dict[str, Any]) -> None:
    config = RouterConfig()
    needed_s = (config.transaction_timeout_ms + 2 * config.commit_timeout_ms) / 1000
    for name in ROUTERS:
        assert int(services[name]["stop_grace_period"].removesuffix("s")) > needed_s


def test_whoever_is_left_alone_can_start_the_threads_of_all_partitions(services: dict[str, Any]) -> None:
    """More of them than its example has, too: `.env` says how many there are."""
    most = threads(partitions=64, brokers=1, addresses=1)
    for name in ROUTERS:
        assert services[name]["pids_limit"] > most
        assert services[name]["ulimits"]["nofile"] > 2 * most


def test_what_runs_is_the_image_of_this_repository(services: dict[str, Any]) -> None:
    image = stages(CONTAINERFILE.read_text(encoding="utf-8"))[-1]
    for name in OURS:
        service = services[name]
        assert (FOLDER / service["build"]["context"]).resolve() == ROOT
        assert (ROOT / service["build"]["dockerfile"]) == CONTAINERFILE
        assert service["image"] == f"sluice:{service['build']['args']['VERSION']}"
        assert service["user"] == image.last("USER").rest
        assert service["environment"]["SLUICE_PREFIX"] == DEFAULT_PREFIX


def test_the_example_of_the_environment_names_every_variable_and_no_secret() -> None:
    text = (FOLDER / ".env.example").read_text(encoding="utf-8")
    given = dict(line.split("=", 1) for line in text.splitlines() if line and not line.startswith("#"))
    used = {match[1]: match for match in VARIABLE.finditer(COMPOSE.read_text(encoding="utf-8"))}
    assert given.keys() <= used.keys()
    assert {name for name, match in used.items() if match[2] == "?"} <= given.keys()
    for name, value in given.items():
        assert not value or "PASSWORD" not in name, f"{name} has a value"
        assert value in {"", used[name][3]}, f"{name} differs from the default"
    assert "infra/deploy/.env" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()


def test_the_broker_behaves_as_the_one_that_is_tested() -> None:
    """Where both set something, they set the same, but for what only a single process on one machine needs."""
    text = (FOLDER / "kafka/server.properties").read_text(encoding="utf-8")
    set_here = dict(line.split("=", 1) for line in text.splitlines() if line and not line.startswith("#"))
    ours = {"listener.security.protocol.map"}
    for name in (set_here.keys() & SINGLE_NODE.keys()) - ours:
        assert set_here[name] == SINGLE_NODE[name], name


def test_the_broker_sends_programs_of_this_machine_to_the_port_that_is_open_for_them() -> None:
    """It advertises an address of its own: with another port they would reach nobody, or another broker."""
    written = YAML(typ="safe", pure=True).load(COMPOSE)["services"]["kafka"]
    (published,) = written["ports"]
    host = re.search(r"HOST://(\S+)", written["command"][0])
    assert host is not None
    assert published == f"{host[1]}:9092"


def test_only_the_broker_may_run_what_it_has_written(services: dict[str, Any]) -> None:
    """Without it each record that a source compresses by zstd or snappy is refused; engines add noexec unasked."""
    for name, service in services.items():
        for mounted in service.get("tmpfs", ()):
            options = set(mounted.rpartition(":")[2].split(","))
            assert ("exec" in options) == (name == "kafka"), f"{name}: {mounted}"


def test_asking_the_broker_how_it_is_takes_no_second_heap_of_its_size(services: dict[str, Any]) -> None:
    kafka = services["kafka"]
    assert "KAFKA_HEAP_OPTS" in kafka["environment"], "each Java program of the container would take it"
    assert re.search(r"KAFKA_HEAP_OPTS=-Xmx\d\dm /opt/kafka/bin/", kafka["healthcheck"]["test"][-1])


def test_nothing_that_is_unused_runs(services: dict[str, Any]) -> None:
    assert services["redis"]["profiles"] == ["read-model"]
    used = [path for room in ("flows", "cli", "state") for path in (ROOT / room).rglob("*.py")]
    assert not any("import redis" in path.read_text(encoding="utf-8") for path in used)
