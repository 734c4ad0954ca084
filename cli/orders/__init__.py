"""`sluice orders`: from a figure to the orders behind it."""
