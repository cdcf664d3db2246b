"""JSON: one array, read to its end, with a place for whatever is wrong in it."""

from __future__ import annotations

import io
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from dmc_widgets.errors import FileBroken, FileUnreadable
from dmc_widgets.formats import FORMATS
from dmc_widgets.formats.json.parser import CHUNK_BYTES
from dmc_widgets.model.record import UnreadableRecord
from dmc_widgets.ports import ExportHeader

JSON = FORMATS["JSON"]


def read(data: bytes) -> tuple[list[Any], str]:
    """Return records, or the message of a bad one, and what ended the reading."""
    found: list[Any] = []
    try:
        for each in JSON.read(io.BytesIO(data), source="plums.json"):
            found.append(
                each.problem.message if isinstance(each, UnreadableRecord) else each
            )
    except FileBroken as exc:
        return found, str(exc)
    return found, ""


def test_one_array_is_written_without_white_space(header: ExportHeader) -> None:
    stream = io.BytesIO()

    written = JSON.write([{"a": 1, "b": None}, {"a": "č"}], stream, header)

    assert written == 2
    assert stream.getvalue() == '[{"a":1,"b":null},{"a":"č"}]'.encode()


def test_no_items_are_an_empty_array(header: ExportHeader) -> None:
    stream = io.BytesIO()

    assert JSON.write([], stream, header) == 0
    assert stream.getvalue() == b"[]"
    assert read(b"[]") == ([], "")


def test_decimals_are_written_with_all_digits(header: ExportHeader) -> None:
    stream = io.BytesIO()

    JSON.write([{"a": Decimal("0.10000000000000000001"), "b": 10**30}], stream, header)

    assert stream.getvalue() == (
        b'[{"a":0.10000000000000000001,"b":1000000000000000000000000000000}]'
    )


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity"), {1: 2}, {3}])
def test_values_outside_of_json_are_not_written(
    value: Any, header: ExportHeader
) -> None:
    """Writing null in its place would lose it; it is a mistake of the program."""
    with pytest.raises(TypeError):
        JSON.write([{"a": value}], io.BytesIO(), header)


@pytest.mark.parametrize(
    ("element", "message"),
    [
        pytest.param("5", "An object is expected, found a number.", id="integer"),
        pytest.param("-1.5e3", "An object is expected, found a number.", id="number"),
        pytest.param("null", "An object is expected, found null.", id="null"),
        pytest.param("true", "An object is expected, found a boolean.", id="boolean"),
        pytest.param('"x"', "An object is expected, found a text.", id="text"),
        pytest.param("[{}]", "An object is expected, found an array.", id="array"),
        pytest.param('{"a":NaN}', "NaN is not a JSON value.", id="nan"),
        pytest.param('{"a":-Infinity}', "-Infinity is not a JSON value.", id="inf"),
        pytest.param(
            r'{"a":"x\ud83d"}',
            "A text holds half of a surrogate pair, which is not a character.",
            id="half-of-a-pair",
        ),
        pytest.param(
            r'{"\uDE00":1}',
            "A text holds half of a surrogate pair, which is not a character.",
            id="half-of-a-pair-in-a-key",
        ),
        pytest.param(
            '{"a":' + "9" * 4301 + "}",
            "A number has more than 4,300 digits.",
            id="too-long-an-integer",
        ),
        pytest.param(
            '{"a":1e99999}', "A number has more than 4,300 digits.", id="exponent"
        ),
        pytest.param(
            '{"a":1e-9999999999999999999999}',
            "A number has more than 4,300 digits.",
            id="exponent-beyond-decimals",
        ),
        pytest.param(
            '{"a":' + "[" * 200 + "]" * 200 + "}",
            "The record is nested more than 200 levels deep.",
            id="too-deep",
        ),
    ],
)
def test_element_that_is_not_an_object_is_reported_and_reading_continues(
    element: str, message: str
) -> None:
    """Liferay's reader ends the import at such an element without a word."""
    data = f'[{{"a":1}},\n{element}\n,{{"a":3}}]'

    assert read(data.encode()) == ([{"a": 1}, f"Line 2: {message}", {"a": 3}], "")


@pytest.mark.parametrize(
    ("data", "records", "message"),
    [
        pytest.param(
            '[{"a":1},{"a":2}',
            2,
            "The file ends without the closing ']'. "
            "The 2 records before it are complete.",
            id="cut-behind-a-record",
        ),
        pytest.param(
            '[{"a":1},',
            1,
            "The file ends within record 2. The record before it is complete.",
            id="cut-behind-a-comma",
        ),
        pytest.param(
            '[{"a":1},{"a":"pl',
            1,
            "The file ends within record 2. The record before it is complete.",
            id="cut-in-a-text",
        ),
        pytest.param("[", 0, "The file ends within record 1.", id="bracket-alone"),
        pytest.param(
            '[{"a":1},\n {"a" 2}]',
            1,
            "Record 2 is not valid JSON (Expecting ':' delimiter), line 2, column 7. "
            "The record before it is complete.",
            id="malformed",
        ),
        pytest.param(
            '[{"a":1}\n\n  {"a":2}]',
            1,
            "Expected ',' or ']', found '{', line 3, column 3. "
            "The record before it is complete.",
            id="no-comma",
        ),
        pytest.param(
            '[{"a":1},]',
            1,
            "Record 2 is not valid JSON (Expecting value), line 1, column 10. "
            "The record before it is complete.",
            id="comma-too-many",
        ),
        pytest.param(
            '[{"a":1}]\n[{"a":2}]',
            1,
            "Other text follows the closing ']', line 2, column 1. "
            "The record before it is complete.",
            id="text-behind-the-array",
        ),
        pytest.param(
            '[{"a":"x\ny"}]',
            0,
            "Record 1 is not valid JSON (Invalid control character at), "
            "line 1, column 9.",
            id="line-end-in-a-text",
        ),
        pytest.param(
            "[" + "[" * 5000,
            0,
            "Record 1 is nested too deeply to be read, line 1, column 2.",
            id="thousands-of-levels",
        ),
    ],
)
def test_broken_array_names_the_place(data: str, records: int, message: str) -> None:
    """Everything before the fault is yielded first."""
    found, error = read(data.encode())

    assert found == [{"a": number} for number in range(1, records + 1)]
    assert error == f"plums.json: {message}"


def test_byte_that_is_not_utf_8_ends_the_file_at_its_place() -> None:
    found, error = read(b'[{"a":1},{"a":"\xff"}]')

    assert found == [{"a": 1}]
    assert error == (
        "plums.json: Byte 16 of the file is not UTF-8. "
        "The record before it is complete."
    )


def test_something_else_than_an_array_is_refused() -> None:
    with pytest.raises(FileUnreadable) as caught:
        list(JSON.read(io.BytesIO(b'{"a":1}'), source="plums.json"))

    assert str(caught.value) == (
        "plums.json: The file does not begin with '[', as a JSON array does."
    )


def test_last_of_equal_keys_wins() -> None:
    """As in Liferay."""
    assert read(b'[{"a":1,"a":2}]') == ([{"a": 2}], "")


@pytest.mark.parametrize("shift", range(40))
def test_border_between_two_pieces_may_fall_anywhere(shift: int) -> None:
    """A record, a number, an escape or a character may be cut by it."""
    record = '{"č":-12.5e-3,"t":true,"u":"\\u010d\\"😀"}'
    padding = " " * (CHUNK_BYTES - 1 - shift)

    assert read(f"[{padding}{record},12]".encode()) == (
        [
            {"č": -0.0125, "t": True, "u": 'č"😀'},
            "Line 1: An object is expected, found a number.",
        ],
        "",
    )


def test_lines_and_columns_are_counted_across_pieces() -> None:
    line = '{"a":"' + "x" * 1000 + '"},\n'
    found, error = read(("[" + line * 1000 + "   oops]").encode())

    assert len(found) == 1000
    assert error == (
        "plums.json: Record 1,001 is not valid JSON (Expecting value), "
        "line 1,001, column 4. The 1,000 records before it are complete."
    )


def test_record_larger_than_the_limit_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Else one missing quotation mark would bring the whole file into memory."""
    monkeypatch.setattr("dmc_widgets.formats.json.parser.RECORD_LIMIT_BYTES", 2**20)

    found, error = read(b'[{"a":1},{"a":[' + b'"x",' * 2**20 + b'"x"]}]')

    assert found == [{"a": 1}]
    assert error == (
        "plums.json: Record 2 is larger than 1 MiB, line 1, column 10. "
        "The record before it is complete."
    )


def test_array_named_json_is_read_from_a_file(
    read_file: Callable[..., list[Any]],
) -> None:
    assert read_file(b' \n[ {"a": 1} , {"a": 2} ] \n') == [{"a": 1}, {"a": 2}]
