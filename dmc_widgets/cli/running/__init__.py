"""The commands that act on a task, and show what it did."""
