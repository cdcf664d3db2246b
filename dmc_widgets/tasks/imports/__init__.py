"""Imports: from the records of a file into an installation."""
