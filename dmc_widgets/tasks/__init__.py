"""Tasks: exports, imports and migrations, each in a process of its own."""
