"""Which partition a network lives on: the Java client's default, so that any ordinary producer agrees.

Java hashes the key with murmur2. Clients on librdkafka hash otherwise unless they set
`partitioner=murmur2_random`; a record they place wrongly is a dead letter that says so.
"""

from functools import lru_cache

_MULTIPLIER = 0x5BD1E995
_SEED = 0x9747B28C
_MASK_32 = 0xFFFFFFFF
_NETWORKS_CACHED_MAX = 65_536


def murmur2(key: bytes) -> int:
    """The hash of Java's `Utils.murmur2`, as the signed 32-bit number that Java returns."""
    length = len(key)
    hash_ = _SEED ^ length
    whole = length & ~3
    for start in range(0, whole, 4):
        word = int.from_bytes(key[start : start + 4], "little") * _MULTIPLIER & _MASK_32
        word = (word ^ word >> 24) * _MULTIPLIER & _MASK_32
        hash_ = hash_ * _MULTIPLIER & _MASK_32 ^ word
    if whole < length:
        hash_ = (hash_ ^ int.from_bytes(key[whole:], "little")) * _MULTIPLIER & _MASK_32
    hash_ = (hash_ ^ hash_ >> 13) * _MULTIPLIER & _MASK_32
    hash_ ^= hash_ >> 15
    return hash_ - 0x1_0000_0000 if hash_ & 0x8000_0000 else hash_


@lru_cache(maxsize=_NETWORKS_CACHED_MAX)
def partition_of(network: str, partitions: int) -> int:
    """The partition that the network's records belong to, in every topic alike."""
    # Java drops the sign bit rather than taking the absolute value, which the smallest number does not have.
    return (murmur2(network.encode()) & 0x7FFFFFFF) % partitions
