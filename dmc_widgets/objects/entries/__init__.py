"""The rules of object entries."""
