"""JSON Lines: a bad line is one bad record, and the number of an editor names it."""

from __future__ import annotations

import io
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from dmc_widgets.formats import FORMATS
from dmc_widgets.formats.json.parser import CHUNK_BYTES
from dmc_widgets.model.outcome import Problem
from dmc_widgets.model.record import UnreadableRecord
from dmc_widgets.ports import ExportHeader

JSONL = FORMATS["JSONL"]


def read(data: bytes) -> list[Any]:
    """Return records, or the message of a bad one."""
    return [
        each.problem.message if isinstance(each, UnreadableRecord) else each
        for each in JSONL.read(io.BytesIO(data), source="plums.jsonl")
    ]


def test_every_line_is_ended(header: ExportHeader) -> None:
    stream = io.BytesIO()

    assert JSONL.write([{"a": 1, "b": None}, {"a": "č"}], stream, header) == 2
    assert stream.getvalue() == '{"a":1,"b":null}\n{"a":"č"}\n'.encode()


def test_no_items_are_an_empty_file(header: ExportHeader) -> None:
    stream = io.BytesIO()

    assert JSONL.write([], stream, header) == 0
    assert stream.getvalue() == b""


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b'{"a":1}\n{"a":2}\n', id="lf"),
        pytest.param(b'{"a":1}\n{"a":2}', id="last-line-not-ended"),
        pytest.param(b'{"a":1}\r\n{"a":2}\r\n', id="crlf"),
        pytest.param(b'\n{"a":1}\n \t\n\r\n{"a":2}\n\n', id="blank-lines"),
        pytest.param(b' {"a" : 1}\t\n\t{"a":2}', id="blanks-around"),
    ],
)
def test_line_is_a_record_and_a_blank_line_is_skipped(data: bytes) -> None:
    assert read(data) == [{"a": 1}, {"a": 2}]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        pytest.param(b"null", "An object is expected, found null.", id="null"),
        pytest.param(b"[1]", "An object is expected, found an array.", id="array"),
        pytest.param(b"17", "An object is expected, found a number.", id="number"),
        pytest.param(
            b'{"a":1} {"a":2}',
            "This is not valid JSON at column 9 (Extra data).",
            id="two-objects",
        ),
        pytest.param(
            b'{"a":',
            "This is not valid JSON at column 6 (Expecting value).",
            id="cut-off",
        ),
        pytest.param(
            b"plum,1", "This is not valid JSON at column 1 (Expecting value).", id="csv"
        ),
        pytest.param(b'{"a":NaN}', "NaN is not a JSON value.", id="nan"),
        pytest.param(
            b'{"a":"\xc4"}', "Byte 7 of the line is not UTF-8.", id="not-utf-8"
        ),
        pytest.param(
            rb'{"a":"\udc00"}',
            "A text holds half of a surrogate pair, which is not a character.",
            id="half-of-a-pair",
        ),
        pytest.param(
            b'{"a":' + b"1" * 5000 + b"}",
            "A number has more than 4,300 digits.",
            id="too-long-an-integer",
        ),
        pytest.param(
            b'{"a":' + b"[" * 200 + b"]" * 200 + b"}",
            "The record is nested more than 200 levels deep.",
            id="too-deep",
        ),
        pytest.param(
            b"[" * 5000, "The record is nested too deeply to be read.", id="bottomless"
        ),
    ],
)
def test_bad_line_is_reported_and_reading_continues(line: bytes, message: str) -> None:
    data = b'{"a":1}\n\n' + line + b'\n{"a":3}\n'

    assert read(data) == [{"a": 1}, f"Line 3: {message}", {"a": 3}]


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("1.5", 1.5),
        ("-0.0", -0.0),
        ("1e5", 100000.0),
        ("123456789012345", 123456789012345),
        ("12345678901234567890123", 12345678901234567890123),
        ("-9223372036854775809", -9223372036854775809),
        ("0.1234567890123456", 0.1234567890123456),
        ("0.30000000000000004", 0.30000000000000004),
        ("0.3000000000000000444", Decimal("0.3000000000000000444")),
        ("1.10000000000000000000", 1.1),
        ("1e400", Decimal("1e400")),
        ("-1E+400", Decimal("-1e400")),
        ("1e-400", Decimal("1e-400")),
        ("4.5E-0330", Decimal("4.5e-330")),
        ("0e-400", 0.0),
    ],
)
def test_number_keeps_its_digits(number: str, expected: object) -> None:
    """A float where it holds the number exactly, a Decimal where it does not."""
    (plain, spaced, nested) = read(
        f'{{"a":{number}}}\n{{"a": {number} }}\n{{"a":[{number},1]}}'.encode()
    )

    for found in (plain["a"], spaced["a"], nested["a"][0]):
        assert (type(found), found) == (type(expected), expected)


def test_report_gets_the_beginning_of_a_bad_line() -> None:
    (found,) = JSONL.read(io.BytesIO(b"oops" * 1000 + b"\n"), source="plums.jsonl")

    assert found == UnreadableRecord(
        Problem(
            "unreadable-record",
            "Line 1: This is not valid JSON at column 1 (Expecting value).",
        ),
        "oops" * 500,
    )


@pytest.mark.parametrize("shift", range(24))
def test_border_between_two_pieces_may_fall_anywhere(shift: int) -> None:
    long = '{"a":"' + "x" * (CHUNK_BYTES - 9 - shift) + '"}\n'
    data = (long + '{"č":"😀"}\r\n\n{"b":2}').encode()

    assert read(data)[1:] == [{"č": "😀"}, {"b": 2}]


@pytest.mark.parametrize("end", [b'\n{"a":3}\n', b'\n{"a":3}'])
@pytest.mark.parametrize("size", [2**20, 2**22, 5_000_000])
def test_line_larger_than_the_limit_is_one_bad_record(
    monkeypatch: pytest.MonkeyPatch, size: int, end: bytes
) -> None:
    monkeypatch.setattr(
        "dmc_widgets.formats.json.lines_format.RECORD_LIMIT_BYTES", 2**20
    )

    found = read(b'{"a":1}\n{"a":[' + b'"x",' * (size // 4) + b'"x"]}' + end)

    assert found == [{"a": 1}, "Line 2: The line is larger than 1 MiB.", {"a": 3}]


def test_name_decides_where_the_first_line_is_bad(
    messages: Callable[..., list[Any]],
) -> None:
    """In a file named .jsonl, a line with an array is a bad record."""
    assert messages(b'[1]\noops\n{"a":1}\n', "plums.jsonl") == [
        "Line 1: An object is expected, found an array.",
        "Line 2: This is not valid JSON at column 1 (Expecting value).",
        {"a": 1},
    ]
