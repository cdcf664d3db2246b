"""Many records read at once are those that would be read one by one."""

from __future__ import annotations

import io
import json
from decimal import Decimal
from typing import Any

import pytest

from dmc_widgets.formats import FORMATS
from dmc_widgets.formats.json import bulk_parser
from dmc_widgets.formats.json.bulk_parser import parse_elements, parse_lines
from dmc_widgets.model.record import UnreadableRecord

DEEP = b'{"a":' + b"[" * 199 + b"]" * 199 + b"}"


@pytest.mark.parametrize(
    ("lines", "records"),
    [
        pytest.param(b'{"a":1}', [{"a": 1}], id="one"),
        pytest.param(b'{"a":1}\r\n {"b":null}\t', [{"a": 1}, {"b": None}], id="blanks"),
        pytest.param(b'{"a":18446744073709551615}', [{"a": 2**64 - 1}], id="64-bit"),
        pytest.param(b'{"a":0.30000000000000004}', [{"a": 0.1 + 0.2}], id="17-digits"),
        pytest.param(DEEP, [json.loads(DEEP)], id="200-levels"),
        pytest.param(
            b'{"a":[{}]}\n' * 200 + b"{}",
            [{"a": [{}]}] * 200 + [{}],
            id="many-brackets-in-all",
        ),
    ],
)
def test_sound_lines_are_read_at_once(lines: bytes, records: list[Any]) -> None:
    assert parse_lines(lines) == records


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b'{"a":1}\n\n{"b":1}', id="blank-line"),
        pytest.param(b'{"a":1},{"b":2}', id="two-in-a-line"),
        pytest.param(b'{"a":1}],[{"b":2}', id="brackets-that-are-ours"),
        pytest.param(b'{"a":[1\n2]},{"b":1}', id="one-over-two-lines-and-two-in-one"),
        pytest.param(b'{"a":[1\n2]},7,{"b":1}', id="a-number-where-the-mark-would-be"),
        pytest.param(b'{"a":1}\n[2]', id="no-object"),
        pytest.param(b'{"a":1}\n{"a":"\\ud800"}', id="half-a-pair"),
        pytest.param(b'{"a":1}\n{"a":"\xff"}', id="no-utf-8"),
        pytest.param(b'{"a":12345678901234567890.5}', id="22-digits"),
        pytest.param(b'{"a":18446744073709551616}', id="beyond-64-bit"),
        pytest.param(b'{"a":[1e-400]}', id="below-a-float"),
        pytest.param(b"{}\n" + DEEP.replace(b"[]", b"[[]]"), id="201-levels"),
        pytest.param(b'{"a":' + b"[" * 300 + b"]" * 300 + b"}", id="300-levels"),
    ],
)
def test_doubtful_lines_are_left_to_the_exact_parser(lines: bytes) -> None:
    assert parse_lines(lines) == []


def test_array_is_read_up_to_its_last_whole_element() -> None:
    """What follows the last joint may go on beyond the text, and is left."""
    text = '[{"a":1}, {"a":2} ,\n{"a":3'

    assert parse_elements(text, 1) == ([{"a": 1}, {"a": 2}], 17)


def test_object_within_may_begin_as_the_element_does() -> None:
    text = '{"a":[{"a":1},{"a":2}]},{"a":[{"a":1},{"a":'

    assert parse_elements(text, 0) == ([{"a": [{"a": 1}, {"a": 2}]}], 23)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('{"a":1}', id="last"),
        pytest.param('{"a":1},{"b":2}', id="another-first-key"),
        pytest.param('7,{"a":1},{"a":2}', id="no-object"),
        pytest.param('{"a":1.00000000000000000001},{"a":1}', id="many-digits"),
        pytest.param('{"a":oops},{"a":1}', id="malformed"),
        pytest.param('{"a":"},{"a":', id="joint-within-a-text"),
    ],
)
def test_doubtful_elements_are_left_to_the_exact_parser(text: str) -> None:
    assert parse_elements(text, 0) == ([], 0)


def read(name: str, data: bytes) -> list[Any]:
    stream = FORMATS[name].read(io.BytesIO(data), source="plums")
    return [x.problem.message if isinstance(x, UnreadableRecord) else x for x in stream]


@pytest.mark.parametrize("name", ["JSON", "JSONL"])
def test_bulk_and_exact_parser_give_the_same_records(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """A bad record amid thousands keeps its place, and the others their values."""
    records: list[Any] = [
        {"id": n, "price": n / 7, "to": [{"id": 1}, {"id": n}], "text": '},{"id":' * 9}
        for n in range(4000)
    ]
    records[1500] = {"id": Decimal("0.12345678901234567890123")}
    records[2500] = 7
    lines = [
        json.dumps(record, default=str).replace('"0.1', "0.1").replace('123"', "123")
        for record in records
    ]
    text = "[" + ",\n".join(lines) + "]" if name == "JSON" else "\n".join(lines)
    at_once = read(name, text.encode())
    monkeypatch.setattr(bulk_parser, "_load_values", lambda _: [])

    assert at_once == read(name, text.encode())
    records[2500] = "Line 2501: An object is expected, found a number."
    assert at_once == records
