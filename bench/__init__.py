"""Measured claims: workloads, the router beside a pass-through, and where the microseconds go."""
