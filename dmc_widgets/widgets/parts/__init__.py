"""Reusable parts of the forms: inputs, table rows, error guard, tasks, templates."""
