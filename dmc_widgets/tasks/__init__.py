"""What is done with plans: exports and imports, each in a process of its own."""
