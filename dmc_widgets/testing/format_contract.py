"""What every format has to do, with texts and records that mean no good."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ..errors import FileError, FileUnreadable
from ..model.entity_type import OBJECT_ENTRY, EntityType, Field
from ..model.reading_options import Escapes, ReadingOptions
from ..model.record import UnreadableRecord
from ..ports import ExportHeader, Format
from .hostile_texts import TEXTS

PLUM = EntityType(
    name="C_Plum", label="Plum", class_name=OBJECT_ENTRY, delegate="C_Plum"
)
OWN_FILE = ReadingOptions(escapes=Escapes.UNDO)
"""How a file is read that the format itself has written."""

_CHARACTERS = st.characters(
    exclude_categories=["Cs"], exclude_characters="\ufffe\uffff"
)
_DELIMITERS = st.text(st.sampled_from("\"',;\r\n=+-@\t '"), max_size=8)
_PIECES = ["_x005F_", "_x0041_", "_", "x0041_", "<r>", "</r>", "\r\n", "=", "&amp;"]
_VALUES = (
    st.none()
    | st.booleans()
    | _DELIMITERS
    | st.text(_CHARACTERS, max_size=20)
    | st.lists(st.sampled_from(_PIECES), max_size=5).map("".join)
    | st.integers(-(10**40), 10**40)
    | st.integers(-(10**15), 10**15)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.decimals(allow_nan=False, allow_infinity=False, places=18)
)
_ROWS = st.lists(st.tuples(_VALUES, _VALUES), min_size=1, max_size=8)

custom_or_not = pytest.mark.parametrize("custom", [True, False])


class FormatContract:
    r"""The tests that a format passes; derive from it and say what it can do.

    ::

        class TestYaml(FormatContract):
            format = YamlFormat()
            broken_file = b"- a: '1'\n- 7\n- a: '2'\n"
            broken_place = "Line 2: "

    Attributes:
        format: The format.
        has_types: Whether a number or a boolean is read as one, not as its text.
        has_empty: Whether an empty text is another thing than null.
        streams: Whether an item is in the file before the next one is asked for.
        has_end: Whether a file that was cut off shows it, wherever the cut is.
        empty_file: What no items are written as, where a file without items is
            none of the format; None where it can be read.
        broken_file: A record, a bad one and a record: ``a`` is "1" and "2".
        broken_place: How the message of the bad one begins.
    """

    format: ClassVar[Format]
    has_types: ClassVar[bool] = True
    has_empty: ClassVar[bool] = True
    streams: ClassVar[bool] = True
    has_end: ClassVar[bool] = True
    empty_file: ClassVar[bytes | None] = None
    broken_file: ClassVar[bytes]
    broken_place: ClassVar[str]

    def written(self, items: list[dict[str, Any]], *, custom: bool = False) -> bytes:
        """Return the file that the format makes of *items*."""
        names = sorted({name for item in items for name in item})
        header = ExportHeader(
            entity_type=PLUM,
            fields=tuple(Field(name=name, custom=custom) for name in names),
        )
        stream = io.BytesIO()
        assert self.format.write(iter(items), stream, header) == len(items)
        return stream.getvalue()

    def read(self, data: bytes) -> list[Any]:
        """Return the records of a file that the format has written."""
        stream = io.BytesIO(data)
        return list(self.format.read(stream, source="plums", options=OWN_FILE))

    def is_same(self, value: Any, read_value: Any) -> bool:
        """Return True if *read_value* is *value* as the format can hold it."""
        if value is None or (value == "" and not self.has_empty):
            return read_value is None
        if isinstance(value, str):
            return type(read_value) is str and read_value == value
        if isinstance(value, bool):
            as_text: bool = read_value == str(value).lower()
            return read_value is value if self.has_types else as_text
        if not self.has_types and type(read_value) is not str:
            return False
        number = repr(read_value) if type(read_value) is float else read_value
        return bool(type(value)(number) == value)

    @custom_or_not
    @pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
    def test_hostile_text_comes_back_unchanged(
        self, text: str, *, custom: bool
    ) -> None:
        """Between records that stay as they are."""
        items = [{"a": "x", "b": "1"}, {"a": text, "b": "2"}, {"a": "y", "b": "3"}]

        first, middle, last = self.read(self.written(items, custom=custom))

        assert (first, last) == (items[0], items[2])
        assert self.is_same(text, middle["a"])
        assert middle["b"] == "2"

    @custom_or_not
    @settings(max_examples=60)
    @given(rows=_ROWS)
    def test_written_records_are_read_again(
        self, rows: list[tuple[Any, Any]], *, custom: bool
    ) -> None:
        """Every text, null and number, to its last digit, in the order of the items."""
        items = [{"a": first, "b": second, "c": "row"} for first, second in rows]

        records = self.read(self.written(items, custom=custom))

        assert len(records) == len(items)
        for item, record in zip(items, records, strict=True):
            assert record.keys() == item.keys()
            assert all(self.is_same(item[name], record[name]) for name in "abc")

    def test_bad_record_has_a_place_and_does_not_end_the_reading(self) -> None:
        first, bad, last = self.read(self.broken_file)

        assert (first, last) == ({"a": "1"}, {"a": "2"})
        assert isinstance(bad, UnreadableRecord)
        assert bad.problem.code == "unreadable-record"
        assert bad.problem.message.startswith(self.broken_place)

    def test_item_is_written_before_the_next_is_asked_for(self) -> None:
        """A writer holds no list of them, and puts what it has into the file."""
        stream = io.BytesIO()
        sizes: list[int] = []

        def items() -> Iterator[dict[str, Any]]:
            for number in range(3):
                sizes.append(stream.tell())
                yield {"a": number}

        header = ExportHeader(entity_type=PLUM, fields=(Field(name="a"),))
        self.format.write(items(), stream, header)

        assert (sizes[0] < sizes[1] < sizes[2]) is self.streams

    def test_no_items_are_a_file_of_no_records(self) -> None:
        stream = io.BytesIO()
        header = ExportHeader(entity_type=PLUM, fields=(Field(name="a"),))

        assert self.format.write([], stream, header) == 0

        if self.empty_file is None:
            assert self.read(stream.getvalue()) == []
        else:
            assert stream.getvalue() == self.empty_file

    def test_empty_stream_is_refused(self) -> None:
        with pytest.raises(FileUnreadable, match=r"^plums: The file is empty\.|begin"):
            self.read(b"")

    def test_cut_file_gives_no_wrong_record(self) -> None:
        """Records before the cut are right; a format with an end misses it."""
        items = [
            {"a": "čšž", "b": 'x "y"\n'},
            {"a": "=1", "b": "2"},
            {"a": "3", "b": "4"},
        ]
        data = self.written(items)
        for end in range(1, len(data), 1 if self.streams else 97):
            records, error = self._read_cut(data[:end])
            sound = [item for item in records if not isinstance(item, UnreadableRecord)]
            assert sound[:-1] == items[: len(sound[:-1])], end
            assert error.startswith("plums: ") or not self.has_end, end

    def _read_cut(self, data: bytes) -> tuple[list[Any], str]:
        """Return the records that come before the error, and its text."""
        records: list[Any] = []
        try:
            stream = io.BytesIO(data)
            for record in self.format.read(stream, source="plums", options=OWN_FILE):
                records.append(record)
        except FileError as exc:
            return records, str(exc)
        return records, ""
