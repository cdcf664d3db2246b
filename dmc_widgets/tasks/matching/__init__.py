"""Items that a target has under other external reference codes than the records say."""
