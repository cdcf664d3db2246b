"""What the formats of JSON values keep to: values in values, digits, and places."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dmc_widgets.errors import FileError, FileUnreadable
from dmc_widgets.formats import FORMATS
from dmc_widgets.formats.zip_writer import PageWriter
from dmc_widgets.model.entity_type import OBJECT_ENTRY, EntityType, Field
from dmc_widgets.model.item_pages import JsonLines
from dmc_widgets.model.outcome import Problem
from dmc_widgets.model.record import UnreadableRecord
from dmc_widgets.ports import ExportHeader, Format

HOSTILE: dict[str, dict[str, Any]] = {
    "no-field": {},
    "null-is-kept": {"a": None},
    "empty-text": {"a": ""},
    "empty-key": {"": 1},
    "quotes": {"a": "\"'`", 'b"': 1},
    "brackets-in-texts": {"a": "]}{[", "b": '"items": [', "c": "},{"},
    "backslashes": {"a": "\\", "b": '\\"', "c": "\\u0041"},
    "control-characters": {"a": "\x00\x01\x1f\x7f", "b": "\b\f\n\r\t"},
    "line-ends": {"a": "x\r\ny\rz\n", "b": "\u2028\u2029\x85"},
    "beyond-the-basic-plane": {"a": "😀", "ключ": "čćžšđ", "b": "\U0010ffff"},
    "byte-order-mark": {"a": "\ufeff", "\ufeffb": 1},
    "right-to-left": {"a": "\u202etxt.exe"},
    "formula": {"a": "=1+1", "b": "+1", "c": "-1", "d": "@x"},
    "markup": {"a": "<script>alert(1)</script>"},
    "numbers-as-texts": {"a": "007", "b": "1e3", "c": "NaN"},
    "zero": {"a": 0, "b": 0.0, "c": -1},
    "booleans-are-no-numbers": {"a": True, "b": 1, "c": False, "d": 0},
    "64-bit": {"a": 2**63 - 1, "b": -(2**63), "c": 2**64 - 1},
    "beyond-64-bit": {"a": 2**64, "b": -(10**40), "c": [{"d": 10**25}]},
    "16-digits": {"a": 1234567890123456, "b": 0.1234567890123456},
    "float-with-17-digits": {"a": 0.30000000000000004},
    "30-digits": {"a": Decimal("123456789012345.678901234567890123")},
    "30-digits-nested": {"a": [{"b": Decimal("9.87654321098765432109876543210")}]},
    "beyond-a-float": {"a": Decimal("1E+400"), "b": Decimal("1E-400")},
    "looks-like-a-small-number": {"a": "12e-345", "b": [" 1e-345"]},
    "nested": {"a": {"b": {"c": [[], {}, [None]]}}},
    "200-levels": {"a": json.loads("[" * 199 + "]" * 199)},
    "many-fields": {f"field{number}": number for number in range(2000)},
    "long-text": {"a": "plum " * 100_000},
    "class-words": {"configuration": {"x": 1}, "items": [1], "actions": None},
}

READABLE = [FORMATS[name] for name in ("JSON", "JSONL", "JSONT")]
HEADER = ExportHeader(
    entity_type=EntityType(
        name="C_Plum", label="Plum", class_name=OBJECT_ENTRY, delegate="C_Plum"
    ),
    fields=(),
)

every_format = pytest.mark.parametrize(
    "format_", READABLE, ids=lambda each: each.info.name
)


def written(format_: Format, items: list[dict[str, Any]]) -> bytes:
    stream = io.BytesIO()
    assert format_.write(iter(items), stream, HEADER) == len(items)
    return stream.getvalue()


def read(format_: Format, data: bytes) -> list[Any]:
    return list(format_.read(io.BytesIO(data), source="plums"))


def typed(value: Any) -> Any:
    """Tell True from 1, 1 from 1.0 and a float from a Decimal."""
    if isinstance(value, dict):
        return {key: typed(each) for key, each in value.items()}
    if isinstance(value, list):
        return [typed(each) for each in value]
    return (type(value), value)


@every_format
@pytest.mark.parametrize("record", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_record_survives_a_round_trip(
    format_: Format, record: dict[str, Any]
) -> None:
    """Texts, digits, types, nulls and the order of fields survive."""
    back = read(format_, written(format_, [{"first": 1}, record, {"last": 1}]))

    assert typed(back) == typed([{"first": 1}, record, {"last": 1}])
    assert list(back[1]) == list(record)


@every_format
def test_pages_are_written_as_their_items(format_: Format) -> None:
    """Whether a page is JSON already or a list of items; any may be empty."""
    items: list[dict[str, Any]] = [{"a": 1}, {"a": "x\ny"}, {"a": []}, {"a": None}]
    lines = [JsonLines(b'{"a":1}\n{"a":"x\\ny"}\n', 2), JsonLines(b'{"a":[]}\n', 1)]
    stream = io.BytesIO()
    assert isinstance(format_, PageWriter)

    assert format_.write_pages([[], *lines, items[3:], []], stream, HEADER) == 4
    assert stream.getvalue() == written(format_, items)


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**40), 10**40)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3)
    ),
    max_leaves=8,
)


@every_format
@settings(max_examples=100, deadline=None)
@given(items=st.lists(st.dictionaries(TEXTS, VALUES, max_size=5), min_size=1))
def test_written_items_are_read_back(
    format_: Format, items: list[dict[str, Any]]
) -> None:
    """Any items of JSON values come back, in their order."""
    assert typed(read(format_, written(format_, items))) == typed(items)


@every_format
@settings(max_examples=200, deadline=None)
@given(number=st.decimals(allow_nan=False, allow_infinity=False, places=18))
def test_no_digit_of_a_decimal_is_lost(format_: Format, number: Decimal) -> None:
    """Whether a float would do or not, the number read equals the one written."""
    (back,) = read(format_, written(format_, [{"a": number}]))

    assert Decimal(repr(back["a"]) if type(back["a"]) is float else back["a"]) == number


@every_format
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_utf_16_is_named(format_: Format, encoding: str) -> None:
    data = written(format_, [{"a": "plum"}]).decode().encode(encoding)

    with pytest.raises(FileUnreadable) as caught:
        read(format_, data)

    assert str(caught.value) == (
        "plums: The file is UTF-16 or UTF-32 text. Save it as UTF-8."
    )


@every_format
def test_byte_order_mark_is_passed_over(format_: Format) -> None:
    data = b"\xef\xbb\xbf" + written(format_, [{"a": "plum"}])

    assert read(format_, data) == [{"a": "plum"}]


SMALL: list[dict[str, Any]] = [
    {"code": "P-1", "name": "čšž", "price": 1.5, "big": 10**30},
    {"code": "P-2", "tags": [{"key": "a"}, None, True], "note": 'a "b" {c}\\'},
    {"code": "P-3", "price": Decimal("0.12345678901234567890")},
]


def outcome(format_: Format, data: bytes) -> tuple[list[Any], str]:
    """Read as far as it goes, and say what ended it; only our errors may."""
    found: list[Any] = []
    try:
        for each in format_.read(io.BytesIO(data), source="plums"):
            assert type(each) in {dict, UnreadableRecord}
            found.append(each)
    except FileError as exc:
        return found, str(exc)
    return found, ""


@every_format
def test_truncated_file_gives_no_wrong_record(format_: Format) -> None:
    """Records before the cut are right, and the cut is reported, never hidden.

    A cut between two lines of JSON Lines leaves a whole file.
    """
    data = written(format_, SMALL)
    for end in range(len(data)):
        records, error = outcome(format_, data[:end])
        sound = [
            record for record in records if not isinstance(record, UnreadableRecord)
        ]
        assert sound == SMALL[: len(sound)], end
        is_reported = error.startswith("plums: ") or len(sound) < len(records)
        assert is_reported or format_.info.name == "JSONL", end


@pytest.mark.parametrize("record", HOSTILE.values(), ids=HOSTILE.keys())
def test_csv_holds_every_value_in_one_line(record: dict[str, Any]) -> None:
    """Whatever stands in an item, CSV gives a line with a cell for each field."""
    names = ["number", *record]
    header = ExportHeader(
        entity_type=HEADER.entity_type,
        fields=tuple(Field(name=name) for name in names),
    )
    stream = io.BytesIO()

    FORMATS["CSV"].write([{"number": 1, **record}] * 2, stream, header)

    text = io.StringIO(stream.getvalue().decode(), newline="")
    usual = csv.field_size_limit(10**6)
    lines = list(csv.reader(text, strict=True))
    csv.field_size_limit(usual)
    assert [len(line) for line in lines] == [len(names)] * 3


def test_excerpt_of_an_unreadable_record_is_limited() -> None:
    (found,) = read(FORMATS["JSON"], b'["' + b"x" * 5000 + b'"]')

    assert found == UnreadableRecord(
        Problem("unreadable-record", "Line 1: An object is expected, found a text."),
        '"' + "x" * 1999,
    )
