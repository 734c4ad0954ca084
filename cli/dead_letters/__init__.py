"""`sluice dead-letters`: list refused input, and send it again."""
