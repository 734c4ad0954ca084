"""Alerts and recording rules: written in Python with their reasons, printed as YAML, tried in a real Prometheus."""
