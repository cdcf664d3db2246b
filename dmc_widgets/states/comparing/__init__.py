"""What compares: two installations, or two tasks."""
