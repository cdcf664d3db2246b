"""Formats that give out many records at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import BinaryIO, Protocol, runtime_checkable

from ..model.reading_options import ReadingOptions, ReadingReport
from ..model.record import Record, UnreadableRecord
from .byte_ranges import FileBefore


@runtime_checkable
class RunReader(Protocol):
    """A format whose records are found many at a time."""

    def read_runs(
        self,
        stream: BinaryIO,
        *,
        source: str,
        options: ReadingOptions,
        report: ReadingReport,
        before: FileBefore | None = None,
    ) -> Iterator[Sequence[Record | UnreadableRecord]]:
        """Yield the records that :meth:`~dmc_widgets.ports.Format.read` yields.

        Nothing is read from the stream between the records of one run.

        Args:
            stream: The bytes of the file, or of a range of it.
            source: The name of the file, for messages.
            options: How the file is read.
            report: Receives warnings of values.
            before: What is before the range; None for a whole file.
        """
        ...
