"""Taking back what a task has done, from its journal."""
