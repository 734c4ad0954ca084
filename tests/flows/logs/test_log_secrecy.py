"""No secret and no personal data gets into the log, whatever goes wrong, in either form.

Every test feeds what must not be told through paths that say something: refused records of every kind, exceptions,
errors of the client, of the program and of the state, and faulty configuration.  The log says everything it can.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cli.main import main
from flows import route
from flows.config import RouterConfig, RunConfig
from flows.logs.quoting import what_was_expected
from flows.port import GroupConsumer, Place, Polled, PortFault, Remedy
from flows.start import start_router
from infra.connect import admin_client
from infra.errors import ConfigurationError, SluiceError
from infra.redaction import REDACTED, Redactor
from infra.refusal import Refusal
from infra.settings import Settings, load_settings
from schemas.codec import decode_row
from schemas.kinds import FULFILMENT, INPUT_TOPICS, INVENTORY, JOURNAL, ORDER_BOOK, ORDERS
from state.limits import Limits
from tests.audit.small_network import NETWORK, NUMBER, entities
from tests.flows.takeover.test_recovery import history
from tests.simulation.log import SimulatedKafka
from tests.simulation.port import SimulatedConsumer, SimulatedPort
from tests.simulation.process import SimulatedRouter
from tests.simulation.test_simulation import Simulation

MARK = "Musterfrau"
"""In everything that must not be told, so that it is found however the rest of it was quoted or cut."""

STYLES = ("text", "json")
PERSONAL = st.text(max_size=20).map(lambda text: f"{MARK}{text}")
SECRETS = st.text(min_size=4, max_size=20).map(lambda text: f"{MARK}{text}")
COMMON: dict[str, Any] = {
    "placed_at": "2027-01-15T08:00:00Z", "service_level": "standard", "currency": "EUR", "channel": "web",
}  # fmt: skip


def event(kind: str, event_id: str, data: dict[str, Any], **changes: Any) -> bytes:
    envelope = {
        "specversion": "1.0", "type": kind, "source": "shop", "id": event_id, "time": "2027-01-15T08:00:00Z",
        "network": NETWORK, "data": data, **changes,
    }  # fmt: skip
    return msgspec.json.encode(envelope)


def placed(number: int, personal: str, event_id: str = "", sku: str = "lamp", **changes: Any) -> bytes:
    """An order that carries personal data wherever the contract has a place for it."""
    data = {
        **COMMON, "order_id": f"o{number}", "customer_token": personal, "address_ref": personal,
        "destination": {"country": "FR", "postal_code": personal[:16]},
        "lines": [{"line_id": "1", "sku": sku, "quantity": 1, "unit": "C62"}], **changes,
    }  # fmt: skip
    return event("order.placed", event_id or f"placed/{number}", data)


def records(personal: str) -> list[tuple[str, bytes]]:
    """Good orders, and one for every way in which a record is refused or brings about an exception."""
    cut = placed(20, personal)
    return [
        (ORDERS, placed(1, personal)),
        (ORDERS, placed(2, personal, sku="unheard-of")),
        (ORDERS, placed(3, personal, event_id="placed/1")),
        (ORDERS, placed(4, personal, destination={"country": "XX", "postal_code": personal[:16]})),
        (ORDERS, placed(5, personal, destination={"country": personal})),
        (ORDERS, placed(6, personal, channel=personal)),
        (ORDERS, placed(7, personal, commitment=personal)),
        (ORDERS, placed(8, personal, lines=[{"line_id": personal, "sku": "lamp", "quantity": 1, "unit": personal}])),
        (ORDERS, placed(9, personal, order_id=f"{personal} <e@example.org>", channel="nobody")),
        (ORDERS, placed(10, personal, note=personal * 4_000)),
        (ORDERS, event(f"order.{personal}", "11", {"name": personal})),
        (ORDERS, event("order.placed", personal, {"order_id": "o12", "customer_token": personal})),
        (ORDERS, event("cancel.requested", "13", {"order_id": "o99", "request_id": "r", "reason": personal})),
        (ORDERS, cut[: cut.index(MARK.encode()) + len(MARK)]),
        (ORDERS, personal.encode()),
        (ORDERS, b"\xff" + personal.encode("utf-8", "surrogatepass")),
        (FULFILMENT, event("shipment.rejected", "17", {"shipment_id": "o1/1/1", "lines": personal})),
        (INVENTORY, event("stock.adjusted", "18", {"pool": "berlin", "sku": "lamp", "delta": personal})),
        (INVENTORY, event("stock.counted", "19", {"pool": "nowhere", "sku": "lamp"}, network=personal)),
    ]  # fmt: skip


class World:
    """A simulated Kafka, and a router on it that says everything it can."""

    def __init__(self, style: str, secret: str = "") -> None:
        self.simulation = Simulation(1)
        self.simulation.is_calm = True
        self.simulation.world.apply(entities())
        self.simulation.world.send_all()
        self.style = style
        self.redactor = Redactor([secret])
        self.trouble: Exception | None = None

    def start(self) -> SimulatedRouter:
        simulation = self.simulation
        router = SimulatedRouter(
            simulation.kafka,
            "router-1",
            simulation.chance,
            self._tell,
            style=self.style,
            redactor=self.redactor,
        )
        simulation.routers.append(router)
        return router

    def _tell(self, step: str) -> None:
        if self.trouble is not None and step == "send_offsets":
            self.simulation.kafka.now_ms += 1_000
            raise self.trouble

    def send(self, *records: tuple[str, bytes]) -> None:
        for topic, value in records:
            self.simulation.kafka.append(Place(topic, NUMBER), NETWORK.encode(), value)


def steps(router: SimulatedRouter, count: int = 60) -> str:
    """What the router has said after so many polls."""
    for _ in range(count):
        router.step()
    return router.output.getvalue()


@pytest.mark.parametrize("style", STYLES)
@settings(max_examples=6)
@given(personal=PERSONAL)
def test_records_never_get_into_the_log(style: str, personal: str) -> None:
    world = World(style)
    router = world.start()
    world.send(*records(personal.encode("utf-8", "replace").decode()))
    world.simulation.settle()
    said = router.output.getvalue()
    for reason in (
        "malformed_json",
        "unknown_type",
        "missing_field",
        "invalid_field",
        "conflict",
        "unknown_zone",
    ):
        assert f"refused as {reason}" in said
    assert "exception unknown_item, order o2" in said
    assert "about order o1" in said
    assert MARK not in said


@pytest.mark.parametrize("style", STYLES)
def test_a_fault_of_the_program_is_told_without_the_record_that_brought_it_about(
    style: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def decide(*_arguments: Any) -> None:
        try:
            raise KeyError(f"{MARK} lives in Berlin")
        except KeyError as error:
            raise ValueError(f"cannot decide for {MARK}") from error

    world = World(style)
    router = world.start()
    monkeypatch.setattr(route, "decide_bundle", decide)
    said = steps(router)
    assert "partition" in said
    assert "ValueError" in said
    assert "KeyError" in said
    assert "in decide" in said
    assert MARK not in said


@pytest.mark.parametrize(
    ("topic", "key", "value"),
    [
        (ORDER_BOOK, b'["order","shop","o1"]', b'["order.0","%s"]'),
        (ORDER_BOOK, b'["order","shop","o1"]', b'["%s.99","%s"]'),
        (ORDER_BOOK, b'["order","shop","o1"]', b'["order.1","%s",{"a":"%s"}]'),
        (ORDER_BOOK, b'["order","shop","o1"]', b'%s'),
        (ORDER_BOOK, b'["%s"]', b'["order.1"'),
        (JOURNAL, b"1", b'{"type": "%s"}'),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_read_back_is_told_by_its_place(topic: str, key: bytes, value: bytes) -> None:
    simulation = history()
    mark = MARK.encode()
    simulation.kafka.append(Place(topic, NUMBER), key.replace(b"%s", mark), value.replace(b"%s", mark))
    router = SimulatedRouter(
        simulation.kafka, "router-9", simulation.chance, lambda _step: None, style="json"
    )
    while not router.has_said(f"partition {NUMBER} "):
        router.step()
    said = router.output.getvalue()
    assert f"partition {NUMBER} stops" in said
    assert f"{topic}, partition {NUMBER}, offset" in said
    assert MARK not in said


def test_of_a_row_the_kind_and_version_are_told_and_types_and_fields() -> None:
    kinds = (
        (b'["order.0","Musterfrau"]', "Invalid value 'order.0'"),
        (b'["order.1",3]', "Expected `str`, got `int` - at `$[1]`"),
        (b'["order.1","shop"]', "Expected `array` of at least length"),
        (b"[Musterfrau", "JSON is malformed: invalid character"),
        (b'["Musterfrau.9 Berlin"]', "a value in it is none"),
    )
    for value, told in kinds:
        with pytest.raises(Exception, match="begins") as fault:
            decode_row(value)
        assert what_was_expected(fault.value).startswith(told)


@pytest.mark.parametrize("style", STYLES)
@settings(max_examples=6)
@given(secret=SECRETS, remedy=st.sampled_from(Remedy))
def test_what_the_client_says_is_told_without_secrets(style: str, secret: str, remedy: Remedy) -> None:
    world = World(style, secret)
    router = world.start()
    world.trouble = PortFault(remedy, f"could not commit: password {secret} {secret!r} {json.dumps(secret)}")
    said = steps(router, 100)
    assert "could not commit" in said
    assert REDACTED in said
    assert MARK not in said


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("is_expected", [True, False])
def test_the_end_of_a_router_is_told_without_secrets_and_records(
    style: str, is_expected: bool, capfd: pytest.CaptureFixture[str]
) -> None:
    secret = f"{MARK}-password"

    kafka = SimulatedKafka(dict.fromkeys(INPUT_TOPICS, 1), 1)

    class FailingConsumer(SimulatedConsumer):
        def poll(self, timeout_s: float, records_max: int) -> Polled:
            if is_expected:
                raise PortFault(Remedy.OPERATOR, f"the cluster refuses {secret}")
            raise RuntimeError(secret)

    class FailingPort(SimulatedPort):
        def consumer(self) -> GroupConsumer:
            return FailingConsumer(kafka, "router-1")

    config = RunConfig(router=RouterConfig(metrics="off", log=style), limits=Limits())
    with pytest.raises(SluiceError) as fault:
        start_router(config, FailingPort(kafka, "router-1"), redactor=Redactor([secret]))
    told = "the cluster refuses" if is_expected else "RuntimeError"
    said = capfd.readouterr().err
    assert told in said
    assert told in str(fault.value)
    assert MARK not in said
    assert MARK not in str(fault.value)


FAULTY: tuple[dict[str, str], ...] = (
    {"sasl.mechanism": "OAUTHBEARER", "security.protocol": "SASL_PLAINTEXT",
     "enable.sasl.oauthbearer.unsecure.jwt": "true", "sasl.oauthbearer.config": f"principal=a passw={MARK}-1 x"},
    {"security.protocol": "SSL", "ssl.key.pem": f"-----BEGIN PRIVATE KEY-----\n{MARK}\n-----END PRIVATE KEY-----"},
    {"security.protocol": "SSL", "ssl.keystore.location": "/nowhere", "ssl.keystore.password": MARK},
    {"sasl.jaas.config": f"PlainLoginModule required password='{MARK}';"},
    {"sasl.password": MARK, "sasl.passwort": "typing error"},
    {"sasl.mechanism": "PLAIN", "security.protocol": "SASL_PLAINTEXT", "sasl.username": "u", "sasl.password": MARK},
)  # fmt: skip


@pytest.mark.parametrize("properties", FAULTY, ids=lambda properties: "+".join(properties))
def test_what_the_client_says_of_a_faulty_configuration_holds_no_secret(
    properties: dict[str, str], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("infra.connect.METADATA_TIMEOUT_S", 0.2)
    chosen = Settings(properties)
    # Port 1 answers nobody.
    with pytest.raises(SluiceError) as fault:
        admin_client(chosen, "127.0.0.1:1")
    printed = capfd.readouterr()
    assert MARK not in str(fault.value) + printed.out + printed.err
    assert MARK not in repr(chosen)


def test_what_a_broker_says_of_a_refused_log_in_is_told_without_secrets(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    refusal = Refusal(f"it refuses the log-in of user:{MARK}", f"Check {MARK}", ("sasl.password",))
    monkeypatch.setattr("infra.connect.FIRST_ANSWER_S", 0.1)
    monkeypatch.setattr("infra.connect.refusal_of", lambda *_: refusal)
    monkeypatch.setattr("cli.doctor.deployment.refusal_of", lambda *_: refusal)
    with pytest.raises(SluiceError) as fault:
        admin_client(Settings({"sasl.password": MARK}, origins={"sasl.password": "here"}), "127.0.0.1:1")
    assert "refuses the log-in" in str(fault.value)
    assert "(sasl.password set by here)" in str(fault.value)
    (tmp_path / "sluice.toml").write_text(f'[kafka]\nsasl.password = "{MARK}"')
    with pytest.raises(SystemExit):
        main(["doctor", "--kafka", "127.0.0.1:1", "--config", str(tmp_path / "sluice.toml")])
    printed = capsys.readouterr().out
    assert "refuses the log-in" in printed
    assert MARK not in str(fault.value) + printed


@pytest.mark.parametrize(
    "text",
    [
        f'[kafka]\nbootstrap.servers = "user:{MARK}@kafka.example:9092"',
        f'[kafka]\nbootstrap.servers = "kafka://user:{MARK}@kafka.example:9092"',
        f'[kafka]\nsasl.password = ["{MARK}"]',
        f'kafka = "{MARK}"',
        f'[kafka]\nsasl.password = "{MARK}',
        f'[kafka]\nsasl.password = {MARK}',
        f'[kafka]\nenable.idempotence = "{MARK}"',
    ],
)  # fmt: skip
def test_faults_of_the_file_are_told_without_secrets(text: str, tmp_path: Path) -> None:
    file = tmp_path / "sluice.toml"
    file.write_text(text)
    with pytest.raises(ConfigurationError) as fault:
        load_settings(config=file, environment={})
    assert MARK not in str(fault.value)
