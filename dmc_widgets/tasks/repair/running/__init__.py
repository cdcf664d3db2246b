"""Trying records again, as they were mended: rounds, their checks and their end."""
