"""How it runs: Kafka in, one transaction for each bundle out.  Only this room knows engine and client."""
