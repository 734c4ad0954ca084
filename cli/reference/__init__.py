"""A network as Kafka has it: what changed, as one set of records, published as a whole, and what routers say of it."""
