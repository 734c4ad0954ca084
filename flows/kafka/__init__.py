"""The port on a real Kafka, through confluent-kafka: its clients, their settings, and what their errors ask for."""
