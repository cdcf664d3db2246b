"""Formats that give out many records at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol, runtime_checkable

from ..model.record import Record, UnreadableRecord
from .byte_ranges import FileBefore
from .opened_file import OpenedFile


@runtime_checkable
class RunReader(Protocol):
    """A format whose records are found many at a time."""

    def read_runs(
        self, file: OpenedFile, before: FileBefore | None = None
    ) -> Iterator[Sequence[Record | UnreadableRecord]]:
        """Yield the records that :meth:`~dmc_widgets.ports.Format.read` yields.

        Nothing is read from the stream between the records of one run.

        Args:
            file: The file, or a range of it.
            before: What is before the range; None for a whole file.
        """
        ...
