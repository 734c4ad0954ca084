"""The example network: a retailer in five countries of the euro, written by `sluice init`."""
