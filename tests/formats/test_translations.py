"""Values by language are columns of their own, in every table."""

from __future__ import annotations

import io
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from dmc_widgets.errors import NotSupported
from dmc_widgets.formats import FORMATS
from dmc_widgets.formats.tables.translations import collect_languages
from dmc_widgets.model.entity_type import OBJECT_ENTRY, EntityType, Field
from dmc_widgets.model.reading_options import Escapes, ReadingOptions
from dmc_widgets.model.record import LargeText
from dmc_widgets.ports import ExportHeader, Item

MAP = Field(name="title_i18n", type="object", custom=True, languages=("en_US",))
FIELDS = (
    Field(name="externalReferenceCode"),
    Field(name="price", type="PrecisionDecimal", custom=True),
    Field(name="title", type="Text", custom=True),
    MAP,
)
TICKET = EntityType(
    name="C_Ticket",
    label="Ticket",
    class_name=OBJECT_ENTRY,
    delegate="C_Ticket",
    fields=FIELDS,
)
ITEMS: list[Item] = [
    {
        "externalReferenceCode": "A",
        "price": Decimal("1.50"),
        "title": "one",
        "title_i18n": {"en_US": "one", "de_DE": "eins, zwei"},
    },
    {"externalReferenceCode": "B", "title": None, "title_i18n": None},
    {"externalReferenceCode": "C", "title": None, "title_i18n": {"pt_BR": "=1"}},
]


@pytest.fixture(params=["CSV", "XLSX"])
def table(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def written(items: Any, table: str, fields: tuple[Field, ...] = FIELDS) -> bytes:
    stream = io.BytesIO()
    with collect_languages(items, fields, has_columns=True) as (settled, rest):
        header = ExportHeader(entity_type=TICKET, fields=settled)
        FORMATS[table].write(rest, stream, header)
    return stream.getvalue()


def read(data: bytes, table: str) -> list[Any]:
    own = ReadingOptions(escapes=Escapes.UNDO)  # as in the zip of an export
    return list(FORMATS[table].read(io.BytesIO(data), source="x", options=own))


def test_each_language_that_is_used_is_a_column_the_definitions_own_first() -> None:
    first = written(ITEMS, "CSV").decode().splitlines()[0]

    assert first == (
        "externalReferenceCode,price,title,title_i18n_en_US,title_i18n_de_DE,"
        "title_i18n_pt_BR"
    )


def test_record_comes_back_with_the_languages_that_it_had(table: str) -> None:
    records = read(written(ITEMS, table), table)

    assert [record["title_i18n"] for record in records] == [
        {"en_US": "one", "de_DE": "eins, zwei"},
        None,
        {"pt_BR": "=1"},
    ]


def test_export_of_nothing_has_the_column_of_the_default_language() -> None:
    data = written([], "CSV")

    assert data == b"externalReferenceCode,price,title,title_i18n_en_US\r\n"


def test_items_are_read_once_and_only_where_a_table_needs_it() -> None:
    """They may come from a server, page by page."""
    taken: list[Item] = []

    def items() -> Iterator[Item]:
        for item in ITEMS:
            taken.append(item)
            yield item

    source = items()
    with collect_languages(source, FIELDS, has_columns=False) as (fields, rest):
        assert (fields, rest) == (FIELDS, source)
    with collect_languages(source, FIELDS[:3], has_columns=True) as (fields, rest):
        assert (fields, rest) == (FIELDS[:3], source)
    assert taken == []
    with collect_languages(source, FIELDS, has_columns=True) as (fields, rest):
        assert taken == ITEMS
        assert fields[3].languages == ("en_US", "de_DE", "pt_BR")
        assert list(rest) == ITEMS


def test_large_texts_are_spooled_whole_and_files_without_their_content() -> None:
    scan = Field(name="scan", type="Attachment", custom=True, parts=("name", "size"))
    text = LargeText(3, "abc", lambda: iter([b"abc"]))
    items = [{"title": text, "scan": {"name": "a", "size": 3, "fileBase64": text}}]

    with collect_languages(items, (*FIELDS, scan), has_columns=True) as (_, rest):
        assert list(rest) == [{"title": "abc", "scan": {"name": "a", "size": 3}}]


def test_picklist_entries_are_written_by_their_keys() -> None:
    red, blue = {"key": "red", "name": "Red"}, {"key": "blue", "name": "Blue"}
    items = [{"title_i18n": {"en_US": red, "de_DE": [red, blue]}}]

    assert written(items, "CSV", (MAP,)).decode().splitlines() == [
        "title_i18n_en_US,title_i18n_de_DE",
        'red,"red, blue"',
    ]


def test_language_without_a_column_is_refused(table: str) -> None:
    header = ExportHeader(entity_type=TICKET, fields=FIELDS)
    with pytest.raises(NotSupported, match="no columns for the languages de_DE"):
        FORMATS[table].write(iter(ITEMS), io.BytesIO(), header)
