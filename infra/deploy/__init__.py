"""What a deployment starts from: a container image, compose, systemd, and a check of the image without an engine."""
