"""The forms, panels and lists of the dashboard, each one over a state."""
