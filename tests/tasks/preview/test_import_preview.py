"""Previews show what an import would make of fields, in the fields' types."""

from __future__ import annotations

from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from dmc_widgets.center import Center
from dmc_widgets.errors import InstallationError, InvalidPlan
from dmc_widgets.model.mapping import FieldMapping, Mapping, mapping_from_dict
from dmc_widgets.model.outcome import OutcomeKind
from dmc_widgets.tasks.imports.file_head import FileHead
from tests.tasks.gallery import (
    FULL,
    head_of,
    plan,
    preview,
)


def test_columns_have_the_types_of_the_target(gallery: Center, tmp_path: Path) -> None:
    """Each field type, with a value and without one; no year is too early or late."""
    target = preview(gallery, tmp_path, FULL, {"title": "Empty"})["target"]

    assert {name: str(target[name].dtype) for name in target} == {
        "caption": "string",
        "caption_i18n": "object",
        "code": "string",
        "colour": "string",
        "externalReferenceCode": "string",
        "hung": "datetime64[ms, UTC]",
        "keywords": "object",
        "mail": "string",
        "notes": "string",
        "number": "string",
        "opened": "datetime64[ms]",
        "painted": "datetime64[s]",
        "phone": "string",
        "price": "object",
        "r_pictures_c_roomERC": "string",
        "rank": "Int64",
        "scan": "object",
        "secret": "string",
        "shownIn": "object",
        "shown": "boolean",
        "story": "string",
        "title": "string",
        "tones": "object",
        "views": "Int64",
        "weight": "Float64",
    }
    assert target.loc[1].to_dict() == {
        "caption": "Waves",
        "caption_i18n": {"de_DE": "Wellen", "en_US": "Waves"},
        "code": "A",
        "colour": "red",
        "externalReferenceCode": "P-1",
        "hung": pd.Timestamp("1889-06-01T10:00:00Z"),
        "keywords": ["blue"],
        "mail": "ann@example.com",
        "notes": "<b>rich</b>",
        "number": "12",
        "opened": pd.Timestamp("9999-12-31T23:59:59.999"),
        "painted": pd.Timestamp("0001-02-03"),
        "phone": "+49 30 1234567",
        "price": Decimal("12.340000000000000000001"),
        "r_pictures_c_roomERC": "R-1",
        "rank": 7,
        "scan": {"name": "a.png", "size": 5},
        "secret": "***",
        "shownIn": ["R-1", "R-2"],
        "shown": True,
        "story": "long",
        "title": "Sea",
        "tones": ["red", "blue"],
        "views": 9007199254740991,
        "weight": 1.5,
    }
    assert target.loc[2].isna().sum() == 24


def test_source_values_are_shown_as_read(gallery: Center, tmp_path: Path) -> None:
    """Null and absence are distinguished; values to be encrypted are hidden."""
    records = [{"title": "a", "rank": None}, {"title": "b", "secret": "hush"}]

    source = preview(gallery, tmp_path, *records)["source"]

    assert source.columns.tolist() == ["title", "rank", "secret"]
    assert source["rank"].tolist() == [None, pd.NA]
    assert source["secret"].tolist() == [pd.NA, "***"]


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"rank": "many"}, "exceeds integer field allowed size"),
        ({"views": 2**60}, "exceeds maximum long field allowed size"),
        ({"weight": "x"}, 'invalid for object field "weight"'),
        ({"price": True}, 'invalid for object field "price"'),
        ({"shown": "perhaps"}, 'invalid for object field "shown"'),
        ({"painted": "1.2.2024"}, "does not conform to ISO-8601"),
        ({"hung": 5}, "does not conform to ISO-8601"),
        ({"colour": "green"}, "not mapped to a valid list type entry"),
        ({"tones": ["green"]}, "not mapped to a valid list type entry"),
        ({"title": "x" * 281}, "maximum length of 280 characters"),
        ({"title": {"a": 1}}, 'invalid for object field "title"'),
        ({"title": None}, "No value was provided for required object field"),
        ({"number": "0"}, 'invalid for object field "number"'),
        ({"scan": {"fileBase64": "aGVsbG8=", "name": "a.exe"}}, 'extension "exe"'),
        ({"caption_i18n": {"Klingon!": "x"}}, '"Klingon!" is not a language ID'),
        ({"r_pictures_c_roomERC": "R-9"}, "r_pictures_c_roomERC does not exist"),
        ({"shownIn": ["R-9"]}, 'there is no entry "R-9" of C_Room'),
        ({"shownIn": {"name": "Blue"}}, 'object field "shownIn"'),
        ({"colour": {"name": "Green"}}, 'has no entry named "Green"'),
        ({"tones": [{"name": "Green"}]}, 'has no entry named "Green"'),
        ({"colour": {}}, "the key or the name of an entry"),
        ({"scan": {}}, "neither an id nor an external reference code"),
        ({"painted": {"day": 1}}, "does not conform to ISO-8601"),
        ({"r_pictures_c_roomId": "x"}, 'object field "r_pictures_c_roomId"'),
        ({"externalReferenceCode": [5]}, "must be a text"),
        ({"keywords": {"a": 5}}, 'object field "keywords"'),
        ({"status": {"code": 1}}, "approved (code 0) or as drafts (code 2)"),
        ({"status": {"code": 2}}, "Draft status is not allowed"),
    ],
    ids=lambda each: next(iter(each)) if isinstance(each, dict) else "",
)
def test_problem_is_shown_at_its_record_and_empties_its_field(
    gallery: Center, tmp_path: Path, values: dict[str, Any], problem: str
) -> None:
    """The value that was read stays in view; the other fields are not touched."""
    name = next(iter(values))
    frame = preview(
        gallery, tmp_path, {"title": "good"}, {"title": "bad", "rank": 1, **values}
    )

    assert frame["result", "expected"].tolist() == ["created", "failed"]
    assert frame["result", "problems"].loc[1] == ""
    assert problem in frame["result", "problems"].loc[2]
    assert pd.isna(frame["target", name].loc[2])
    assert frame["source", name].loc[2] == values[name]
    others = {"title": "bad", "rank": 1}
    others.pop(name, None)
    assert {other: frame["target", other].loc[2] for other in others} == others


def test_all_problems_of_a_record_are_shown(gallery: Center, tmp_path: Path) -> None:
    """An import reports the first one; to repair a file all are needed."""
    record = {"title": "x", "rank": "a", "colour": "green", "weight": "b", "views": 1}

    looked = gallery.files.preview_records(
        "gallery", plan(), head_of(gallery, tmp_path, record)
    )

    assert [fault.target for fault in looked.records[0].faults] == [
        "rank",
        "weight",
        "colour",
    ]
    assert dict(looked.records[0].target) == {"title": "x", "views": 1}


def test_problems_of_mapping_and_checks_are_shown_together(
    gallery: Center, tmp_path: Path
) -> None:
    mapping = mapping_from_dict(
        {
            "fields": {
                "title": {
                    "source": "t",
                    "values": {"a": "A"},
                    "other_values": "refuse",
                },
                "painted": {"source": "p", "date": "%d.%m.%Y"},
                "rank": "r",
                "story": {"expression": '"The " + t'},
            }
        }
    )
    head = head_of(gallery, tmp_path, {"t": "b", "p": "soon", "r": "x"})

    looked = gallery.files.preview_records("gallery", plan(mapping), head)

    assert [fault.target for fault in looked.records[0].faults] == [
        "title",
        "painted",
        "rank",
    ]
    assert dict(looked.records[0].target) == {"story": "The b"}
    assert dict(looked.sources) == {"title": "t", "painted": "p", "rank": "r"}


def test_unreadable_record_keeps_its_number(gallery: Center, tmp_path: Path) -> None:
    frame = preview(gallery, tmp_path, {"title": "a"}, 5, {"title": "b"})

    assert frame.index.tolist() == [1, 2, 3]
    assert frame["result", "expected"].tolist() == ["created", "failed", "created"]
    assert frame["result", "problems"].loc[2] == (
        "Line 1: An object is expected, found a number."
    )
    assert frame["source", "title"].tolist() == ["a", pd.NA, "b"]


HOSTILE = [
    "\ud800",
    10**400,
    Decimal("1E+400"),
    -0.0,
    {"a": {"b": [1, {"c": None}]}},
    [[[]]],
    "\0",
    "'; DROP TABLE entry; --",
    "<script>alert(1)</script>",
    "\u202etxt",
    True,
    "x" * 100_000,
    "9999999999-01-01",
    {"key": "\ud800"},
    {"fileBase64": 5, "name": "\ud800.png"},
    {"en_US": {"a": 1}},
]


@pytest.mark.parametrize("value", HOSTILE, ids=lambda each: repr(each)[:30])
def test_hostile_values_are_problems_not_exceptions(
    gallery: Center, tmp_path: Path, value: Any
) -> None:
    """One value in every field, alone and together; the frame can be shown."""
    names = [*FULL, "r_pictures_c_roomId", "pictures", "status", "\ud800"]
    records = [{"title": "x", name: value} for name in names]
    records.append(dict.fromkeys(names, value))
    head = head_of(gallery, tmp_path, {"title": "x"})
    hostile = FileHead(
        name="\ud800.json",
        format="JSON",
        size=1,
        fields=tuple(names),
        raw_records=tuple(records),
        complete=True,
        bytes_read=0,
        path=head.path,
        file_name=head.file_name,
    )

    frame = gallery.files.preview("gallery", plan(), hostile)

    assert len(frame) == len(records)
    assert set(frame["result", "expected"]) <= {"created", "failed", "updated"}
    frame.to_string().encode()
    frame.to_html().encode()


def test_malformed_expression_raises_a_clear_error(
    gallery: Center, tmp_path: Path
) -> None:
    mapping = mapping_from_dict({"fields": {"title": {"expression": "a +"}}})

    with pytest.raises(InvalidPlan, match=r"^The expression of the field 'title' "):
        gallery.files.preview(
            "gallery", plan(mapping), head_of(gallery, tmp_path, {"a": 1})
        )


def test_unreachable_installation_raises_a_clear_error(
    gallery: Center, tmp_path: Path
) -> None:
    head = head_of(gallery, tmp_path, {"title": "a"})
    path = tmp_path / "gallery.db"
    path.unlink()
    path.mkdir()

    with pytest.raises(InstallationError):
        gallery.files.preview("gallery", plan(), head)


def test_a_constant_has_no_source(gallery: Center, tmp_path: Path) -> None:
    mapping = Mapping((FieldMapping("", "title", constant="x"),))

    looked = gallery.files.preview_records(
        "gallery", plan(mapping), head_of(gallery, tmp_path, {"a": 1})
    )

    assert looked.records[0].target == {"title": "x"}
    assert looked.records[0].expected is OutcomeKind.CREATED
    assert dict(looked.sources) == {}


def test_a_file_without_records_is_refused(gallery: Center, tmp_path: Path) -> None:
    with pytest.raises(InvalidPlan, match="holds no record"):
        preview(gallery, tmp_path)


def test_warnings_before_the_start_are_shown_once(
    gallery: Center, tmp_path: Path
) -> None:
    """A workbook warns when its head is read, and again when all of it is."""
    file = tmp_path / "pictures.xlsx"
    with import_module("xlsxwriter").Workbook(file) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["title", "number"])
        sheet.write_row(1, 0, ["Waves", 159001810629457000])

    shown = gallery.files.preview_records("gallery", plan(), file)

    assert [warning for warning in shown.warnings if "15 digits" in warning]
    assert not set(shown.warnings) & set(shown.notes)
