"""What crosses the wire: envelope, inputs, reference, rows, notices, topics and codec.  Pure: no I/O."""
