"""Predict what an import would do: a target's rules, applied without writing."""
