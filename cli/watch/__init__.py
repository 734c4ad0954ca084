"""`sluice watch`: see live what the routers decide."""
