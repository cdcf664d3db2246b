"""How the columns of a Parquet file are compressed."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Compression(StrEnum):
    """How a Parquet file is compressed; every reader knows ``SNAPPY``."""

    ZSTD = "ZSTD"
    SNAPPY = "SNAPPY"
    GZIP = "GZIP"
    NONE = "NONE"


COMPRESSION_WORDS: Final = {choice.lower(): choice for choice in Compression}
"""The same in small letters, as pandas, polars and pyarrow have them."""
