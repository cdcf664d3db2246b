"""The forms, panels and lists of the dashboard; each is a view of one state."""
