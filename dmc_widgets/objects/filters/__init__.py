"""Filters, sort orders and searches over entries and documents."""
