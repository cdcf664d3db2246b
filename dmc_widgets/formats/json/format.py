"""JSON: one array of objects, read and written without holding it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import BinaryIO

from ...errors import FileUnreadable
from ...model.reading_options import DETECT_ALL, ReadingOptions, ReadingReport
from ...model.record import Record, UnreadableRecord
from ...ports import ExportHeader, Item
from .parser import JsonParser
from .values import find_record_fault, make_unreadable, write_item


class JsonFormat:
    """An array of objects: ``[{"a":1},{"a":2}]``, no white space, UTF-8.

    Liferay's reader ends at the first element that is no object, and looks at
    nothing behind the closing bracket. Here such an element is a bad record, and
    other text behind the bracket is an error, after the records were read.
    """

    name = "JSON"
    extension = "json"
    can_read = True
    can_write = True

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
        if text.peek() != "[":
            reason = "The file does not begin with '[', as a JSON array does."
            raise FileUnreadable(source, reason)
        yield from read_elements(text)
        require_end(text, "']'")

    def write(
        self, items: Iterable[Item], stream: BinaryIO, header: ExportHeader
    ) -> int:
        """Write one array on one line, without a line end."""
        del header
        stream.write(b"[")
        written = write_elements(items, stream)
        stream.write(b"]")
        return written


def read_elements(text: JsonParser) -> Iterator[Record | UnreadableRecord]:
    """Yield the records of the array that begins here, and move behind it.

    Raises:
        FileBroken: One is malformed, or the array is cut off.
    """
    for _ in iterate_elements(text):
        records = text.many()
        text.done += len(records)
        yield from records
        if not records:
            value, raw, refused = text.value()
            fault = refused or find_record_fault(value, raw)
            bad = make_unreadable(text.line_of(raw), fault, raw) if fault else None
            text.done += 1
            yield value if bad is None else bad


def iterate_elements(text: JsonParser) -> Iterator[None]:
    """Stop at each element of the array that begins here, and move behind it.

    The caller moves *text* behind the element, or behind several.

    Raises:
        FileBroken: The array is malformed between elements, or cut off.
    """
    text.step()
    if text.peek() == "]":
        text.step()
        return
    found = ","
    while found == ",":
        text.peek()
        yield
        found = read_separator(text, "]")


def read_separator(text: JsonParser, closing: str) -> str:
    """Pass over the comma or the *closing* bracket that must follow a value.

    Raises:
        FileBroken: Something else follows, or nothing.
    """
    found = text.peek()
    if not found:
        text.stop(f"The file ends without the closing '{closing}'.")
    if found not in {",", closing}:
        place = text.place()
        text.stop(f"Expected ',' or '{closing}', found {found!r}, {place}.")
    text.step()
    return found


def require_end(text: JsonParser, closing: str) -> None:
    """Make sure that nothing but white space follows.

    Raises:
        FileBroken: Something does. Passing over it could lose records.
    """
    if text.peek():
        text.stop(f"Other text follows the closing {closing}, {text.place()}.")


def write_elements(items: Iterable[Item], stream: BinaryIO) -> int:
    """Write *items* with commas between them, and return how many there were."""
    written = 0
    for written, item in enumerate(items, start=1):
        if written > 1:
            stream.write(b",")
        write_item(item, stream)
    return written
