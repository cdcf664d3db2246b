"""What CSV keeps to, with texts that mean no good and files that were damaged."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dmc_widgets.errors import FileUnreadable, InvalidPlan
from dmc_widgets.formats import FORMATS
from dmc_widgets.model.entity_type import OBJECT_ENTRY, EntityType, Field
from dmc_widgets.model.reading_options import Escapes, ReadingOptions, ShortRows
from dmc_widgets.model.record import UnreadableRecord
from dmc_widgets.objects.text import split_list_cell
from dmc_widgets.ports import ExportHeader
from dmc_widgets.testing.hostile_texts import TEXTS

CSV = FORMATS["CSV"]
WRITTEN = ReadingOptions(
    delimiter=",",
    enclosing_character='"',
    encoding="UTF-8",
    escapes=Escapes.UNDO,
)


def written(items: list[dict[str, Any]], *fields: Field) -> bytes:
    header = ExportHeader(
        entity_type=EntityType(name="C_Plum", label="Plum", class_name=OBJECT_ENTRY),
        fields=fields,
    )
    stream = io.BytesIO()
    assert CSV.write(iter(items), stream, header) == len(items)
    return stream.getvalue()


def read(data: bytes, options: ReadingOptions = WRITTEN) -> list[Any]:
    return list(CSV.read(io.BytesIO(data), source="plums.csv", options=options))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param(123456789012345678, "123456789012345678", id="18-digits"),
        pytest.param(
            Decimal("123456789012345.678901234567890"),
            "123456789012345.678901234567890",
            id="30-digits",
        ),
        pytest.param(True, "true", id="boolean"),
        pytest.param("1899-12-31T23:59:59.000Z", "1899-12-31T23:59:59.000Z", id="old"),
    ],
)
def test_no_digit_is_lost(value: Any, text: str) -> None:
    """Cells are texts; the target's type makes of them what it needs."""
    assert read(written([{"a": value}], Field(name="a"))) == [{"a": text}]


def test_columns_of_one_field_are_one_field_again() -> None:
    status = {"key": "ripe", "name": "Ripe"}
    tags = [{"key": "a", "name": "A"}, {"key": "b", "name": "B"}]
    items: list[dict[str, Any]] = [
        {"status": status, "tags": tags},
        {"status": None, "tags": tags[:1]},
        {"status": status, "tags": None},
    ]
    fields = (
        Field(name="status", parts=("key", "name")),
        Field(name="tags", parts=("key_1", "name_1", "key_2", "name_2")),
    )

    assert read(written(items, *fields)) == items


@pytest.mark.parametrize(
    ("names", "record"),
    [
        pytest.param("a,a.b", {"a": "1", "a.b": "2"}, id="part-of-a-plain-field"),
        pytest.param("a.b.c,a.b", {"a": {"b": "2"}, "a.b.c": "1"}, id="part-of-a-part"),
        pytest.param("a.b,a.b.c", {"a": {"b": "1"}, "a.b.c": "2"}, id="and-before-it"),
        pytest.param(
            "a_i18n_de,a_i18n.de",
            {"a_i18n": {"de": "1"}, "a_i18n.de": "2"},
            id="one-place-twice",
        ),
        pytest.param(
            "a.key_1,a.other", {"a": {"key_1": "1", "other": "2"}}, id="list-or-object"
        ),
        pytest.param(
            "a.key_1,a.key_1.b",
            {"a": [{"key": "1"}], "a.key_1.b": "2"},
            id="part-of-a-list",
        ),
        pytest.param("a.,.b", {"a.": "1", ".b": "2"}, id="no-part"),
    ],
)
def test_conflicting_columns_lose_no_cell(names: str, record: dict[str, Any]) -> None:
    assert read(f"{names}\n1,2\n".encode()) == [record]


def test_file_that_ends_in_a_quoted_value_is_reported() -> None:
    (found,) = read(b'a,b\r\n1,"2\r\n3')

    assert isinstance(found, UnreadableRecord)
    assert found.problem.message == 'Line 2: The " that opens here is never closed.'
    assert found.text == '1,"2\r\n3'


@pytest.mark.parametrize("delimiter", [",", "::"])
def test_line_that_cannot_be_read_is_reported_with_its_text(delimiter: str) -> None:
    """As it stands in the file, and nothing of its neighbours."""
    lines = ["a,b", "1,2", '3,"x"y', '"p\nq",r', '"4"5,6', "7,8"]
    data = "\n".join(lines).replace(",", delimiter).encode()

    found = read(data, ReadingOptions(delimiter=delimiter))

    bad = [each.text for each in found if isinstance(each, UnreadableRecord)]
    assert bad == [f'3{delimiter}"x"y', f'"4"5{delimiter}6']
    assert [each for each in found if not isinstance(each, UnreadableRecord)] == [
        {"a": "1", "b": "2"},
        {"a": "p\nq", "b": "r"},
        {"a": "7", "b": "8"},
    ]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            b"a,b\n1\n",
            "Line 2: 1 value for 2 columns. There is none for 'b'. Complete the row, "
            "or choose that short rows are filled with empty values.",
        ),
        (b"a\n\n1,2,3\n", "Line 3: 3 values for 1 column."),
    ],
)
def test_line_of_another_width_is_a_failed_record(data: bytes, message: str) -> None:
    (found,) = read(data)

    assert found.problem.message == message


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\0" * 5000, "The first line holds zero bytes, as no text does."),
        (b" , ,\n1,2,3\n", "The first line names no column."),
        (b",,\n,,\n", "The file holds no line with a value."),
    ],
)
def test_first_line_that_names_no_columns_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(FileUnreadable) as caught:
        read(data)

    assert str(caught.value).startswith(f"plums.csv: {message}")


def test_quote_or_line_break_cannot_be_declared_as_delimiter() -> None:
    """It is then a line like any other."""
    assert read(b"sep=\r\n1\r\n", ReadingOptions()) == [{"sep=": "1"}]


def test_short_rows_are_filled_where_that_is_chosen() -> None:
    data = b"a,b,c.d,c.e\n1\n2,x,y\n"
    options = ReadingOptions(short_rows=ShortRows.EMPTY)

    assert read(data, options) == [
        {"a": "1", "b": None, "c": None},
        {"a": "2", "b": "x", "c": {"d": "y", "e": None}},
    ]


def test_row_that_is_short_of_many_values_names_the_first() -> None:
    (found,) = read(b"a,b,c,d,e,f,g\n1\n")

    assert "There is none for 'b', 'c', 'd', 'e', 'f', …." in found.problem.message
    assert found.text == "1"


# Lines above the table

TITLED = b"Customers, Q3\n\nid;name\n1;a\n2;b,c\n3\n"


def test_lines_above_the_table_are_skipped() -> None:
    """They tell nothing of its delimiter, and its lines keep their numbers."""
    first, second, third = read(TITLED, ReadingOptions(skip_lines=2))

    assert first == {"id": "1", "name": "a"}
    assert second == {"id": "2", "name": "b,c"}
    assert third.problem.message.startswith("Line 6: 1 value for 2 columns.")


def test_declared_delimiter_above_skipped_lines_counts() -> None:
    data = b"sep=|\nTitle, a\nid|name\n1|a\n"

    assert read(data, ReadingOptions(skip_lines=2)) == [{"id": "1", "name": "a"}]


def test_table_without_names_below_a_title() -> None:
    options = ReadingOptions(skip_lines=1, headers=False)

    assert read(b"Title\n1,a\n", options) == [{"0": "1", "1": "a"}]


def test_more_lines_cannot_be_skipped_than_there_are() -> None:
    with pytest.raises(FileUnreadable, match="below the 9 lines that are skipped"):
        read(TITLED, ReadingOptions(skip_lines=9))
    with pytest.raises(InvalidPlan, match="0 or more, not -1"):
        ReadingOptions(skip_lines=-1)


# Codes of linked entries

LINKED = Field(name="topics", type="array", custom=True)
CODES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@given(codes=st.lists(st.sampled_from([*TEXTS.values()]) | CODES, max_size=4))
@settings(max_examples=300, deadline=None)
def test_codes_of_links_survive_their_cell(codes: list[str]) -> None:
    """Whatever they hold: the cell is taken apart again where entries are checked."""
    codes = [fromkey for fromkey in dict.fromkeys(codes) if fromkey.strip()]
    refs = [{"externalReferenceCode": code} for code in codes]
    data = written([{"title": "x", "topics": refs}], LINKED, Field(name="title"))

    (record,) = read(data)
    assert split_list_cell(record["topics"] or "") == codes


def test_plain_codes_of_links_share_one_cell() -> None:
    refs = [{"externalReferenceCode": each} for each in ("A", "B,C", "[]")]
    items: list[dict[str, Any]] = [{"topics": refs}, {"topics": []}]

    assert written(items, LINKED) == (b'topics\r\n"A,""B,C"",""[]"""\r\n""\r\n')


def test_keywords_share_one_cell() -> None:
    items: list[dict[str, Any]] = [{"topics": ["b", "a,c"]}, {"topics": []}]

    assert written(items, LINKED) == b'topics\r\n"b,""a,c"""\r\n""\r\n'
