"""The network directory: TOML and CSV that a planner edits, and the entities that come out of it."""
