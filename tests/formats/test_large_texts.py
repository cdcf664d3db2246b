"""Texts too large to hold: they pass through in pieces, and lose nothing."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from decimal import Decimal

import pytest

from dmc_widgets.formats import FORMATS
from dmc_widgets.formats.json_values import to_json
from dmc_widgets.model.large_text import LargeText
from dmc_widgets.ports import ExportHeader, Item

ODD = 'quote " backslash \\ line\nend, tab\t, nul \0, umlaut ä, owl 🦉'


def large(text: str, piece: int = 7) -> LargeText:
    data = text.encode()

    def pieces() -> Iterator[bytes]:
        return (data[at : at + piece] for at in range(0, len(data), piece))

    return LargeText(len(data), text[:10], pieces)


@pytest.mark.parametrize("format_", ["JSON", "JSONL", "JSONT"])
def test_large_texts_are_written_as_small_ones_are(
    header: ExportHeader, format_: str
) -> None:
    """Byte by byte, wherever they stand, whatever they hold."""
    written = []
    for text in (ODD, large(ODD), large(ODD, 1)):
        items: list[Item] = [
            {"a": text, "b": [1, {"c": text}], "d": Decimal("1.50")},
            {"a": "small", "n": 2**70, "e": text},
        ]
        stream = io.BytesIO()
        assert FORMATS[format_].write(items, stream, header) == 2
        written.append(stream.getvalue())

    assert written[0] == written[1] == written[2]


def test_a_large_text_may_be_spelled_whole() -> None:
    """Where an item is a message of its own."""
    assert json.loads(to_json({"a": large(ODD)})) == {"a": ODD}


def test_printing_shows_the_beginning() -> None:
    """A report or a table is no place for a file."""
    assert str(large("0123456789abc")) == "0123456789…"
    assert repr(large("0123456789abc")) == "LargeText(13 bytes)"
