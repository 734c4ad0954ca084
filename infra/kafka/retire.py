"""Lets the controller take note that the broker was killed, before the broker starts again.

Without this a commit that the killed broker had acknowledged can be lost for every read_committed reader. The
controller is the same process, so after a restart it still believes that the broker of before lives, and that
it leads all partitions. The new broker believes it too and goes on with the commit: it tries to write the
commit's marker through its own listener, which is not open yet, again and again without a pause. When the
controller at last gives the old broker up, every partition is without a leader for a moment. Kafka 4.3.1 then
takes the partition for a deleted one, leaves the marker out and records the transaction as complete
(KAFKA-20734: `KRaftMetadataCache.getPartitionLeaderEndpoint` answers "no such partition" instead of "no leader
now"). Its log says "these partitions are likely deleted already and hence can be skipped", and the partition's
last stable offset never moves again. Whether the transaction log still takes that record is a race: with a
handful of partitions seldom, with 150 of them in three kills of four.

So the controller runs alone first. It gives the old broker up at once, because it need not wait out the
patience that a living broker deserves; the broker then finds its partitions without a leader, and looks at open
transactions only when it leads again, with its listener about to open. The start takes less time so, too.
"""

import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from infra.kafka.directory import BrokerDirectory
from infra.kafka.guard import start_guarded, stop_guarded
from infra.kafka.java import BROKER_CLASS, java_command
from infra.kafka.ports import free_port
from infra.kafka.properties import NODE_ID, retirement_properties

# Kafka's own words in its log; the jars are locked, so they change only with them.  It gives the broker up, and some
# time later it knows of that; it has known of such changes before, because it reads what it has written.
GIVEN_UP = f"Fencing broker {NODE_ID} at epoch"
KNOWN = f"Replayed BrokerRegistrationChangeRecord modifying the registration for broker {NODE_ID}:"
STARTED = "Kafka Server started"

START_TIMEOUT_S = 30
# A broker that was killed before it had joined is not known to the controller, so it is never given up.
RETIRE_TIMEOUT_S = 2.0
# The words come a moment before the record is on the disk, and later the busier the machine is: so long at least, and
# such a share of the time that the start took.
SETTLE_S = 0.2
SETTLE_SHARE = 0.1
STOP_TIMEOUT_S = 15
POLL_S = 0.02


def retire_killed_broker(
    directory: BrokerDirectory, jars: Sequence[Path], settings: Mapping[str, str], lock: int
) -> None:
    """Run the controller alone until it has given the killed broker up.

    When that fails the broker still starts, only later: what is wrong with the directory or with the settings,
    the broker itself says best.
    """
    properties = retirement_properties(directory.data, free_port(), settings)
    directory.retirement_properties.write_text(properties)
    start_of_log = directory.log.stat().st_size if directory.log.exists() else 0
    command = java_command(jars, BROKER_CLASS, str(directory.retirement_properties))
    with start_guarded(command, directory.log, lock) as warden:
        try:
            _wait_until_retired(directory.log, start_of_log, warden)
        finally:
            stop_guarded(warden, STOP_TIMEOUT_S)


def _wait_until_retired(log: Path, start: int, warden: "subprocess.Popen[str]") -> None:
    began_s = time.monotonic()
    deadline = began_s + START_TIMEOUT_S
    started = False
    while warden.poll() is None and time.monotonic() < deadline:
        said = _text_after(log, start)
        if KNOWN in said.partition(GIVEN_UP)[2]:
            time.sleep(max(SETTLE_S, SETTLE_SHARE * (time.monotonic() - began_s)))
            return
        if STARTED in said and not started:
            started = True
            # On a machine that is so busy that the start took long, this takes long as well.
            now_s = time.monotonic()
            deadline = now_s + max(RETIRE_TIMEOUT_S, now_s - began_s)
        time.sleep(POLL_S)


def _text_after(log: Path, start: int) -> str:
    with log.open("rb") as file:
        file.seek(start)
        return file.read().decode(errors="replace")
