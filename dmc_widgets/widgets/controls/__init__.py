"""Controls of our own: plain JavaScript beside the Python, without a build step."""

from __future__ import annotations

from .download import DownloadButton, read_chunks
from .heartbeat import Heartbeat
from .table import Column, PagedTable, RowSource, Sort
from .upload import Upload, UploadControl

__all__ = [
    "Column",
    "DownloadButton",
    "Heartbeat",
    "PagedTable",
    "RowSource",
    "Sort",
    "Upload",
    "UploadControl",
    "read_chunks",
]
