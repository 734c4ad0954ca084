"""Draws panels as SVG from what a real Prometheus answers: pictures for the documentation, in plain text."""
