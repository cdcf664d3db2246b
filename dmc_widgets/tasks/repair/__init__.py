"""Repairs: failed records are mended, and tried again within their own task."""
