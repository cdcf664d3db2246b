"""One suite for every format, tried with texts and records that mean no good.

What a format can do is said once, in its line of :data:`KINDS`; whatever else a test
here asks, it asks of all. What only some have stands in the tests of these.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dmc_widgets.errors import FileError, FileUnreadable, UnknownName
from dmc_widgets.formats import FORMATS, format_named
from dmc_widgets.model.entity_type import OBJECT_ENTRY, EntityType, Field
from dmc_widgets.model.reading_options import Escapes, ReadingOptions
from dmc_widgets.model.record import UnreadableRecord
from dmc_widgets.ports import ExportHeader
from tests.formats.hostile import TEXTS


class Kind(NamedTuple):
    """What a format can do.

    Attributes:
        name: Of the format.
        has_types: A number or a boolean is read as one, and not as its text.
        has_empty: An empty text is another thing than null.
        streams: An item is in the file before the next one is asked for.
        has_end: A file that was cut off shows it, wherever the cut is.
        bad: A record, a bad one and a record, as somebody else would write them.
        place: How the message of the bad one begins.
    """

    name: str
    has_types: bool
    has_empty: bool
    streams: bool
    has_end: bool
    bad: bytes
    place: str


def workbook(*rows: list[str]) -> bytes:
    """Write rows below each other, the first one as names."""
    fields = tuple(Field(name=name) for name in "ab")
    items = [dict(zip("ab", row, strict=False)) for row in rows]
    stream = io.BytesIO()
    header = ExportHeader(entity_type=PLUM, fields=fields, include_headers=False)
    FORMATS["XLSX"].write(iter(items), stream, header)
    return stream.getvalue()


PLUM = EntityType(
    name="C_Plum", label="Plum", class_name=OBJECT_ENTRY, delegate="C_Plum"
)
OURS = ReadingOptions(escapes=Escapes.UNDO)
"""How a file is read that an export of ours has written."""

JSONT = b'{"configuration":{"className":"x"},"items":[{"a":"1"},7,{"a":"2"}]}'
KINDS = [
    Kind(
        "CSV",
        has_types=False,
        has_empty=False,
        streams=True,
        has_end=False,
        bad=b"a\r\n1\r\nx,y\r\n2\r\n",
        place="Line 3: ",
    ),
    Kind(
        "JSON",
        has_types=True,
        has_empty=True,
        streams=True,
        has_end=True,
        bad=b'[{"a":"1"},\n7,\n{"a":"2"}]',
        place="Line 2: ",
    ),
    Kind(
        "JSONL",
        has_types=True,
        has_empty=True,
        streams=True,
        has_end=False,
        bad=b'{"a":"1"}\n7\n{"a":"2"}\n',
        place="Line 2: ",
    ),
    Kind(
        "JSONT",
        has_types=True,
        has_empty=True,
        streams=True,
        has_end=True,
        bad=JSONT,
        place="Line 1: ",
    ),
    Kind(
        "XLSX",
        has_types=True,
        has_empty=False,
        streams=False,
        has_end=True,
        bad=workbook(["a"], ["1"], ["x", "y"], ["2"]),
        place="Row 3: ",
    ),
]

every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda each: each.name)
custom_or_not = pytest.mark.parametrize("custom", [True, False])


def written(kind: Kind, items: list[dict[str, Any]], *, custom: bool = False) -> bytes:
    names = sorted({name for item in items for name in item})
    header = ExportHeader(
        entity_type=PLUM,
        fields=tuple(Field(name=name, custom=custom) for name in names),
    )
    stream = io.BytesIO()
    assert FORMATS[kind.name].write(iter(items), stream, header) == len(items)
    return stream.getvalue()


def read(kind: Kind, data: bytes) -> list[Any]:
    found = FORMATS[kind.name].read(io.BytesIO(data), source="plums", options=OURS)
    return list(found)


def same(kind: Kind, value: Any, found: Any) -> bool:
    """Say whether *found* is *value* as the format can have it."""
    if value is None or (value == "" and not kind.has_empty):
        return found is None
    if isinstance(value, str):
        return type(found) is str and found == value
    if isinstance(value, bool):
        return found is value if kind.has_types else found == str(value).lower()
    if not kind.has_types and type(found) is not str:
        return False
    return bool(type(value)(repr(found) if type(found) is float else found) == value)


def test_the_suite_is_for_every_format() -> None:
    assert [kind.name for kind in KINDS] == list(FORMATS)


@every_kind
@custom_or_not
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_a_hostile_text_comes_back_as_it_was(
    kind: Kind, text: str, *, custom: bool
) -> None:
    """Between records that stay as they are."""
    items = [{"a": "x", "b": "1"}, {"a": text, "b": "2"}, {"a": "y", "b": "3"}]

    first, found, last = read(kind, written(kind, items, custom=custom))

    assert (first, last) == (items[0], items[2])
    assert same(kind, text, found["a"])
    assert found["b"] == "2"


CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\ufffe\uffff")
NASTY = st.text(st.sampled_from("\"',;\r\n=+-@\t '"), max_size=8)
PIECES = ["_x005F_", "_x0041_", "_", "x0041_", "<r>", "</r>", "\r\n", "=", "&amp;"]
VALUES = (
    st.none()
    | st.booleans()
    | NASTY
    | st.text(CHARACTERS, max_size=20)
    | st.lists(st.sampled_from(PIECES), max_size=5).map("".join)
    | st.integers(-(10**40), 10**40)
    | st.integers(-(10**15), 10**15)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.decimals(allow_nan=False, allow_infinity=False, places=18)
)


@every_kind
@custom_or_not
@settings(max_examples=60)
@given(rows=st.lists(st.tuples(VALUES, VALUES), min_size=1, max_size=8))
def test_what_was_written_is_read(
    kind: Kind, rows: list[tuple[Any, Any]], *, custom: bool
) -> None:
    """Every text, null and number, to its last digit, in the order of the items."""
    items = [{"a": first, "b": second, "c": "row"} for first, second in rows]

    found = read(kind, written(kind, items, custom=custom))

    assert len(found) == len(items)
    for item, record in zip(items, found, strict=True):
        assert record.keys() == item.keys()
        assert all(same(kind, item[name], record[name]) for name in "abc")


@every_kind
def test_a_bad_record_has_a_place_and_does_not_end_the_reading(kind: Kind) -> None:
    first, bad, last = read(kind, kind.bad)

    assert (first, last) == ({"a": "1"}, {"a": "2"})
    assert isinstance(bad, UnreadableRecord)
    assert bad.problem.code == "unreadable-record"
    assert bad.problem.message.startswith(kind.place)


@every_kind
def test_an_item_is_asked_for_when_the_one_before_is_done(kind: Kind) -> None:
    """A writer holds no list of them, and puts what it has into the file."""
    stream = io.BytesIO()
    sizes: list[int] = []

    def items() -> Iterator[dict[str, Any]]:
        for number in range(3):
            sizes.append(stream.tell())
            yield {"a": number}

    header = ExportHeader(entity_type=PLUM, fields=(Field(name="a"),))
    FORMATS[kind.name].write(items(), stream, header)

    assert (sizes[0] < sizes[1] < sizes[2]) is kind.streams


@every_kind
def test_no_items_are_a_file_of_no_records(kind: Kind) -> None:
    """Only JSON Lines have nothing to show for it: a file without a line is empty."""
    stream = io.BytesIO()
    header = ExportHeader(entity_type=PLUM, fields=(Field(name="a"),))

    assert FORMATS[kind.name].write([], stream, header) == 0

    if kind.name == "JSONL":
        assert stream.getvalue() == b""
    else:
        assert read(kind, stream.getvalue()) == []


@every_kind
def test_an_empty_stream_is_no_file_of_any_format(kind: Kind) -> None:
    with pytest.raises(FileUnreadable, match=r"^plums: The file is empty\.|begin"):
        read(kind, b"")


@every_kind
def test_a_cut_is_never_taken_for_a_record(kind: Kind) -> None:
    """Records before the cut are right, and where a file has an end it is missed."""
    items = [{"a": "čšž", "b": 'x "y"\n'}, {"a": "=1", "b": "2"}, {"a": "3", "b": "4"}]
    data = written(kind, items)
    for end in range(1, len(data), 1 if kind.streams else 97):
        found: list[Any] = []
        error = ""
        try:
            stream = io.BytesIO(data[:end])
            for each in FORMATS[kind.name].read(stream, source="plums", options=OURS):
                found.append(each)
        except FileError as exc:
            error = str(exc)
        sound = [each for each in found if not isinstance(each, UnreadableRecord)]
        assert sound[:-1] == items[: len(sound[:-1])], end
        assert error.startswith("plums: ") or not kind.has_end, end


def test_formats_stand_in_the_order_of_the_form() -> None:
    assert [
        (each.name, each.extension, each.can_read) for each in FORMATS.values()
    ] == [
        ("CSV", "csv", True),
        ("JSON", "json", True),
        ("JSONL", "jsonl", True),
        ("JSONT", "batch-engine-data.json", True),
        ("XLSX", "xlsx", True),
    ]


def test_a_format_is_found_in_any_case() -> None:
    assert format_named("jsonl") is FORMATS["JSONL"]


def test_an_unknown_format_lists_the_known() -> None:
    with pytest.raises(UnknownName) as caught:
        format_named("XML")

    assert str(caught.value) == (
        "There is no format named 'XML'. Known: CSV, JSON, JSONL, JSONT, XLSX."
    )
