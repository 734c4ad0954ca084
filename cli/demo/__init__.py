"""`sluice demo`: a small network on a real Kafka, lived in by separate processes, and broken on purpose."""
