"""JSON: an array of objects, a single record, or a page of a list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import BinaryIO, Final

from ...errors import FileUnreadable
from ...model.item_pages import ItemPage
from ...model.reading_options import DETECT_ALL, ReadingOptions, ReadingReport
from ...model.record import Record, UnreadableRecord
from ...ports import ExportHeader, FileSample, FormatInfo, Item, RecognisedFile
from ..byte_ranges import RecordRun
from ..opened_file import OpenedFile
from .batch_configuration import BatchConfiguration
from .element_ranges import ElementRanges, PassedT, PassElements, pass_items
from .layout import JsonLayout, inspect_json
from .parser import JsonParser, require_end
from .values import find_record_fault, make_unreadable, write_elements

_LAYOUTS: Final = frozenset({JsonLayout.ARRAY, JsonLayout.PAGE, JsonLayout.RECORD})


class JsonFormat(ElementRanges):
    """An array of objects: ``[{"a":1},{"a":2}]``, no white space, UTF-8.

    A page of a list and a single record are read as well. Liferay's reader ends at
    the first element that is not an object, and does not look beyond the closing
    bracket. Here such an element is a bad record, and other text after the bracket is
    an error, which is raised after the records were read.

    Args:
        layout: How the records of the file are laid out.
        configuration: What the file holds, if it is one document; None for others.
    """

    info = FormatInfo(
        name="JSON",
        extension="json",
        suffixes=(".json",),
        files="a JSON array of objects, one object or a page",
    )

    def __init__(
        self,
        layout: JsonLayout = JsonLayout.ARRAY,
        configuration: BatchConfiguration | None = None,
    ) -> None:
        self._layout = layout
        self.configuration = configuration

    def recognise(self, sample: FileSample) -> RecognisedFile | None:
        """Recognise an array, a page or a single record by its first properties."""
        facts = sample.once(inspect_json)
        if facts.layout not in _LAYOUTS:
            return None
        if facts.warning:
            sample.report.warn(facts.warning)
        return RecognisedFile(
            JsonFormat(facts.layout, facts.configuration), sample.options
        )

    def pass_file(
        self, text: JsonParser, elements: PassElements[PassedT], *, is_within: bool
    ) -> Iterator[PassedT]:
        """Pass the array, or the items of a page; see :class:`.ElementRanges`."""
        if self._layout is JsonLayout.PAGE:
            yield from pass_items(text, elements, is_within=is_within)
            return
        if not is_within:
            _require_array(text)
        yield from elements(text)
        require_end(text, "']'")

    def read(
        self,
        stream: BinaryIO,
        *,
        source: str,
        options: ReadingOptions = DETECT_ALL,
        report: ReadingReport | None = None,
    ) -> Iterator[Record | UnreadableRecord]:
        """Yield the elements; see :class:`~dmc_widgets.ports.Format`."""
        if self._layout is not JsonLayout.RECORD:
            return super().read(stream, source=source, options=options, report=report)
        return _read_record(stream, source)

    def count_records(self, file: OpenedFile) -> Iterator[RecordRun]:
        """Yield runs of elements; see :mod:`dmc_widgets.formats.byte_ranges`."""
        if self._layout is JsonLayout.RECORD:
            return (RecordRun(1) for _ in _read_record(file.stream, file.source))
        return super().count_records(file)

    def write(
        self, items: Iterable[Item], stream: BinaryIO, header: ExportHeader
    ) -> int:
        """Write one array on one line, without a line break at its end."""
        return self.write_pages([items], stream, header)

    def write_pages(
        self, pages: Iterable[ItemPage], stream: BinaryIO, header: ExportHeader
    ) -> int:
        """Write the same from pages; see :class:`.PageWriter`."""
        del header
        stream.write(b"[")
        written = write_elements(pages, stream)
        stream.write(b"]")
        return written


def _require_array(text: JsonParser) -> None:
    """Require that an array begins here.

    Raises:
        FileUnreadable: Something else does.
    """
    if text.peek() != "[":
        reason = "The file does not begin with '[', as a JSON array does."
        raise FileUnreadable(text.source, reason)


def _read_record(stream: BinaryIO, source: str) -> Iterator[Record | UnreadableRecord]:
    """Yield the one object that a file is."""
    text = JsonParser(stream, source=source)
    text.peek()
    value, raw, refused = text.value()
    fault = refused or find_record_fault(value, raw)
    text.done += 1
    yield make_unreadable(text.line_of(raw), fault, raw) if fault else value
    require_end(text, "'}'")
