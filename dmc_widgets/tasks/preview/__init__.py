"""Previews: what an import would make of some records of a file."""
