"""What several verbs share: options, connections, files of events, and how the topics are read."""
