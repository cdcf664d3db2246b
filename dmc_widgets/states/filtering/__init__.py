"""Filters that people put together of conditions, and how many records they find."""
