"""The history of a workspace: an append-only list of what happened to its tasks."""
