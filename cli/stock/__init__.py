"""`sluice stock`: the stock of an item, pool by pool."""
