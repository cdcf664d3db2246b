"""Partitions: several workers at once on one import."""
