"""One check in each file: a function that looks at one thing and yields what it found."""
