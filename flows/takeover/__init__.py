"""How a partition comes into this process's hands: the group gives it, and its rows are read back or were followed."""
