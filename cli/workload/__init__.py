"""Realistic demand: who orders, from where, what and how much.  The demo and the benchmark draw from it."""
