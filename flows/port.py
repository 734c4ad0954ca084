"""What the flow needs of a Kafka client, and not one method more.

Source, lease, restore and sink know Kafka by this page only, so that a simulated log with crashes, fencing
and rebalances can stand in for it.  One contract suite holds both to the same behaviour.

Topics are named by their kind (`orders`); the port adds the configured prefix.  Records that were not
committed are never seen: everything here reads read_committed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from typing import Any, NamedTuple, Protocol

from schemas.records import Record


class Place(NamedTuple):
    """One partition of one topic."""

    topic: str
    partition: int

    def __str__(self) -> str:
        return f"{self.topic}, partition {self.partition}"


class Remedy(Enum):
    """What a failed call asks for: the flow decides by this alone, never by a client's error codes."""

    RETRY = "retry"
    """The same call again may succeed; after a commit nothing but the same commit may follow."""
    ABORT = "abort"
    """The transaction is to be aborted; the producer lives on."""
    REJOIN = "rejoin"
    """This producer is over: another one took its name, or its coordinator gave it up."""
    OPERATOR = "operator"
    """It can never succeed until a person changes something: a missing topic, a right, a size."""


class PortFault(Exception):
    """A call failed; `remedy` says what may help and the message is a sentence for a person.

    `passes`: its cause ends by itself, as when a broker comes back, whatever has to be done with the transaction.
    """

    def __init__(self, remedy: Remedy, sentence: str, *, passes: bool = False) -> None:
        super().__init__(sentence)
        self.remedy = remedy
        self.sentence = sentence
        self.passes = passes or remedy is Remedy.RETRY


class PlaceFault(NamedTuple):
    """Polling one place failed.  `cut` says that what should have been read next is not there any more."""

    place: Place
    sentence: str
    cut: bool


class Committed(NamedTuple):
    """What the group has committed: the next offset of each place, None where there is none, and the `note` that was
    kept beside them, empty where there is none.
    """

    offsets: dict[Place, int | None]
    note: str


class Polled(NamedTuple):
    """What one poll returned: records with their partition, in offset order for each place.

    `warnings` are sentences about what the client has mended by itself.
    """

    records: list[tuple[int, Record]]
    faults: list[PlaceFault]
    warnings: Sequence[str] = ()


Places = Sequence[Place]


class GroupConsumer(Protocol):
    """A member of the consumer group, for the one thread that polls it: what is to be asked of the broker is asked of
    the port.

    What is assigned is paused, and has no position, until `start_at`.  The callbacks run inside `poll` and
    must not block.  Closing does not commit anything.
    """

    def subscribe(
        self, topics: Sequence[str], on_assign: Callable[[Places], None], on_revoke: Callable[[Places], None]
    ) -> None: ...

    def rejoin(self) -> None:
        """Give back what is assigned and join the group again."""

    def start_over(self) -> None:
        """The same with a new client, where the old one may never be answered."""

    def poll(self, timeout_s: float, records_max: int) -> Polled:
        """Wait for one record at most `timeout_s`, then take what is there without waiting."""

    def start_at(self, place: Place, offset: int) -> None:
        """Deliver from this offset on."""

    def pause(self, places: Places) -> None:
        """Deliver nothing of these until `start_at`."""

    def position(self, place: Place) -> int | None:
        """The next offset that poll may return; None for what has not been started, or was paused since.

        It is never beyond a record that was not polled since `start_at`, and comes past control markers and aborted
        records with the next record, or once a fetch has found the end behind them.
        """

    def end_last_seen(self, place: Place) -> int | None:
        """The end as of the last fetch, behind transactions that are still open; None before a poll has brought
        anything of a fetch since `start_at`.  Nothing is asked of the broker.
        """

    def stable_gap(self, place: Place) -> int | None:
        """Records between the last stable offset and the high watermark, as of a few seconds ago; None where it is
        not known.  Nothing is asked of the broker.
        """

    def membership(self) -> Any:
        """Proof of membership for `send_offsets`; taken after the poll whose records it vouches for."""

    def close(self) -> None: ...


class TransactionalProducer(Protocol):
    """One transactional id, `<prefix><group>.<partition>`.  Every method may raise `PortFault`."""

    def init(self, timeout_s: float) -> None:
        """Fence whoever used this id before, and end the transaction it left open."""

    def begin(self) -> None: ...

    def produce(
        self,
        topic: str,
        partition: int,
        key: bytes | None,
        value: bytes | None,
        headers: list[tuple[str, bytes]] | None,
    ) -> None: ...

    def send_offsets(
        self, offsets: Mapping[Place, int], membership: Any, timeout_s: float, note: str = ""
    ) -> None:
        """Commit them with the transaction; `note` is kept beside each of them."""

    def commit(self, timeout_s: float) -> None: ...

    def abort(self, timeout_s: float) -> None: ...

    def broker_time_ms(self, place: Place, timeout_s: float) -> int | None:
        """The broker's clock, read from the append time of a record that is aborted; None when it doesn't tell."""

    def close(self) -> None:
        """Drop the client.  A transaction left open stays so until the next `init`, as after a crash."""


class LogReader(Protocol):
    """Reads places from given offsets to their end, and on from there: for restore."""

    def assign(self, starts: Mapping[Place, int]) -> None: ...

    def read(self, records_max: int, timeout_s: float) -> list[Record]:
        """Records of all places, in offset order for each; may be empty before the end."""

    def at_end(self) -> bool:
        """Every place was read to the end that it had at some time after `assign`, control markers included, however
        quickly somebody goes on writing.
        """

    def lag(self) -> int:
        """Offsets between what was read and the ends, as of the last fetch and without asking the broker: for
        metrics.
        """

    def close(self) -> None: ...


class KafkaPort(Protocol):
    """Makes clients, and answers questions, which any thread may ask while others poll."""

    def consumer(self) -> GroupConsumer: ...

    def producer(self, partition: int) -> TransactionalProducer:
        """The producer of one partition: its transactional id is `<prefix><group>.<partition>`."""

    def reader(self, *, follows: bool = False) -> LogReader:
        """`follows`: it will be kept for as long as the process lives, so it is to be frugal."""

    def committed(self, places: Places, timeout_s: float) -> Committed:
        """What the group has committed of these places, all of one partition."""

    def watermarks(self, places: Places, timeout_s: float) -> dict[Place, tuple[int, int]]:
        """The first offset that still exists, and the end: the last stable offset, as far as a poll can get."""

    def others(self, timeout_s: float) -> int:
        """Members of the group, this process apart; asked before it is one itself."""

    def broker_errors(self) -> Mapping[str, int]:
        """Errors that all clients were told of so far, by the client library's own name of the kind."""

    def topic_ids(self, topics: Iterable[str], timeout_s: float) -> Mapping[str, str]:
        """What Kafka itself calls each: one that was deleted and made anew has another id.  Old brokers know none."""

    def topics(self, timeout_s: float) -> Mapping[str, int]:
        """Every topic kind that exists under the prefix, with its partition count; creates none."""
