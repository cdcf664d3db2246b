"""The batch engine: import and export tasks, their endpoints, content and callbacks."""
