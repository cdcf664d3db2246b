"""Packages: folders and zips of batch files that are imported one after another."""
