"""Fetches and verifies the broker's jars and records what makes its starts quick: all that a first start does, once.

    python -m infra.kafka.prepare

Anything that starts a broker does it by itself; before many start at the same time it is done once, and said once.
"""

from infra.kafka.download import trusted_jars
from infra.kafka.java import prepare_quick_start

if __name__ == "__main__":
    prepare_quick_start(trusted_jars())
