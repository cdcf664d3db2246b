"""Detect how a CSV file was written: its encoding, delimiter and quotes.

Nothing is guessed silently: people see what was detected, and can choose otherwise.
The beginning of the file decides; for its encoding see
:mod:`~dmc_widgets.formats.encoding_detection`.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import replace
from itertools import islice
from typing import NamedTuple

from ...model.reading_options import ReadingOptions
from ..decoding import decode_sample
from ..encoding_detection import detect_encoding
from ..recognition import SAMPLE_BYTES

_DELIMITERS = (",", ";", "\t", "|")
_SAMPLE_RECORDS = 100
_DECLARED = re.compile(r"\A(\"?)sep=([^\w\s\"']|\t)\1(?:\r\n?|\n)", re.IGNORECASE)
_SINGLE_QUOTED = re.compile(r"(?:\A|[\n,;\t|])'[^'\r\n]*'(?=[\r\n,;\t|]|\Z)")
_DECIMAL = re.compile(r"[+-]?[0-9.' ]*,[0-9]+")


class _DelimiterFit(NamedTuple):
    """How well a delimiter suits a sample; the greatest is the best.

    Attributes:
        alike: The share of records as wide as the first one.
        clean: The share of cells that hold no other delimiter.
        width: Cells of the first record.
    """

    alike: float
    clean: float
    width: int


def detect_dialect(sample: bytes, options: ReadingOptions) -> ReadingOptions:
    """Fill in what *options* leave open, from the first bytes of a file.

    Args:
        sample: The first bytes; ``SAMPLE_BYTES`` are plenty, and a cut character at the
            end is harmless.
        options: The options that a person chose, which stay.
    """
    is_whole = len(sample) < SAMPLE_BYTES
    encoding = options.encoding or detect_encoding([sample], is_whole=is_whole).encoding
    text = decode_sample(sample, encoding)
    stated = declared_delimiter(text.removeprefix("\ufeff"))
    text = "".join(islice(io.StringIO(text, newline=""), options.skip_lines, None))
    enclosing = options.enclosing_character
    if not enclosing:
        enclosing = _detect_enclosing(text, options.delimiter)
    delimiter = options.delimiter or stated or _detect_delimiter(text, enclosing)
    return replace(
        options,
        encoding=encoding,
        delimiter=delimiter,
        enclosing_character=enclosing,
    )


def declared_delimiter(text: str) -> str:
    """Return the delimiter that a first line ``sep=;`` declares, in quotes or not."""
    match = _DECLARED.match(text)
    return match[2] if match else ""


def _detect_enclosing(text: str, delimiter: str) -> str:
    if "'" in delimiter or '"' in text:
        return '"' if '"' not in delimiter else "'"
    quoted = len(_SINGLE_QUOTED.findall(text))
    return "'" if quoted >= 2 else '"'


def _detect_delimiter(text: str, enclosing: str) -> str:
    fits = {
        delimiter: _measure_fit(text, delimiter, enclosing) for delimiter in _DELIMITERS
    }
    best = max(_DELIMITERS, key=fits.__getitem__)
    return best if fits[best].width > 1 else _DELIMITERS[0]


def _measure_fit(text: str, delimiter: str, enclosing: str) -> _DelimiterFit:
    records = _sample_records(text, delimiter, enclosing)
    if not records or len(records[0]) < 2:
        return _DelimiterFit(0, 0, 1)
    widths = Counter(map(len, records))
    width = len(records[0])
    cells = [cell for record in records for cell in record if cell]
    others = [other for other in _DELIMITERS if other != delimiter]
    dirty = sum(_has_other_delimiter(cell, others) for cell in cells)
    clean = 1 - dirty / len(cells) if cells else 1
    return _DelimiterFit(round(widths[width] / len(records), 1), round(clean, 1), width)


def _has_other_delimiter(cell: str, others: list[str]) -> bool:
    return any(other in cell for other in others) and not _DECIMAL.fullmatch(cell)


def _sample_records(text: str, delimiter: str, enclosing: str) -> list[list[str]]:
    """Return whole records of the sample's beginning; what is malformed counts once."""
    lines = text.splitlines(keepends=True)
    if len(lines) > 1 and len(text) >= SAMPLE_BYTES // 4:
        lines.pop()  # it may be cut off
    reader = csv.reader(lines, delimiter=delimiter, quotechar=enclosing, strict=True)
    records: list[list[str]] = []
    while len(records) < _SAMPLE_RECORDS:
        try:
            records.extend(islice(filter(None, reader), _SAMPLE_RECORDS - len(records)))
        except csv.Error:
            records.append([])
        else:
            break
    return records
