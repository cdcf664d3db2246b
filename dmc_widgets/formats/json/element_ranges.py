"""Files with one array of records, which can be read from any of its elements on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import BinaryIO, Final, Protocol, TypeVar

from ...errors import FileUnreadable
from ...model.reading_options import DETECT_ALL, ReadingOptions, ReadingReport
from ...model.record import Record, UnreadableRecord
from ..byte_ranges import FileBefore, RecordPlace, RecordRun
from ..opened_file import OpenedFile
from .parser import (
    JsonParser,
    count_elements,
    iterate_members,
    read_elements,
    require_end,
    require_items,
    skip_value,
)

ITEMS: Final = "items"

PassedT = TypeVar("PassedT")
PassElements = Callable[[JsonParser], Iterator[PassedT]]
"""Passes the array that begins here, and yields something of its elements."""


class ElementRanges(Protocol):
    """Reads and counts the elements of an array, of the whole file or of a range."""

    def pass_file(
        self, text: JsonParser, elements: PassElements[PassedT], *, is_within: bool
    ) -> Iterator[PassedT]:
        """Move to the end of the file, and yield what *elements* yields of its array.

        Args:
            text: The file, at its beginning.
            elements: Passes the array.
            is_within: An element of the array begins here, not the file.

        Raises:
            FileUnreadable: The beginning is not of this format.
            FileBroken: The file is malformed, or cut off.
        """
        ...

    def read(
        self,
        stream: BinaryIO,
        *,
        source: str,
        options: ReadingOptions = DETECT_ALL,
        report: ReadingReport | None = None,
    ) -> Iterator[Record | UnreadableRecord]:
        """Yield the elements; see :class:`~dmc_widgets.ports.Format`."""
        del options, report
        text = JsonParser(stream, source=source)
        return self.pass_file(text, read_elements, is_within=False)

    def count_records(self, file: OpenedFile) -> Iterator[RecordRun]:
        """Yield runs of elements; see :mod:`dmc_widgets.formats.byte_ranges`."""
        text = JsonParser(file.stream, source=file.source)
        return self.pass_file(text, count_elements, is_within=False)

    def read_range(
        self, file: OpenedFile, before: FileBefore
    ) -> Iterator[Record | UnreadableRecord]:
        """Yield elements of a range; see :mod:`dmc_widgets.formats.byte_ranges`."""
        part = before.range
        place = RecordPlace(part.lines, part.start, part.column, part.records)
        text = JsonParser(file.stream, source=file.source, start=place)
        elements = partial(read_elements, is_within=True)
        return self.pass_file(text, elements, is_within=True)

    def find_lines(
        self, stream: BinaryIO, lines: Sequence[int], options: ReadingOptions
    ) -> None:
        """Return None: elements begin anywhere in a line."""
        del stream, lines, options


def pass_items(
    text: JsonParser, elements: PassElements[PassedT], *, is_within: bool
) -> Iterator[PassedT]:
    """Pass an object of which ``items`` is the array; see :meth:`.pass_file`.

    Raises:
        FileUnreadable: The object has no items, or they are not an array.
        FileBroken: It is malformed, or cut off.
    """
    text.peek()
    if is_within:
        yield from elements(text)
    has_items = is_within
    for key in iterate_members(text, is_within=is_within):
        if key != ITEMS:
            skip_value(text, key)
            continue
        if has_items:
            text.stop(f"A second {ITEMS!r} follows, {text.place()}.")
        has_items = True
        require_items(text)
        yield from elements(text)
    require_end(text, "'}'")
    if not has_items:
        reason = f"The file is an object without {ITEMS!r}."
        raise FileUnreadable(text.source, reason)
