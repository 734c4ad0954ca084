"""`sluice explain`: why an order was routed as it was."""
