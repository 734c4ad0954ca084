"""A local Kafka without Docker: its jars, its Java, its data directory, and a guard that ends it with us."""
