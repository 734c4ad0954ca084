"""What a network remembers: tables of rows and the indexes derived from them.  Pure: no I/O, clock or chance."""
