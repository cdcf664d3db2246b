"""CSV: Liferay's columns and quotes, one line a record."""

from __future__ import annotations

import io
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from dmc_widgets.errors import NotSupported
from dmc_widgets.formats import FORMATS
from dmc_widgets.model.entity_type import OBJECT_DEFINITION, EntityType, Field
from dmc_widgets.ports import ExportHeader

CSV = FORMATS["CSV"]


def written(header: ExportHeader, *items: dict[str, Any]) -> str:
    stream = io.BytesIO()
    assert CSV.write(iter(items), stream, header) == len(items)
    return stream.getvalue().decode()


def with_fields(header: ExportHeader, *fields: Field) -> ExportHeader:
    return ExportHeader(
        entity_type=header.entity_type, fields=fields, include_headers=False
    )


def test_nested_objects_are_on_the_line_of_their_record(header: ExportHeader) -> None:
    """Columns are sorted without regard to case, parts in their own order."""
    plum = {
        "externalReferenceCode": "P-1",
        "note": "ripe",
        "Amount": Decimal("12345678901234567890.5"),
        "status": {"key": "open", "name": "Open"},
        "tags": [{"key": "a", "name": "A"}, {"key": "b", "name": "B"}],
    }

    assert written(header, plum, {"externalReferenceCode": "P-2"}) == (
        "Amount,externalReferenceCode,note,status.key,status.name,"
        "tags.key_1,tags.name_1,tags.key_2,tags.name_2\r\n"
        "12345678901234567890.5,P-1,ripe,open,Open,a,A,b,B\r\n"
        '"",P-2,,,,,,,\r\n'
    )


def test_headers_can_be_left_out(header: ExportHeader) -> None:
    assert written(with_fields(header, Field(name="a")), {"a": 1}) == "1\r\n"


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        pytest.param("plum", "plum", id="text"),
        pytest.param("a,b", '"a,b"', id="comma"),
        pytest.param('a"b', '"a""b"', id="quotation-mark"),
        pytest.param("a\nb", '"a\nb"', id="line-feed"),
        pytest.param("a\rb", '"a\rb"', id="carriage-return"),
        pytest.param("a;b\tc", "a;b\tc", id="other-separators"),
        pytest.param(" a", '" a"', id="leading-space"),
        pytest.param("a ", '"a "', id="trailing-space"),
        pytest.param("a\t", '"a\t"', id="trailing-tab"),
        pytest.param("!a", '"!a"', id="exclamation-mark"),
        pytest.param("#a", '"#a"', id="number-sign"),
        pytest.param("$a", "$a", id="dollar"),
        pytest.param("a#", "a#", id="number-sign-at-the-end"),
        pytest.param("čšž 😀", "čšž 😀", id="beyond-ascii"),
        pytest.param("", "", id="empty-text"),
        pytest.param(None, "", id="null"),
        pytest.param(-5, "-5", id="integer"),
        pytest.param(-1.5, "-1.5", id="float"),
        pytest.param(Decimal("0.10"), "0.10", id="decimal"),
        pytest.param(10**30, "1" + "0" * 30, id="big-integer"),
        pytest.param(True, "true", id="true"),
        pytest.param(False, "false", id="false"),
        pytest.param("=1+1", "'=1+1", id="formula-equals"),
        pytest.param("+385", "+385", id="signed-number"),
        pytest.param("-5", "-5", id="negative-number"),
        pytest.param("+49 (30) 12-3", "+49 (30) 12-3", id="telephone"),
        pytest.param("+A1", "'+A1", id="formula-plus"),
        pytest.param("-A1", "'-A1", id="formula-minus"),
        pytest.param("'+385", "''+385", id="number-behind-an-apostrophe"),
        pytest.param("@x", "'@x", id="formula-at"),
        pytest.param("\t=1", "'\t=1", id="formula-tab"),
        pytest.param("\r=1", '"\'\r=1"', id="formula-return"),
        pytest.param("a=1", "a=1", id="no-formula"),
        pytest.param(["a", 1, None, True], '"a,1,,true"', id="list"),
        pytest.param(["a,b", 'c"'], '"""a,b"",""c"""""""', id="list-with-commas"),
        pytest.param(["=1", "b"], '"\'=1,b"', id="list-like-a-formula"),
        pytest.param([], "", id="empty-list"),
        pytest.param({"en": "A"}, '"{""en"":""A""}"', id="map-is-json"),
        pytest.param([{"a": 1}], '"[{""a"":1}]"', id="objects-are-json"),
    ],
)
def test_value_is_written_as_its_cell(
    header: ExportHeader, value: Any, cell: str
) -> None:
    """Second of two columns: there, nothing stands for an empty value."""
    plain = with_fields(header, Field(name="a"), Field(name="b"))

    assert written(plain, {"a": 1, "b": value}) == f"1,{cell}\r\n"


@pytest.mark.parametrize("value", [None, "", []], ids=["null", "empty", "list"])
def test_empty_first_cell_is_quoted(header: ExportHeader, value: Any) -> None:
    """Else the line of a single column would be a blank one, which readers skip."""
    assert written(with_fields(header, Field(name="a")), {"a": value}) == '""\r\n'
    assert written(with_fields(header, Field(name="a")), {}) == '""\r\n'


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        pytest.param("plum", "plum", id="plain"),
        pytest.param("a,b", '"""a,b"""', id="comma"),
        pytest.param('a"b', '"""a""""b"""', id="quotation-mark"),
        pytest.param(" a", '" a"', id="space-needs-no-code"),
        pytest.param("=a,b", '"""\'=a,b"""', id="formula"),
        pytest.param(7, "7", id="number"),
    ],
)
def test_liferay_encodes_a_custom_text_before_it_is_quoted(
    header: ExportHeader, value: Any, cell: str
) -> None:
    """So does the sandbox; our own exports have no need to."""
    custom = replace(with_fields(header, Field(name="a", custom=True)), as_liferay=True)

    assert written(custom, {"a": value}) == f"{cell}\r\n"


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=1+1", "=1+1"),
        ("@home", "@home"),
        ("+49 30", "+49 30"),
        ("'=1", "''=1"),
        (["=1", "b"], '"=1,b"'),
    ],
)
def test_formulas_need_not_be_guarded(
    header: ExportHeader, value: Any, cell: str
) -> None:
    """An apostrophe of the text's own is told from that of a guard in any case."""
    plain = replace(with_fields(header, Field(name="a")), guard_formulas=False)

    assert written(plain, {"a": value}) == f"{cell}\r\n"


def test_bare_value_stands_in_the_first_part(header: ExportHeader) -> None:
    picklists = with_fields(header, *header.fields[-2:])

    assert written(picklists, {"status": "open", "tags": ["a", {"key": "b"}]}) == (
        "open,,a,,b,\r\n"
    )


def test_more_values_than_columns_are_refused(header: ExportHeader) -> None:
    """Leaving the third out would lose it."""
    with pytest.raises(NotSupported) as caught:
        written(header, {"tags": [{"key": "a"}, {"key": "b"}, {"key": "c"}]})

    assert str(caught.value) == (
        "CSV has columns for 2 values of 'tags', and a record holds 3. "
        "Choose JSON, JSONL or JSONT."
    )


def test_definitions_are_refused_before_anything_is_written() -> None:
    stream = io.BytesIO()
    header = ExportHeader(
        entity_type=EntityType(
            name="ObjectDefinition", label="", class_name=OBJECT_DEFINITION
        ),
        fields=(Field(name="name"),),
    )

    with pytest.raises(NotSupported) as caught:
        CSV.write([{"name": "Plum"}], stream, header)

    assert stream.getvalue() == b""
    assert str(caught.value) == (
        "CSV holds entries of objects, not items of ObjectDefinition. "
        "Choose JSON, JSONL or JSONT."
    )


def test_field_that_csv_cannot_hold_is_refused(header: ExportHeader) -> None:
    field = Field(name="permissions", unsupported_formats=frozenset({"CSV"}))

    with pytest.raises(NotSupported) as caught:
        written(with_fields(header, field), {})

    assert str(caught.value) == (
        "CSV cannot hold the field 'permissions'. "
        "Leave it out, or choose JSON, JSONL or JSONT."
    )
