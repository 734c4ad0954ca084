"""`sluice doctor`: look at a deployment from outside, and say what to change."""
