"""Text that programs call a workbook or a table, and that is a page or XML.

Portals and reporting tools write HTML tables into files called ``.xls``, Excel 2003
wrote XML, and a download that failed is a login page. Read as lines and cells such a
file would give records of markup, so it is named for what it is.
"""

from __future__ import annotations

import re
from typing import Final

from .detection import decoded
from .encodings import marked_encoding

_OPEN: Final = (
    "Open it in Excel or LibreOffice, and save it as an Excel workbook or as CSV."
)
_HTML: Final = re.compile(
    r"<(?:!doctype\s+html|html|head|body|meta|style|title|div|table|script)\b",
    re.IGNORECASE,
)
_XML: Final = re.compile(r"<\?xml\b|<(?:\w+:)?Workbook\b")
_OLD_SHEETS: Final = (b"\t\x00", b"\t\x02", b"\t\x04", b"\t\x08")
"""How the worksheets of Excel 2 to 4 and the loose workbooks of Excel 5 begin."""


def describe_foreign(sample: bytes) -> str:
    """Say what a file is that is neither a workbook nor lines of cells.

    Args:
        sample: The first bytes of the file.

    Returns:
        What it is and what to do, in sentences; empty for any other file.
    """
    text = decoded(sample, marked_encoding(sample) or "ISO-8859-1")
    text = text.lstrip("\ufeff \t\r\n")
    if sample.startswith(_OLD_SHEETS) and b"\0" in sample[:16]:
        what = "a worksheet of a very old Excel version"
    elif text.startswith("MIME-Version:"):
        what = "a web page in one file (MHTML)"
    else:
        what = _markup(text) if text.startswith("<") else ""
    return f"This is {what}, not an Excel workbook or CSV. {_OPEN}" if what else ""


def _markup(text: str) -> str:
    is_xml = bool(_XML.match(text))
    if is_xml and "urn:schemas-microsoft-com:office:spreadsheet" in text:
        return "an XML spreadsheet of Excel 2003"
    if is_xml and "urn:oasis:names:tc:opendocument" in text:
        return "an OpenDocument spreadsheet in XML"
    if _HTML.match(text) or "<html" in text[:1000].lower():
        return "an HTML table" if "<table" in text.lower() else "an HTML page"
    return "XML" if is_xml else ""
