"""Reusable parts of the forms: labelled inputs, the error guard, the view of a task, templates."""
