"""What the router says while it runs: lines for people and for machines, and what may stand in them."""
