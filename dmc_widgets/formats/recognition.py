"""What formats ask when they recognise a file: its name, its beginning, samples of it.

The content decides; the name of the file only breaks ties. Each format recognises its
own files, in *recognise*; :mod:`.registry` asks them one after another.

Portals and reporting tools write HTML tables into files called ``.xls``, Excel 2003
wrote XML, and a download that failed is a login page. Read as lines and cells such a
file would give records of markup, so it is refused by the name of what it is.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Sequence
from typing import Any, BinaryIO, Final, TypeVar

from ..errors import FileUnreadable
from ..model.reading_options import ReadingOptions, ReadingReport
from ..ports import FileSample
from .decoding import declared_encoding, decode_sample
from .encoding_detection import TextSamples

WORKBOOK_SUFFIXES: Final = (".xls", ".xlsx", ".xlsm")

_Facts = TypeVar("_Facts")

SAMPLE_BYTES: Final = 64 * 1024
"""How much of the beginning of a file formats see when they recognise it."""

_EXCERPT_CHARS: Final = 30
_REMEDY: Final = (
    "Open it in Excel or LibreOffice, and save it as an Excel workbook or as CSV."
)
_HTML_START: Final = re.compile(
    r"<(?:!doctype\s+html|html|head|body|meta|style|title|div|table|script)\b",
    re.IGNORECASE,
)
_XML_START: Final = re.compile(r"<\?xml\b|<(?:\w+:)?Workbook\b")
_OLD_SHEET_MAGIC: Final = (b"\t\x00", b"\t\x02", b"\t\x04", b"\t\x08")
"""How the worksheets of Excel 2 to 4 and the loose workbooks of Excel 5 begin."""


class Sample:
    """A :class:`~dmc_widgets.ports.FileSample` that opens streams for its formats."""

    def __init__(
        self,
        name: str,
        options: ReadingOptions,
        *,
        head: bytes,
        open_stream: Callable[[], BinaryIO],
        take_samples: Callable[[], TextSamples],
    ) -> None:
        self.name = name
        self.head = head
        self.options = options
        self.report = ReadingReport()
        self._open_stream = open_stream
        self._take_samples = take_samples
        self._facts: dict[Any, Any] = {}

    def has_suffix(self, *suffixes: str) -> bool:
        """Return True if the name ends in one of *suffixes*, in any case."""
        return self.name.lower().endswith(suffixes)

    def open(self) -> BinaryIO:
        """Open the file at its beginning; this closes what was opened before."""
        return self._open_stream()

    def text_samples(self) -> tuple[Sequence[bytes], bool]:
        """Return pieces of the text in their order, and whether they are all of it."""
        return self._take_samples()

    def once(self, inspect: Callable[[FileSample], _Facts]) -> _Facts:
        """Return the result of *inspect*, which is called once for this file."""
        if inspect not in self._facts:
            self._facts[inspect] = inspect(self)
        facts: _Facts = self._facts[inspect]
        return facts


def is_text_sample(head: bytes) -> bool:
    """Return True if the first bytes of a file named as a workbook are text."""
    return bool(declared_encoding(head)) or b"\0" not in head


def describe_unknown_content(sample: FileSample, expected: str) -> str:
    """Return the sentence that says how a file begins that no format recognises.

    Args:
        sample: The file.
        expected: What it should have been: ``JSON``.
    """
    stream = sample.open()
    head = sample.head.removeprefix(codecs.BOM_UTF8).lstrip(b" \t\r\n")
    stream.read(len(sample.head))
    while not head and (data := stream.read(len(sample.head) or 1)):
        head = data.lstrip(b" \t\r\n")
    if not head:
        return "The file is empty."
    # repr keeps control characters and bidirectional text from the screen.
    excerpt = repr(head.decode(errors="replace")[:_EXCERPT_CHARS])
    return f"This is not {expected}; it begins with {excerpt}."


def require_supported_text(sample: FileSample) -> None:
    """Refuse HTML, XML and other text that is neither a workbook nor lines of cells.

    Raises:
        FileUnreadable: The file is such a text; the error says what it is and what to
            do.
    """
    text = decode_sample(sample.head, declared_encoding(sample.head) or "ISO-8859-1")
    text = text.lstrip("\ufeff \t\r\n")
    if sample.head.startswith(_OLD_SHEET_MAGIC) and b"\0" in sample.head[:16]:
        content = "a worksheet of a very old Excel version"
    elif text.startswith("MIME-Version:"):
        content = "a web page in one file (MHTML)"
    else:
        content = _describe_markup(text) if text.startswith("<") else ""
    if content:
        reason = f"This is {content}, not an Excel workbook or CSV. {_REMEDY}"
        raise FileUnreadable(sample.name, reason)


def _describe_markup(text: str) -> str:
    is_xml = bool(_XML_START.match(text))
    if is_xml and "urn:schemas-microsoft-com:office:spreadsheet" in text:
        return "an XML spreadsheet of Excel 2003"
    if is_xml and "urn:oasis:names:tc:opendocument" in text:
        return "an OpenDocument spreadsheet in XML"
    if _HTML_START.match(text) or "<html" in text[:1000].lower():
        return "an HTML table" if "<table" in text.lower() else "an HTML page"
    return "XML" if is_xml else ""
