"""The auditor: a second, independent opinion on P1, P2 and P3, from the topics alone.

It reads what went in, what the journal claims and what was published, keeps its own books by the domain model's
arithmetic, and compares.  It shares the wire types with the router and not one line of the router's logic.
"""
