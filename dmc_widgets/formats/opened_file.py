"""A file of records as the readers of ranges, rows and runs get it."""

from __future__ import annotations

from typing import BinaryIO, NamedTuple

from ..model.reading_options import ReadingOptions, ReadingReport


class OpenedFile(NamedTuple):
    """A file of records, or a range of one, that is read now.

    Attributes:
        stream: The bytes.
        source: The name of the file, for messages.
        options: How the file is read, without anything to be detected.
        report: Receives warnings of values. What is counted there is of no use if only
            some of the records are read.
    """

    stream: BinaryIO
    source: str
    options: ReadingOptions
    report: ReadingReport
