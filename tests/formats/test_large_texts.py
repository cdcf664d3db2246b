"""Texts too large to hold: they pass through in pieces, and lose nothing."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dmc_widgets.errors import FileBroken
from dmc_widgets.formats import FORMATS
from dmc_widgets.formats.json.values import to_json
from dmc_widgets.model.record import LargeText, UnreadableRecord
from dmc_widgets.ports import ExportHeader, Item
from tests.factories import shrink_json_pieces

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


def test_large_text_may_be_spelled_whole() -> None:
    """Where an item is a message of its own."""
    assert json.loads(to_json({"a": large(ODD)})) == {"a": ODD}


def test_printing_shows_the_beginning() -> None:
    """A report or a table is no place for a file."""
    assert str(large("0123456789abc")) == "0123456789…"
    assert repr(large("0123456789abc")) == "LargeText(13 bytes)"


# Reading


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make 40 bytes large, and pieces so small that everything is cut somewhere."""
    shrink_json_pieces(monkeypatch, large=40, piece=7, chunk=16)


def read(name: str, data: bytes) -> list[Any]:
    """Read *data*, large texts in their places; a bad record is its reason."""
    stream = io.BytesIO(data)
    found = list(FORMATS[name].read(stream, source="plums"))
    return [
        each.problem.message if isinstance(each, UnreadableRecord) else each
        for each in found
    ]


def loaded(value: Any) -> Any:
    """Load the large texts of *value*."""
    if isinstance(value, dict):
        return {key: loaded(each) for key, each in value.items()}
    if isinstance(value, list):
        return [loaded(each) for each in value]
    return value.whole() if isinstance(value, LargeText) else value


def in_format(name: str, records: list[Any], *, escaped: bool) -> bytes:
    """Write *records* as others do, with blanks, and escapes where asked for."""
    lines = [json.dumps(record, ensure_ascii=escaped) for record in records]
    joined = ",\n".join(lines)
    text = {
        "JSON": f"[{joined}]",
        "JSONL": "".join(f"{line}\n" for line in lines),
        "JSONT": f'{{"configuration":{{"className":"Plum"}},"items":[{joined}]}}',
    }
    return text[name].encode()


texts = st.text(
    st.one_of(
        st.sampled_from('"\\/{}[],:\n\t\0äß🦉'),
        st.characters(codec="utf-8"),
    ),
    max_size=150,
)
records = st.lists(
    st.dictionaries(
        st.text("abc", max_size=3),
        st.one_of(texts, st.integers(), st.none(), st.lists(texts, max_size=3)),
        max_size=4,
    ),
    min_size=1,
    max_size=4,
)


@pytest.mark.usefixtures("narrow")
@pytest.mark.parametrize("format_", ["JSON", "JSONL", "JSONT"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(records, st.booleans())
def test_texts_come_as_they_were_written_large_or_not(
    format_: str, expected: list[Any], escaped: bool
) -> None:
    """Wherever a piece ends: within a character, an escape, half of a pair."""
    data = in_format(format_, expected, escaped=escaped)

    found = read(format_, data)

    assert [loaded(each) for each in found] == expected


@pytest.mark.usefixtures("narrow")
@pytest.mark.parametrize("format_", ["JSON", "JSONL", "JSONT"])
def test_large_text_is_not_loaded(format_: str) -> None:
    """It tells its size and its beginning."""
    record = {"a": {"b": ["x" * 100 + "/"]}, "c": 1.5}
    data = in_format(format_, [record], escaped=False).replace(b"/", b"\\/")

    found = read(format_, data)[0]

    text = found["a"]["b"][0]
    assert isinstance(text, LargeText)
    assert (text.size, text.beginning) == (101, "x" * 60)
    assert text.whole() == text.whole() == "x" * 100 + "/"
    assert found["c"] == 1.5


@pytest.mark.usefixtures("narrow")
def test_text_that_looks_like_a_mark_stays_a_text() -> None:
    """Marks hold a random word, so that no file can name another one's text."""
    found = read("JSONL", b'{"a":"(text of 50 bytes 0123456789abcdef:0)"}\n' * 3)

    assert [loaded(each)["a"] for each in found] == (
        ["(text of 50 bytes 0123456789abcdef:0)"] * 3
    )


LONG = "x" * 60
BAD = [
    pytest.param(f"{LONG}\\x", "Invalid \\escape", id="no-escape"),
    pytest.param(f"{LONG}\\u12g4{LONG}", "Invalid \\escape", id="no-code"),
    pytest.param(f"{LONG}\x01", "Invalid control character", id="control"),
    pytest.param(f"{LONG}\n", "Invalid control character", id="line-end"),
]


@pytest.mark.usefixtures("narrow")
@pytest.mark.parametrize(("text", "reason"), [BAD[0], *BAD[2:]])
def test_large_text_that_is_not_json_breaks_an_array(text: str, reason: str) -> None:
    """As a small one does; the message names record and place."""
    with pytest.raises(FileBroken) as caught:
        read("JSON", f'[{{"a":1}},\n {{"a":"{text}"}}]'.encode())

    assert str(caught.value) == (
        f"plums: Record 2 is not valid JSON ({reason}), in a large text after line 2, "
        "column 2. The record before it is complete."
    )


@pytest.mark.usefixtures("narrow")
@pytest.mark.parametrize(("text", "reason"), BAD[:3])
def test_large_text_that_is_not_json_is_a_bad_line(text: str, reason: str) -> None:
    """And reading goes on behind it."""
    data = f'{{"a":1}}\n{{"a":"{text}"}}\n{{"a":3}}\n'.encode()

    assert read("JSONL", data) == [
        {"a": 1},
        f"Line 2: A large text is not valid JSON ({reason}).",
        {"a": 3},
    ]


@pytest.mark.usefixtures("narrow")
def test_large_binary_data_is_a_bad_line() -> None:
    """UTF-8 is asked of every byte."""
    data = b'{"a":"' + b"x" * 60 + b"\xff" + b"x" * 60 + b'"}\n{"a":2}\n'

    assert read("JSONL", data) == [
        "Line 1: A large text is not valid JSON (a byte that is not UTF-8).",
        {"a": 2},
    ]


@pytest.mark.usefixtures("narrow")
@pytest.mark.parametrize("format_", ["JSON", "JSONL", "JSONT"])
@pytest.mark.parametrize("half", ["\\ud83d", "\\ude00", "\\ud83d\\ud83d"])
def test_lone_surrogate_in_a_large_text_is_a_bad_record(
    format_: str, half: str
) -> None:
    """Where a small text with one is a bad record, too."""
    for text in (f"{LONG}{half}", f"{LONG}{half}{LONG}"):
        data = in_format(format_, [{"a": "HERE"}, {"b": 2}], escaped=False)

        found = read(format_, data.replace(b"HERE", text.encode()))

        assert found == [
            "Line 1: A text holds half of a surrogate pair, which is not a character.",
            {"b": 2},
        ]


@pytest.mark.usefixtures("narrow")
@pytest.mark.parametrize(
    ("tail", "reason"),
    [
        ("", "The file ends within record 1."),
        ('", "b"', "The file ends within record 1."),
        (
            '", b}]',
            "Record 1 is not valid JSON (Expecting property name enclosed in double "
            "quotes), line 1, column 111.",
        ),
        (
            '",\n b}]',
            "Record 1 is not valid JSON (Expecting property name enclosed in double "
            "quotes), line 2, column 2.",
        ),
        (
            '"}, {"c":"' + "y" * 90 + '"}, b]',
            "Record 3 is not valid JSON (Expecting value), line 1, column 212. The 2 "
            "records before it are complete.",
        ),
    ],
)
def test_places_after_a_large_text_are_those_of_the_file(
    tail: str, reason: str
) -> None:
    """Though what stood there is elsewhere by then."""
    with pytest.raises(FileBroken) as caught:
        read("JSON", ('[{"a":"' + "x" * 100 + tail).encode())

    assert str(caught.value) == f"plums: {reason}"


@pytest.mark.usefixtures("narrow")
def test_large_text_alone_is_not_a_record() -> None:
    """Nor is a large key a large text: nothing is mapped from it."""
    found = read("JSON", json.dumps(["x" * 100, {"y" * 100: 1}]).encode())

    assert found[0] == "Line 1: An object is expected, found a text."
    assert list(found[1].values()) == [1]


@pytest.mark.usefixtures("narrow")
def test_disk_space_of_a_large_text_is_released() -> None:
    """As soon as nobody holds the record any more."""

    def open_files() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    before = open_files()
    found = read("JSONL", json.dumps({"a": "x" * 100, "b": "y" * 90}).encode())
    while_held = open_files()
    del found

    assert while_held - before == 2
    assert open_files() == before
