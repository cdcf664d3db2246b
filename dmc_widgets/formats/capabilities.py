"""What only some formats offer, beside reading and writing records."""

from __future__ import annotations

from typing import BinaryIO, Protocol, runtime_checkable

from ..model.reading_options import Sheet


@runtime_checkable
class SheetReader(Protocol):
    """A format whose files may hold several sheets."""

    def sheets(self, stream: BinaryIO, *, source: str) -> tuple[Sheet, ...]:
        """Return the sheets with cells, in the order of the file.

        Raises:
            FileUnreadable: The file is damaged, protected or too large.
        """
        ...


@runtime_checkable
class ColumnLister(Protocol):
    """A table whose files state their columns apart from the rows."""

    def list_columns(self, stream: BinaryIO, *, source: str) -> tuple[str, ...]:
        """Return the names of the columns, those of parts of objects with dots.

        Raises:
            FileUnreadable: The file is damaged.
        """
        ...
