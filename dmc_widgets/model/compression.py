"""How the columns of a Parquet file are compressed."""

from __future__ import annotations

from enum import StrEnum


class Compression(StrEnum):
    """How a Parquet file is compressed; every reader knows ``SNAPPY``."""

    ZSTD = "ZSTD"
    SNAPPY = "SNAPPY"
    GZIP = "GZIP"
    NONE = "NONE"
