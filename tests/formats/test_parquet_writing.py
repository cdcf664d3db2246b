"""Exports to Parquet: a typed column a field, and entries that come back."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dmc_widgets.center.exported_files import choose_format
from dmc_widgets.errors import NotSupported
from dmc_widgets.formats import FORMATS
from dmc_widgets.formats.parquet import writer
from dmc_widgets.model.compression import Compression
from dmc_widgets.model.entity_type import OBJECT_ENTRY, EntityType, Field
from dmc_widgets.model.plan import ExportPlan
from dmc_widgets.ports import ExportHeader, Item

PARQUET = FORMATS["PARQUET"]
PLUM = EntityType(name="C_Plum", label="Plum", class_name=OBJECT_ENTRY)

FIELDS = (
    Field(name="title", type="Text"),
    Field(name="count", type="LongInteger"),
    Field(name="weight", type="Decimal"),
    Field(name="price", type="PrecisionDecimal"),
    Field(name="ripe", type="Boolean"),
    Field(name="day", type="Date"),
    Field(name="picked", type="DateTime"),
    Field(name="seen", type="DateTime"),
    Field(name="state", type="Picklist", parts=("key", "name")),
    Field(name="tags", type="MultiselectPicklist", parts=("key_1", "name_1")),
    Field(name="keywords", type="array"),
    Field(name="orchards", type="array", linked="C_Orchard"),
    Field(name="title_i18n", type="object", custom=True),
    Field(name="status", type="object", parts=("code", "label")),
)
PLUMS: list[Item] = [
    {
        "title": "Mirabelle",
        "count": 2**53 - 1,
        "weight": 0.1,
        "price": Decimal("1234567890123456789012.5000000000000001"),
        "ripe": True,
        "day": "2024-01-02T00:00:00.000Z",
        "picked": "2024-01-02T12:30:05.678Z",
        "seen": "2024-01-02T12:30:05.678",
        "state": {"key": "open", "name": "Open"},
        "tags": [{"key": "a", "name": "A"}, {"key": "b", "name": "B"}],
        "keywords": ["red", "a,b"],
        "orchards": [{"externalReferenceCode": "O1"}, "O2"],
        "title_i18n": {"en_US": "Mirabelle", "de_DE": ""},
        "status": {"code": 0, "label": "approved"},
    },
    dict.fromkeys(field.name for field in FIELDS),
]


def write(
    items: Iterable[Item], fields: Iterable[Field] = FIELDS, **options: Any
) -> bytes:
    stream = io.BytesIO()
    header = ExportHeader(entity_type=PLUM, fields=tuple(fields), **options)
    PARQUET.write(items, stream, header)
    return stream.getvalue()


def read(data: bytes) -> list[Any]:
    return list(PARQUET.read(io.BytesIO(data), source="plums"))


def test_each_field_has_the_column_of_its_type() -> None:
    schema = pq.read_schema(io.BytesIO(write(PLUMS)))

    assert {field.name: str(field.type) for field in schema} == {
        "count": "int64",
        "day": "date32[day]",
        "keywords": "list<element: string>",
        "orchards": "list<element: string>",
        "picked": "timestamp[ms, tz=UTC]",
        "price": "decimal128(38, 16)",
        "ripe": "bool",
        "seen": "timestamp[ms]",
        "state": "struct<key: string, name: string>",
        "status": "struct<code: int64, label: string>",
        "tags": "list<element: string>",
        "title": "string",
        "title_i18n": "map<string, string ('title_i18n')>",
        "weight": "double",
    }


def test_entries_are_read_as_they_were() -> None:
    """Choices by their keys and linked entries by their codes, as imports take them."""
    assert read(write(PLUMS)) == [
        PLUMS[0]
        | {
            "day": "2024-01-02",
            "tags": ["a", "b"],
            "orchards": ["O1", "O2"],
        },
        PLUMS[1],
    ]


_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_MOMENTS = st.datetimes().map(lambda x: x.isoformat(timespec="milliseconds"))
_VALUES: dict[str, st.SearchStrategy[Any]] = {
    "title": _TEXTS,
    "count": st.integers(-(2**53) + 1, 2**53 - 1),
    "weight": st.floats(allow_nan=False, allow_infinity=False),
    "price": st.decimals(-(10**21), 10**21, places=16).map(Decimal),
    "ripe": st.booleans(),
    "day": st.dates().map(str),
    "picked": _MOMENTS.map("{}Z".format),
    "seen": _MOMENTS,
    "state": st.fixed_dictionaries({"key": _TEXTS, "name": st.none() | _TEXTS}),
    "tags": st.lists(_TEXTS, max_size=3),
    "keywords": st.lists(_TEXTS, max_size=3),
    "orchards": st.lists(_TEXTS, max_size=3),
    "title_i18n": st.dictionaries(_TEXTS, st.none() | _TEXTS, max_size=3),
    "status": st.fixed_dictionaries({"code": st.integers(0, 9), "label": _TEXTS}),
}


@settings(max_examples=60)
@given(
    items=st.lists(
        st.fixed_dictionaries({x: st.none() | _VALUES[x] for x in _VALUES}), max_size=6
    )
)
def test_any_values_come_back(items: list[Item]) -> None:
    """Null, an empty text and an empty list are three things."""
    records = read(write(items))

    for record in records:  # a float where that keeps every digit, as JSON has it
        price = record["price"]
        record["price"] = None if price is None else Decimal(str(price))
    assert records == items


@pytest.mark.parametrize(
    ("kind", "value", "message"),
    [
        ("Integer", "7", "The column 'a' is of the type int64, not '7'."),
        ("Integer", True, "The column 'a' is of the type int64, not 'true'."),
        (
            "LongInteger",
            2**63,
            "The column 'a' is of the type int64, not '9223372036854775808'.",
        ),
        (
            "Decimal",
            Decimal("0.1000000000000000000001"),
            "The column 'a' is of the type double, not '0.1000000000000000000001'.",
        ),
        (
            "PrecisionDecimal",
            Decimal("1E-17"),
            "The column 'a' is of the type decimal128(38, 16), not '1E-17'.",
        ),
        ("Boolean", 1, "The column 'a' is of the type bool, not '1'."),
        (
            "Date",
            "2024-01-02T10:00:00.000Z",
            "The column 'a' is of the type date32[day], not "
            "'2024-01-02T10:00:00.000Z'.",
        ),
        (
            "DateTime",
            "2024-01-02T10:00:00.0001Z",
            "The column 'a' is of the type timestamp[ms, tz=UTC], not "
            "'2024-01-02T10:00:00.0001Z'.",
        ),
    ],
    ids=str,
)
def test_value_that_its_column_cannot_hold_is_refused(
    kind: str, value: Any, message: str
) -> None:
    """It is not rounded, and the error names the column and the value."""
    with pytest.raises(NotSupported) as caught:
        write([{"a": None}, {"a": value}], [Field(name="a", type=kind)])

    assert str(caught.value) == (
        f"{message} Leave the field out, or choose JSON, JSONL or JSONT."
    )


def test_moments_without_a_zone_are_told_by_the_first_of_them() -> None:
    """However many entries without a moment come before it."""
    moments = [*([None] * 600), "2024-01-02T12:30:05.678"]
    data = write([{"a": x} for x in moments], [Field(name="a", type="DateTime")])

    assert str(pq.read_schema(io.BytesIO(data)).field("a").type) == "timestamp[ms]"
    assert [record["a"] for record in read(data)] == moments


def test_moments_of_both_kinds_are_refused() -> None:
    moments = ["2024-01-02T12:30:05.678Z", "2024-01-02T12:30:05.678"]

    with pytest.raises(NotSupported, match=r"^The column 'a' is of the type timestamp"):
        write([{"a": x} for x in moments], [Field(name="a", type="DateTime")])


def test_row_groups_are_written_while_entries_come() -> None:
    """After 100,000 rows, or 64 MiB of values, so that memory does not grow."""
    stream = io.BytesIO()
    sizes: list[int] = []

    def items() -> Iterator[Item]:
        for number in range(250_000):
            if number % 100_000 == 0:
                sizes.append(stream.tell())
            yield {"a": number}

    header = ExportHeader(entity_type=PLUM, fields=(Field(name="a", type="Integer"),))
    PARQUET.write(items(), stream, header)
    metadata = pq.read_metadata(stream)

    assert sizes[0] < sizes[1] < sizes[2]
    assert [metadata.row_group(x).num_rows for x in range(3)] == [
        100_000,
        100_000,
        50_000,
    ]


def test_row_groups_of_long_texts_have_fewer_rows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A group ends with 64 MiB of values; here with 1 MiB, to be quick."""
    monkeypatch.setattr(writer, "GROUP_BYTES", 1024**2)
    text = "plum " * 2_000
    data = write(({"a": f"{x}{text}"} for x in range(1000)), [Field(name="a")])

    assert pq.read_metadata(io.BytesIO(data)).num_row_groups == 4


@pytest.mark.parametrize(
    ("compression", "name"),
    [
        (Compression.ZSTD, "ZSTD"),
        (Compression.SNAPPY, "SNAPPY"),
        (Compression.GZIP, "GZIP"),
        (Compression.NONE, "UNCOMPRESSED"),
    ],
)
def test_compression_is_chosen(compression: Compression, name: str) -> None:
    data = write(PLUMS, compression=compression)
    chunk = pq.read_metadata(io.BytesIO(data)).row_group(0).column(0)

    assert chunk.compression == name
    assert read(data)[1] == PLUMS[1]


def test_same_entries_are_the_same_bytes() -> None:
    assert write(PLUMS) == write(PLUMS)


def test_error_of_the_stream_is_raised_as_it_is() -> None:
    """So that a full disk is told from a value that does not fit."""

    class Full(io.BytesIO):
        def write(self, _data: Any) -> int:
            raise OSError(28, "No space left on device")

    header = ExportHeader(entity_type=PLUM, fields=FIELDS)
    with pytest.raises(OSError, match="No space left on device") as caught:
        PARQUET.write(PLUMS, Full(), header)

    assert caught.value.errno == 28


def test_definitions_are_refused() -> None:
    header = ExportHeader(
        entity_type=EntityType(name="ObjectFolder", label="", class_name="x"),
        fields=(Field(name="a"),),
    )

    with pytest.raises(NotSupported) as caught:
        PARQUET.write([], io.BytesIO(), header)

    assert str(caught.value) == (
        "PARQUET holds entries of objects, not items of ObjectFolder. Choose JSON, "
        "JSONL or JSONT."
    )


def test_duckdb_reads_nested_columns(tmp_path: Any) -> None:
    path = tmp_path / "plums.parquet"
    path.write_bytes(write(PLUMS))
    query = (
        "SELECT state.key, list_contains(tags, 'a'), title_i18n['en_US'], count, price "
        f"FROM '{path}' WHERE ripe"
    )

    assert duckdb.execute(query).fetchall() == [
        (
            "open",
            True,
            "Mirabelle",
            9007199254740991,
            Decimal("1234567890123456789012.5000000000000001"),
        )
    ]


def test_moments_of_an_installation_are_moments() -> None:
    """When an entry was created is of no business type, and a moment in UTC."""
    names = ("dateCreated", "dateModified")
    fields = [Field(name=name, read_only=True) for name in names]
    items: list[Item] = [
        dict.fromkeys(names),
        {"dateCreated": "2024-01-02T12:30:05Z", "dateModified": "2024-01-02T12:30:05Z"},
    ]

    data = write(items, fields)

    schema = pq.read_schema(io.BytesIO(data))
    assert {str(kind) for kind in schema.types} == {"timestamp[ms, tz=UTC]"}
    assert read(data)[1] == dict.fromkeys(names, "2024-01-02T12:30:05.000Z")


@pytest.mark.parametrize("word", ["gzip", "GZIP", Compression.GZIP])
def test_compression_is_chosen_in_capitals_or_not(word: Compression | str) -> None:
    """Pandas, polars and pyarrow have the words in small letters."""
    plan = ExportPlan(entity_type="C_Plum", format="PARQUET", compression=word)

    assert plan.compression is Compression.GZIP


@pytest.mark.parametrize("name", ["x.pq", "x.parq", "x.parquet", "X.PQ", "x.pq.zip"])
def test_format_follows_from_each_ending_of_parquet_files(name: str) -> None:
    assert choose_format(name) == "PARQUET"
