"""The states of the forms as traits, and the actions on them, without any widget."""
