"""Small valid files of every format, plain and packed, for mutations to damage."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from importlib import import_module
from typing import Any

from dmc_widgets.formats import FORMATS
from dmc_widgets.model.entity_type import OBJECT_ENTRY, EntityType, Field
from dmc_widgets.model.reading_options import DETECT_ALL, ReadingOptions
from dmc_widgets.ports import ExportHeader

_FIELDS = (
    Field(name="externalReferenceCode"),
    Field(name="title", custom=True),
    Field(name="priority", type="Integer", custom=True),
    Field(name="price", type="PrecisionDecimal", custom=True),
    Field(name="day", type="Date", custom=True),
    Field(name="status", custom=True, parts=("key", "name")),
    Field(name="tags", custom=True, parts=("key_1", "name_1", "key_2", "name_2")),
)
_HEADER = ExportHeader(
    entity_type=EntityType(
        name="C_Ticket", label="Ticket", class_name=OBJECT_ENTRY, delegate="C_Ticket"
    ),
    fields=_FIELDS,
)
ITEMS: list[dict[str, Any]] = [
    {
        "externalReferenceCode": f"T-{number}",
        "title": title,
        "priority": number * 10**number,
        "price": Decimal("123456789012.345678901234567890") * number,
        "day": f"19{number:02}-02-0{number}",
        "status": {"key": "open", "name": "Open"} if number % 2 else None,
        "tags": [{"key": "a", "name": "Ä"}, {"key": "b", "name": "B"}][: number % 3],
    }
    for number, title in enumerate(
        [
            "plum",
            'x "y", z;\r\n]}',
            "=1+1",
            "čšž 名",
            "😀 \u202eשלום",
            "{[",
            "a\tb",
            "'",
        ],
        start=1,
    )
]


@dataclass(frozen=True, slots=True)
class Sample:
    """A valid file.

    Attributes:
        name: As a person would call it; its ending tells the format.
        data: Its bytes.
        options: How it is read.
    """

    name: str
    data: bytes
    options: ReadingOptions = DETECT_ALL


def samples() -> list[Sample]:
    """Return every file, each also alone in a zip and in gzip."""
    plain = [*_json(), *_tables(), *_workbooks(), *_parquet()]
    return [
        packed
        for each in plain
        for packed in (
            each,
            Sample(f"{each.name}.zip", _zipped(each), each.options),
            Sample(f"{each.name}.gz", gzip.compress(each.data, mtime=0), each.options),
        )
    ]


def _json() -> list[Sample]:
    indented = _written("JSON").replace(b"},{", b"\n  },\n  {\n    ")
    return [
        Sample("compact.json", _written("JSON")),
        Sample("indented.json", indented),
        Sample("lines.jsonl", _written("JSONL")),
        Sample("returns.jsonl", _written("JSONL").replace(b"\n", b"\r\n\r\n")),
        Sample("tickets.batch-engine-data.json", _written("JSONT")),
    ]


def _tables() -> list[Sample]:
    text = _written("CSV").decode()
    european = text.encode("cp1252", "replace").replace(b",", b";")
    told = ReadingOptions(delimiter=",", enclosing_character='"', encoding="UTF-8")
    bare = ReadingOptions(headers=False)
    return [
        Sample("comma.csv", text.encode()),
        Sample("told.csv", text.encode(), told),
        Sample("headless.csv", text.encode(), bare),
        Sample("mark.csv", text.encode("utf-8-sig")),
        Sample("semicolon.csv", european),
        Sample("stated.csv", b"sep=;\r\n" + european),
        Sample("tab.tsv", text.replace(",", "\t").encode("utf-16")),
        Sample("wide.csv", text.encode("utf-16-be")),
        Sample(
            "two.csv", text.replace(",", "::").encode(), ReadingOptions(delimiter="::")
        ),
    ]


def _workbooks() -> list[Sample]:
    return [
        Sample("ours.xlsx", _written("XLSX")),
        Sample("headless.xlsx", _written("XLSX"), ReadingOptions(headers=False)),
        Sample("shared.xlsx", _shared_texts()),
    ]


def _parquet() -> list[Sample]:
    return [Sample("ours.parquet", _written("PARQUET", _WHOLE_CENTS))]


_WHOLE_CENTS: list[dict[str, Any]] = [
    item | {"price": item["price"].quantize(Decimal("0.01"))} for item in ITEMS
]
"""The same with prices that a column of 16 places holds."""


def _written(name: str, items: Sequence[dict[str, Any]] = ITEMS) -> bytes:
    stream = io.BytesIO()
    FORMATS[name].write(iter(items), stream, _HEADER)
    return stream.getvalue()


def _shared_texts() -> bytes:
    """Make a workbook as others do: texts apart from cells, two sheets, dates."""
    stream = io.BytesIO()
    xlsxwriter = import_module("xlsxwriter")
    with xlsxwriter.Workbook(stream) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for name in ("Tickets", "More"):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, ["externalReferenceCode", "title", "priority", "day"])
            for row, item in enumerate(ITEMS, start=1):
                sheet.write_string(row, 0, item["externalReferenceCode"])
                sheet.write_string(row, 1, item["title"])
                sheet.write_number(row, 2, item["priority"])
                sheet.write_number(row, 3, 40_000 + row / 7, day)
    return stream.getvalue()


def _zipped(sample: Sample) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            zipfile.ZipInfo(sample.name), sample.data, zipfile.ZIP_DEFLATED
        )
    return stream.getvalue()
