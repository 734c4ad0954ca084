"""What it runs on: settings, topics, a local Kafka, a deployment, Prometheus and Grafana.  It knows no order."""
