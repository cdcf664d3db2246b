"""XLS: what cannot be evaluated fails its record there, too."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.errors import FileUnreadable
from dmc_widgets.formats.source import open_source
from dmc_widgets.model.record import UnreadableRecord
from dmc_widgets.tasks.imports.file_head import read_head

TEXT = b"\0\0\0\0\0\0\xff\xff"
TRUE = b"\1\0\1\0\0\0\xff\xff"
ERROR = b"\2\0\x07\0\0\0\xff\xff"
NOTHING = b"\3\0\0\0\0\0\xff\xff"
RECALCULATED = struct.pack("<HHI", 0x01C1, 0, 0x1E8C3)


def record(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def label(row: int, column: int, text: str) -> bytes:
    head = struct.pack("<HHHHB", row, column, 0, len(text), 1)
    return record(0x0204, head + text.encode("utf-16-le"))


def formula(row: int, column: int, result: bytes, text: str = "") -> bytes:
    head = struct.pack("<HHH", row, column, 0)
    code = struct.pack("<HIHBH", 0, 0, 3, 0x1E, 1)  # the number 1
    found = record(0x0006, head + result + code)
    if text:
        size = struct.pack("<HB", len(text), 1)
        found += record(0x0207, size + text.encode("utf-16-le"))
    return found


def number(row: int, column: int, value: float, *, day: bool = False) -> bytes:
    return record(0x0203, struct.pack("<HHHd", row, column, int(day), value))


def packed_number(row: int, column: int, value: int, *, day: bool = False) -> bytes:
    return record(0x027E, struct.pack("<HHHI", row, column, int(day), value << 2 | 2))


def book(
    *sheets: tuple[str, list[bytes]],
    active: int = 0,
    hidden: int = -1,
    is_calculated: bool = False,
    from_1904: bool = False,
) -> bytes:
    """Make the stream of a workbook."""
    begin = record(0x0809, struct.pack("<HHHHII", 0x0600, 5, 0, 0, 0, 0))
    begin += record(0x0042, struct.pack("<H", 1200))
    begin += record(0x003D, struct.pack("<9H", 0, 0, 0, 0, 0, active, 0, 1, 600))
    begin += record(0x0022, struct.pack("<H", int(from_1904)))
    for format_ in (0, 14):
        begin += record(0x00E0, struct.pack("<HH16x", 0, format_))
    begin += record(0x01C1, RECALCULATED) if is_calculated else b""
    parts = [
        record(0x0809, struct.pack("<HHHHII", 0x0600, 0x10, 0, 0, 0, 0))
        + record(0x0200, struct.pack("<IIHHH", 0, 99, 0, 9, 0))
        + b"".join(cells)
        + record(0x000A, b"")
        for _, cells in sheets
    ]
    names = [name.encode("utf-16-le") for name, _ in sheets]
    at = len(begin) + sum(12 + len(name) for name in names) + 4
    for place, (name, part) in enumerate(zip(names, parts, strict=True)):
        head = struct.pack("<IBBBB", at, int(place == hidden), 0, len(name) // 2, 1)
        begin += record(0x0085, head + name)
        at += len(part)
    return begin + record(0x000A, b"") + b"".join(parts)


def xls(stream: bytes) -> bytes:
    """Put a stream into a file system of one file."""
    stream = stream.ljust(4096, b"\0")
    count = -(-len(stream) // 512)
    end, free = 0xFFFFFFFE, 0xFFFFFFFF
    table = [0xFFFFFFFD, end, *range(3, count + 2), end]
    assert len(table) <= 128
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16
    header += struct.pack(
        "<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, end, 0, end, 0
    )
    header += struct.pack("<109I", 0, *[free] * 108)

    def entry(name: str, kind: int, first: int, size: int, child: int) -> bytes:
        text = (name + "\0").encode("utf-16-le")
        head = text.ljust(64, b"\0") + struct.pack("<HBB", len(text), kind, 1)
        return (
            head
            + struct.pack("<III", free, free, child)
            + bytes(36)
            + struct.pack("<III", first, size, 0)
        )

    folder = entry("Root Entry", 5, end, 0, 1) + entry(
        "Workbook", 2, 2, len(stream), free
    )
    fat = struct.pack("<128I", *table, *[free] * (128 - len(table)))
    return header + fat + folder.ljust(512, b"\0") + stream.ljust(count * 512, b"\0")


def shown(found: list[Any]) -> list[Any]:
    return [x.problem.message if isinstance(x, UnreadableRecord) else x for x in found]


HEAD = [label(0, 0, "code"), label(0, 1, "stock")]


def no_result(cell: str) -> str:
    return (
        f"Cell {cell} of the sheet 'Data' holds a formula without a stored result. "
        "Open the file in Excel or LibreOffice, recalculate and save it, or paste the "
        "values over the formulas."
    )


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        pytest.param(
            formula(1, 1, struct.pack("<d", 7)), {"code": "P", "stock": 7}, id="number"
        ),
        pytest.param(formula(1, 1, TRUE), {"code": "P", "stock": True}, id="boolean"),
        pytest.param(formula(1, 1, TEXT, "x"), {"code": "P", "stock": "x"}, id="text"),
        pytest.param(formula(1, 1, NOTHING), no_result("B2"), id="nothing"),
        pytest.param(formula(1, 1, TEXT), no_result("B2"), id="text-missing"),
        pytest.param(
            formula(1, 1, ERROR),
            "Cell B2 holds an error. Correct its formula, or empty the cell.",
            id="error",
        ),
        pytest.param(
            record(0x0205, struct.pack("<HHHBB", 1, 1, 0, 0x2A, 1)),
            "Cell B2 holds an error. Correct its formula, or empty the cell.",
            id="error-constant",
        ),
        pytest.param(
            record(0x0205, struct.pack("<HHHBB", 1, 1, 0, 1, 0)),
            {"code": "P", "stock": True},
            id="boolean-constant",
        ),
        pytest.param(number(1, 1, 60), {"code": "P", "stock": 60}, id="sixty"),
        pytest.param(
            number(1, 1, 60, day=True),
            "Cell B2 of the sheet 'Data' holds the date 29 February 1900, a day that "
            "never was. Correct the date.",
            id="leap-day",
        ),
        pytest.param(
            packed_number(1, 1, 60, day=True),
            "Cell B2 of the sheet 'Data' holds the date 29 February 1900, a day that "
            "never was. Correct the date.",
            id="leap-day-packed",
        ),
        pytest.param(
            packed_number(1, 1, 61, day=True),
            {"code": "P", "stock": "1900-03-01"},
            id="day-after",
        ),
    ],
)
def test_cell_without_a_value_fails_its_record(
    read_file: Callable[..., list[Any]], cell: bytes, expected: Any
) -> None:
    rows = [*HEAD, label(1, 0, "P"), cell, label(2, 0, "Q"), number(2, 1, 5)]

    found = read_file(xls(book(("Data", rows))), "plums.xls")

    assert shown(found) == [expected, {"code": "Q", "stock": 5}]


def test_empty_text_is_a_result_where_excel_calculated(
    read_file: Callable[..., list[Any]],
) -> None:
    rows = [*HEAD, label(1, 0, "P"), formula(1, 1, NOTHING)]
    made = book(("Data", rows), is_calculated=True)

    assert read_file(xls(made), "plums.xls") == [{"code": "P", "stock": None}]


def test_active_sheet_is_read(tmp_path: Path) -> None:
    sheets = [(name, [label(0, 0, "a"), label(1, 0, name)]) for name in ("A", "B", "C")]
    path = tmp_path / "plums.xls"
    path.write_bytes(xls(book(*sheets, active=1, hidden=2)))

    head = read_head(path)

    assert head.records == ({"a": "B"},)
    assert [sheet.label for sheet in head.workbook_sheets] == ["A", "B", "C (hidden)"]
    assert head.warnings == (
        "Only the sheet 'B' is read. The workbook has others with data: 'A', "
        "'C' (hidden).",
    )


def test_days_count_from_1904_where_the_workbook_says_so(
    read_file: Callable[..., list[Any]],
) -> None:
    rows = [label(0, 0, "day"), number(1, 0, 60, day=True)]
    made = book(("Data", rows), from_1904=True)

    assert read_file(xls(made), "plums.xls") == [{"day": "1904-03-01"}]


def test_damaged_file_raises_only_file_errors(tmp_path: Path) -> None:
    rows = [*HEAD, label(1, 0, "P"), formula(1, 1, NOTHING)]
    sound = xls(book(("Data", rows)))
    path = tmp_path / "plums.xls"
    refused = 0
    for place in range(0, 2400, 3):
        damaged = bytearray(sound)
        damaged[place] ^= 0xFF
        path.write_bytes(damaged)
        try:
            with open_source(path) as source:
                list(source.records())
        except FileUnreadable:
            refused += 1

    assert refused > 0
