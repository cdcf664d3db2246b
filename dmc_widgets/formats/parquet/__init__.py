"""Parquet files: typed columns, in row groups."""
