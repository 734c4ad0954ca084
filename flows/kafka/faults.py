"""Which remedy an error of the Kafka client asks for, and a sentence for it."""

from __future__ import annotations

from confluent_kafka import KafkaError, KafkaException

from flows.port import PortFault, Remedy

# Another producer took the transactional id, or the coordinator gave this one up after its own time-out: both
# look alike, and both are mended by leaving and joining the group again with a new producer.
_REJOIN = {
    KafkaError._FENCED,
    KafkaError.PRODUCER_FENCED,
    KafkaError.INVALID_PRODUCER_EPOCH,
    KafkaError.INVALID_PRODUCER_ID_MAPPING,
    KafkaError.UNKNOWN_PRODUCER_ID,
    KafkaError.FENCED_INSTANCE_ID,
}

# A broker is away, starts, or hands a partition over to another one: it ends without anybody's doing.
_PASSING = {
    KafkaError._TIMED_OUT,
    KafkaError._TIMED_OUT_QUEUE,
    KafkaError._MSG_TIMED_OUT,
    KafkaError._TRANSPORT,
    KafkaError._ALL_BROKERS_DOWN,
    KafkaError._DESTROY_BROKER,
    KafkaError._RESOLVE,
    KafkaError._WAIT_COORD,
    KafkaError.REQUEST_TIMED_OUT,
    KafkaError.NETWORK_EXCEPTION,
    KafkaError.BROKER_NOT_AVAILABLE,
    KafkaError.REPLICA_NOT_AVAILABLE,
    KafkaError.LEADER_NOT_AVAILABLE,
    KafkaError.NOT_LEADER_FOR_PARTITION,
    KafkaError.FENCED_LEADER_EPOCH,
    KafkaError.UNKNOWN_LEADER_EPOCH,
    KafkaError.OFFSET_NOT_AVAILABLE,
    KafkaError.COORDINATOR_NOT_AVAILABLE,
    KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
    KafkaError.NOT_COORDINATOR,
    KafkaError.NOT_ENOUGH_REPLICAS,
    KafkaError.NOT_ENOUGH_REPLICAS_AFTER_APPEND,
    KafkaError.CONCURRENT_TRANSACTIONS,
    KafkaError.UNSTABLE_OFFSET_COMMIT,
    KafkaError.REBALANCE_IN_PROGRESS,
}

_OPERATOR = {
    KafkaError.UNKNOWN_TOPIC_OR_PART: "the topic does not exist; create it with `sluice topics --create`",
    KafkaError._UNKNOWN_TOPIC: "the topic does not exist; create it with `sluice topics --create`",
    KafkaError._UNKNOWN_PARTITION: "the topic has fewer partitions than the inputs; see `sluice topics`",
    KafkaError.TOPIC_AUTHORIZATION_FAILED: "this user may not use the topic; see `sluice doctor`",
    KafkaError.GROUP_AUTHORIZATION_FAILED: "this user may not use the consumer group; see `sluice doctor`",
    KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED: "this user may not use the transactional id; see `sluice doctor`",
    KafkaError.CLUSTER_AUTHORIZATION_FAILED: "this user may WRITE to no topic; see `sluice doctor`",
    KafkaError.MSG_SIZE_TOO_LARGE: "a record is larger than the topic takes; see `sluice topics`",
    KafkaError.INVALID_TRANSACTION_TIMEOUT: "the broker allows less than transaction_timeout_ms",
    KafkaError._AUTHENTICATION: "the cluster refuses these credentials; check the [kafka] settings",
}


def port_fault(error: Exception, doing: str, cause: KafkaError | None = None) -> PortFault:
    """The fault of a call; `cause` is an earlier delivery error, which says more than the call's own error."""
    own = error.args[0] if isinstance(error, KafkaException) and error.args else None
    if not isinstance(own, KafkaError):
        return PortFault(Remedy.ABORT, f"could not {doing}: {error}")
    for each in (cause, own):
        if each is not None and each.code() in _OPERATOR:
            return PortFault(Remedy.OPERATOR, f"could not {doing}: {each.str()}: {_OPERATOR[each.code()]}")
    sentence = f"could not {doing}: {own.str()}" + (f" ({cause.str()})" if cause else "")
    return PortFault(_remedy(own), sentence, passes=any(map(_passes, (cause, own))))


def _passes(error: KafkaError | None) -> bool:
    return error is not None and (error.retriable() or error.code() in _PASSING)


def _remedy(error: KafkaError) -> Remedy:
    if error.fatal() or error.code() in _REJOIN:
        return Remedy.REJOIN
    if error.txn_requires_abort():
        return Remedy.ABORT
    if error.retriable() or error.code() in {KafkaError._TIMED_OUT, KafkaError._TRANSPORT}:
        return Remedy.RETRY
    return Remedy.ABORT
