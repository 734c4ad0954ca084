"""The broker's settings: one node that is broker and controller at once, on the loopback address only."""

from collections.abc import Mapping
from pathlib import Path

HOST = "127.0.0.1"
NODE_ID = 1

# Chosen so that one small node behaves, for its clients, like the cluster it stands for.
SINGLE_NODE: Mapping[str, str] = {
    "process.roles": "broker,controller",
    "node.id": str(NODE_ID),
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    # Every topic is created with its own settings: a typing error must not create one without them.
    "auto.create.topics.enable": "false",
    # There is one node, so there is one copy; and few partitions of the internal topics, because each is a file.
    "default.replication.factor": "1",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "4",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "share.coordinator.state.topic.num.partitions": "1",
    # A group of one need not wait for others to join.
    "group.initial.rebalance.delay.ms": "0",
    # A broker that misses its heartbeats for this long, 9 s by default, is taken out of the cluster; then all
    # its partitions have no leader, and a transaction that is just being completed can be lost (see
    # `retire.py`). Here nobody could take over, so a machine that is busy must not cause it.
    "broker.session.timeout.ms": "30000",
    "broker.heartbeat.interval.ms": "250",
    "group.min.session.timeout.ms": "6000",
    # An outsider's open transaction stalls every read_committed reader: nobody may keep one for 15 minutes.
    "transaction.max.timeout.ms": "60000",
    # The log cleaner's default buffer is a quarter of the heap this broker gets.
    "log.cleaner.dedupe.buffer.size": "16777216",
    "num.network.threads": "2",
    "num.io.threads": "4",
    "num.recovery.threads.per.data.dir": "2",
}


def server_properties(
    data: Path, port: int, controller_port: int, settings: Mapping[str, str] | None = None
) -> str:
    """The text of `server.properties`; the caller's settings win."""
    properties = {
        **SINGLE_NODE,
        "listeners": f"PLAINTEXT://{HOST}:{port},CONTROLLER://{HOST}:{controller_port}",
        "advertised.listeners": f"PLAINTEXT://{HOST}:{port}",
        "controller.quorum.voters": f"{NODE_ID}@{HOST}:{controller_port}",
        # A backslash escapes in this file format, and a path may hold one.
        "log.dirs": str(data).replace("\\", "\\\\"),
        **(settings or {}),
    }
    return "".join(f"{name}={value}\n" for name, value in properties.items())


def retirement_properties(data: Path, controller_port: int, settings: Mapping[str, str]) -> str:
    """The same node as a controller only, which soon finds that the broker it knows of is gone."""
    listener = f"CONTROLLER://{HOST}:{controller_port}"
    only_a_controller = {
        "process.roles": "controller",
        "listeners": listener,
        "advertised.listeners": listener,
        # No broker lives while it runs, so none can be taken for dead by mistake.
        "broker.session.timeout.ms": "100",
        "broker.heartbeat.interval.ms": "25",
    }
    return server_properties(data, 0, controller_port, {**settings, **only_a_controller})
