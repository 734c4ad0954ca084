"""Placement agrees with the Java client: its own test vectors, and the properties that routing relies on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.placement import murmur2, partition_of


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        # The vectors of the Java client's own test of this function.
        (b"21", -973932308),
        (b"foobar", -790332482),
        (b"a-little-bit-long-string", -985981536),
        (b"a-little-bit-longer-string", -1486304829),
        (b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971),
        (b"abc", 479470107),
    ],
)
def test_murmur2_is_javas(key: bytes, expected: int) -> None:
    assert murmur2(key) == expected


def test_a_negative_hash_drops_its_sign_bit() -> None:
    assert partition_of("foobar", 7) == (-790332482 & 0x7FFFFFFF) % 7
    assert partition_of("foobar", 7) != abs(-790332482) % 7


@given(st.text(), st.integers(1, 500))
def test_every_network_has_a_partition_that_exists(network: str, partitions: int) -> None:
    assert 0 <= partition_of(network, partitions) < partitions


def test_one_partition_takes_every_network() -> None:
    assert {partition_of(f"network-{number}", 1) for number in range(50)} == {0}
