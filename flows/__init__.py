"""How it runs: Kafka in, one transaction for each bundle out.

Here is the way of a bundle and what a process is made of.  Only `router`, `source` and `route` know the engine, only
`flows.kafka` the client, and all of them Kafka by `port` alone.
"""
