"""How a network decides: facts, routing and time, as functions from rows to rows and notices.  Pure."""
