"""Drafts: what is kept of a form in progress."""
