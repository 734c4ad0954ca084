"""Drills: a fault on a living network, the alert that it must raise, and the runbook's command that ends it."""
