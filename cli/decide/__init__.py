"""`sluice decide`: events in, rows and notices out, without a broker."""
