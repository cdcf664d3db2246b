"""Filters and sort orders: OData expressions as values, and their parsers."""
