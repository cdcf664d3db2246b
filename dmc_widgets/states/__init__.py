"""What a person has chosen, as traits. Nothing here knows a widget."""
