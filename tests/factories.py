"""Builders of definitions and files that several tests work with."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import orjson
import pytest

from dmc_widgets.ports import Item


def definition(name: str, *fields: Item, **properties: Any) -> Item:
    """Return a published object definition; its code is its name in capitals.

    Args:
        name: The short name of the object.
        fields: The object fields, as ``dmc_widgets.testing.samples.field`` makes them.
        properties: Further properties, or other values for these.
    """
    return {
        "externalReferenceCode": name.upper(),
        "name": name,
        "label": {"en_US": name},
        "pluralLabel": {"en_US": f"{name}s"},
        "scope": "company",
        "status": {"code": 0},
        "objectFields": list(fields),
        **properties,
    }


def field_settings(**values: Any) -> list[Item]:
    """Return the list of names and values in which Liferay states settings."""
    return [{"name": name, "value": value} for name, value in values.items()]


def json_lines(*records: Item) -> bytes:
    """Return *records* as JSON Lines."""
    return b"".join(orjson.dumps(record) + b"\n" for record in records)


def write_json(path: Path, records: Any) -> Path:
    """Write *records* to a JSON file and return its path."""
    path.write_text(json.dumps(records))
    return path


def zip_archive(name: str, data: bytes) -> bytes:
    """Return a zip with one entry."""
    return bytes(zip_file((name, data)))


def zip_file(
    *entries: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED
) -> bytearray:
    """Return a zip of entries, each a name and its content, with a fixed date."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, data in entries:
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return bytearray(stream.getvalue())


def workbook(rows: Iterable[Sequence[object]], sheet: str | None = None) -> bytes:
    """Return an XLSX file of one sheet: numbers as numbers, texts as texts.

    Args:
        rows: The rows, one below the other; None leaves a cell out.
        sheet: The name of the sheet; *Sheet1* when it is left out.
    """
    stream = io.BytesIO()
    with import_module("xlsxwriter").Workbook(stream, {"in_memory": True}) as book:
        page = book.add_worksheet(sheet)
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                if isinstance(value, str):
                    page.write_string(number, column, value)
                elif value is not None:
                    page.write(number, column, value)
    return stream.getvalue()


def shrink_json_pieces(
    monkeypatch: pytest.MonkeyPatch, *, large: int, piece: int, chunk: int
) -> None:
    """Read JSON in pieces so small that everything is cut somewhere.

    Args:
        monkeypatch: Restores the sizes after the test.
        large: From how many bytes on a text is large.
        piece: The bytes that are read at once.
        chunk: The bytes of a large text that are held at once.
    """
    sizes = {"LARGE_TEXT_BYTES": large, "PIECE_BYTES": piece, "CHUNK_BYTES": chunk}
    for module, names in {
        "parser": tuple(sizes),
        "lines_format": tuple(sizes),
        "text_spool": ("LARGE_TEXT_BYTES", "PIECE_BYTES"),
    }.items():
        for name in names:
            monkeypatch.setattr(
                f"dmc_widgets.formats.json.{module}.{name}", sizes[name]
            )
