"""Backups: a copy of an installation, or of some of its entity types."""
