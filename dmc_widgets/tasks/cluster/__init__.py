"""Clusters: the partitions of an import on the workers of Dask."""
