"""Verification: prove that a target holds what was sent, or what a source holds."""
