"""CSV of import tasks is read as Liferay's batch engine reads it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.model.record import UnreadableRecord
from dmc_widgets.sandbox.batch.content import count_records, open_records, pack_zip
from dmc_widgets.sandbox.batch.field_names import (
    make_field_mapper,
    parse_field_mapping,
)
from dmc_widgets.sandbox.responses import format_exception
from tests.factories import workbook

pytestmark = pytest.mark.each_database


def read(folder: Path, data: bytes, **parameters: str) -> list[Any]:
    (folder / "in.csv").write_bytes(data)
    pack_zip(folder / "in.csv", folder / "content.zip", "in.csv")
    with open_records(folder / "content.zip", "CSV", parameters) as records:
        return list(records)


@pytest.mark.parametrize(
    ("data", "records"),
    [
        pytest.param(b"a,b,c\n1\n", [{"a": "1"}], id="short-row"),
        pytest.param(
            b"a,b.c,b.d\n1,x\n", [{"a": "1", "b.c": "x"}], id="names-stay-flat"
        ),
        pytest.param(b"a,a\n1,2\n", [{"a": "2"}], id="last-of-one-name"),
        pytest.param(b" a ,\n1,2\n", [{" a ": "1", "": "2"}], id="names-as-they-are"),
        pytest.param(b"sep=;\n1\n", [{"sep=;": "1"}], id="first-line-names"),
        pytest.param("a\n\u00a0\n".encode(), [{"a": "\u00a0"}], id="no-break-space"),
        pytest.param(
            b"t_i18n_en_US,t_i18n_de\nA,\n",
            [{"t_i18n_en_US": {"en_US": "A"}, "t_i18n_de": {"de": None}}],
            id="languages",
        ),
        pytest.param(b"a,b\n,\n", [{"a": None, "b": None}], id="row-without-values"),
        pytest.param(b"a,b\n 1 ,  \n", [{"a": "1", "b": None}], id="white-space"),
        pytest.param(b'a\n"""x, y"""\n', [{"a": "x, y"}], id="quoted-twice"),
        pytest.param(b"a\n'=1\n", [{"a": "=1"}], id="guarded"),
        pytest.param("a\nß\n".encode(), [{"a": "ß"}], id="utf-8"),
    ],
)
def test_csv_is_read_as_by_liferay(
    tmp_path: Path, data: bytes, records: list[Any]
) -> None:
    """Values that a short row lacks are absent, so that an update keeps them."""
    assert read(tmp_path, data) == records


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(
            b"a,b\n1,2,\n",
            "java.lang.ArrayIndexOutOfBoundsException: "
            "Index 2 out of bounds for length 2",
            id="long-row",
        ),
        pytest.param(
            b"x_i18n\n1\n",
            "java.lang.StringIndexOutOfBoundsException: begin 7, end 6, length 6",
            id="no-language",
        ),
        pytest.param(
            b'a,b\n"x"y,2\n',
            "java.lang.IllegalStateException: IOException reading next record: "
            "java.io.IOException: (line 2) invalid char between encapsulated token "
            "and delimiter",
            id="text-after-a-quote",
        ),
        pytest.param(
            b'a\n"x\ny\n',
            "java.lang.IllegalStateException: IOException reading next record: "
            "java.io.IOException: (startline 2) EOF reached before encapsulated token "
            "finished",
            id="open-quote",
        ),
    ],
)
def test_malformed_row_fails_with_the_exception_of_java(
    tmp_path: Path, data: bytes, message: str
) -> None:
    """The messages were seen with commons-csv 1.9.0 on Java 17."""
    (record,) = read(tmp_path, data)

    assert isinstance(record, UnreadableRecord)
    assert format_exception(record.problem) == message


def test_columns_without_headers_are_named_by_numbers(tmp_path: Path) -> None:
    """Liferay has names for 100 columns."""
    data = b"1,2\n3\n" + b",".join([b"x"] * 101) + b"\n"

    first, second, third = read(tmp_path, data, containsHeaders="no")

    assert (first, second) == ({"0": "1", "1": "2"}, {"0": "3"})
    assert format_exception(third.problem).endswith(
        "Index 100 out of bounds for length 100"
    )


@pytest.mark.parametrize(
    ("parameters", "data", "record"),
    [
        ({"delimiter": "||"}, b"a||b\n1||x|y\n", {"a": "1", "b": "x|y"}),
        ({"enclosingCharacter": "'"}, b"a,b\n1,'x,y'\n", {"a": "1", "b": "x,y"}),
        ({"enclosingCharacter": "'\""}, b"a,b\n1,'x,y'\n", {"a": "1", "b": "x,y"}),
        ({"enclosingCharacter": ""}, b'a,b\n1,"x,y"\n', {"a": "1", "b": "x,y"}),
    ],
)
def test_parameters_describe_csv(
    tmp_path: Path, parameters: dict[str, str], data: bytes, record: dict[str, str]
) -> None:
    assert read(tmp_path, data, **parameters) == [record]


@pytest.mark.parametrize(
    ("mapping", "reader", "record", "renamed"),
    [
        ("a=x", "CSV", {"b": "1"}, {}),
        ("a=x", "JSON", {"b": "1"}, {"x": None}),
        ("a=x,a=y", "CSV", {"a": "1"}, {"y": "1"}),
        ("a=x,b=x", "CSV", {"a": "1", "b": "2"}, {"x": "2"}),
        ("a=b=c", "CSV", {"a": "1"}, {"b": "1"}),
        ("a=x, b=y", "CSV", {"a": "1", "b": "2"}, {"x": "1"}),
        (
            "t_i18n_en=t,t_i18n_de=t",
            "CSV",
            {"t_i18n_en": {"en": "A"}, "t_i18n_de": {"de": "B"}},
            {"t": {"en": "A", "de": "B"}},
        ),
        (
            "s=state",
            "CSV",
            {"s.key": "a", "s.x.y": "b"},
            {"state": {"key": "a", "x": {"y": "b"}}},
        ),
        (
            "tags=tags",
            "CSV",
            {"tags.key_1": "a", "tags.name_1": "A", "tags.key_2": None},
            {"tags": ["a", None]},
        ),
        ("s.key=state", "JSON", {"s": {"key": "a"}}, {"state": None}),
    ],
)
def test_mapping_renames_fields_as_liferay_does(
    mapping: str, reader: str, record: dict[str, Any], renamed: dict[str, Any]
) -> None:
    assert make_field_mapper(parse_field_mapping(mapping), reader)(record) == renamed


def test_workbook_is_read_as_by_liferay(tmp_path: Path) -> None:
    """Names stay flat there as well; numbers and booleans keep their types."""
    rows: list[list[object]] = [
        ["a", "s.key", "t_i18n_en_US"],
        [" x ", 2, "One"],
        ["short"],
        [1, True, "z", "y"],
    ]

    _, records = read_as(tmp_path, "XLSX", workbook(rows))

    assert records == [
        {"a": "x", "s.key": 2, "t_i18n_en_US": {"en_US": "One"}},
        {"a": "short"},
        "java.lang.ArrayIndexOutOfBoundsException",
    ]


def read_as(folder: Path, reader: str, data: bytes) -> tuple[int, list[Any]]:
    """Return the number of records that a task states, and its records."""
    name = f"in.{reader.lower()}"
    (folder / name).write_bytes(data)
    pack_zip(folder / name, folder / "content.zip", name)
    with open_records(folder / "content.zip", reader, {}) as records:
        found = [
            format_exception(record.problem).partition(":")[0]
            if isinstance(record, UnreadableRecord)
            else record
            for record in records
        ]
    return count_records(folder / "content.zip", reader, {}), found


BLANK = "com.fasterxml.jackson.databind.exc.MismatchedInputException"
MALFORMED = "com.fasterxml.jackson.core.JsonParseException"


@pytest.mark.parametrize(
    ("reader", "data", "number", "records"),
    [
        ("JSON", b'[{"a":1},5,{"a":2}]', 1, [{"a": 1}]),
        ("JSON", b'[{"a":1},null,{"a":2}]', 1, [{"a": 1}]),
        ("JSON", b'[{"a":1}] and more', 1, [{"a": 1}]),
        ("JSON", b'[{"a":1,"a":2}]', 1, [{"a": 2}]),
        ("JSON", b"[]", 0, []),
        ("JSONL", b'{"a":1}\n\n{"a":2}\n', 3, [{"a": 1}, BLANK, {"a": 2}]),
        ("JSONL", b'{"a":1}\n  \n', 2, [{"a": 1}, BLANK]),
        ("JSONL", b'{"a":1}{"a":2}\n{"a":3}', 2, [{"a": 1}, {"a": 3}]),
        ("JSONL", b'{"a":1}\nnull\n{"a":2}\n', 3, [{"a": 1}]),
        ("JSONL", b'[1]\n{"a":2}', 2, [MALFORMED, {"a": 2}]),
        ("CSV", b'a\n"x\ny"\n', 2, [{"a": "x\ny"}]),
        ("CSV", b"a\n1\n\n2", 3, [{"a": "1"}, {"a": "2"}]),
        ("CSV", b"a\r\n1\r\n", 1, [{"a": "1"}]),
        ("CSV", b"a\n", 0, []),
    ],
)
def test_records_are_read_and_counted_as_by_liferay(
    tmp_path: Path, reader: str, data: bytes, number: int, records: list[Any]
) -> None:
    """What is no object ends an array, and null ends lines; CSV counts its lines."""
    assert read_as(tmp_path, reader, data) == (number, records)


def test_csv_is_read_as_utf_8_only(tmp_path: Path) -> None:
    (record,) = read(tmp_path, "a\nGröße\n".encode("cp1252"))

    assert isinstance(record, UnreadableRecord)
