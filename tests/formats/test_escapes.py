"""What exports add to CSV values: undone in what they wrote, kept everywhere else."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dmc_widgets.formats import FORMATS
from dmc_widgets.formats.source import open_source
from dmc_widgets.formats.zip_writer import write_archive
from dmc_widgets.model.entity_type import OBJECT_ENTRY, EntityType, Field
from dmc_widgets.model.plan import ExportPlan, plan_from_dict
from dmc_widgets.model.reading_options import DETECT_ALL, Escapes, ReadingOptions
from dmc_widgets.ports import ExportHeader
from dmc_widgets.tasks.imports.file_head import read_head
from dmc_widgets.testing.hostile_texts import TEXTS

PLUM = EntityType(name="C_Plum", label="Plum", class_name=OBJECT_ENTRY)
UNDO = ReadingOptions(escapes=Escapes.UNDO)
guarded_or_not = pytest.mark.parametrize("guarded", [True, False])


def exported(path: Path, items: list[dict[str, Any]], *, guarded: bool) -> Path:
    names = sorted({"a", *(name for item in items for name in item)})
    header = ExportHeader(
        entity_type=PLUM,
        fields=tuple(Field(name=name, custom=True) for name in names),
        guard_formulas=guarded,
    )
    write_archive(path, FORMATS["CSV"], items, header)
    return path


def read(path: Path, options: ReadingOptions = DETECT_ALL) -> list[Any]:
    with open_source(path, options=options) as source:
        return list(source.records())


NASTY = st.text(st.sampled_from("\"',;\r\n=+-@\t '0a"), max_size=10)
ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@guarded_or_not
@given(texts=st.lists(st.sampled_from([*TEXTS.values()]) | NASTY | ANY, min_size=1))
@settings(max_examples=100, deadline=None)
def test_text_that_was_exported_is_imported_as_it_was(
    texts: list[str], *, guarded: bool
) -> None:
    """Whatever it is, and whether formulas are guarded or not."""
    items = [{"a": text or None, "b": "x"} for text in texts]
    with tempfile.TemporaryDirectory() as folder:
        path = exported(Path(folder, "export.zip"), items, guarded=guarded)

        assert read(path) == items


@pytest.mark.parametrize(
    "cell",
    [
        pytest.param("'@home'", id="apostrophes"),
        pytest.param("'+49 30 1234", id="telephone"),
        pytest.param("'=1+1", id="formula"),
        pytest.param('"Hello World"', id="quoted"),
        pytest.param('"a, b"', id="quoted-with-comma"),
        pytest.param('"a ""b"""', id="quoted-with-quotes"),
    ],
)
@pytest.mark.parametrize("is_packed", [True, False])
def test_files_of_other_programs_lose_no_character(
    tmp_path: Path, cell: str, *, is_packed: bool
) -> None:
    path = tmp_path / "a.csv"
    quoted = '"' + cell.replace('"', '""') + '"'
    path.write_text(f"a,b\n{quoted},x\n", encoding="utf-8")
    if is_packed:
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
            archive.write(path, "export.csv")
        path = tmp_path / "a.zip"

    assert read(path) == [{"a": cell, "b": "x"}]


def test_values_that_look_escaped_are_reported(tmp_path: Path) -> None:
    """An export that was unpacked, or saved by a spreadsheet, is known no more."""
    items = [{"a": "=1", "b": '"x, y"'}, {"a": "it's", "b": '"z'}]
    packed = exported(tmp_path / "export.zip", items, guarded=True)
    with zipfile.ZipFile(packed) as archive:
        archive.extract("export.csv", tmp_path)
    plain = tmp_path / "export.csv"

    (warning,) = read_head(plain).warnings

    assert "choose to undo its escapes" in warning
    assert read(plain) != items
    assert read(plain, UNDO) == items
    assert read_head(plain, options=UNDO).warnings == ()
    assert read_head(packed).warnings == ()
    assert read_head(packed).options.escapes is Escapes.UNDO


@pytest.mark.parametrize("cell", ["it's", "'tis", "5' 3\"", '"x"', "''", '""'])
def test_other_quotes_give_no_warning_of_escapes(tmp_path: Path, cell: str) -> None:
    path = tmp_path / "a.csv"
    quoted = '"' + cell.replace('"', '""') + '"'
    path.write_text(f"a,b\n{quoted},x\n", encoding="utf-8")

    assert read_head(path).warnings == ()


def test_marked_export_may_be_read_without_undoing_escapes(tmp_path: Path) -> None:
    path = exported(tmp_path / "export.zip", [{"a": "=1"}], guarded=True)

    assert read(path, ReadingOptions(escapes=Escapes.KEEP)) == [{"a": "'=1"}]


def test_mark_of_an_export_survives_a_copy(tmp_path: Path) -> None:
    path = exported(tmp_path / "export.zip", [{"a": "=1"}], guarded=True)
    copy = tmp_path / "renamed.bin"
    shutil.copy(path, copy)

    assert read(copy) == [{"a": "=1"}]


def test_formula_guard_is_part_of_a_plan_and_older_plans_get_its_default() -> None:
    plan = ExportPlan(entity_type="x", format="CSV", guard_formulas=False)
    data = plan.as_dict()

    assert plan_from_dict(data) == plan
    del data["guardFormulas"]
    assert plan_from_dict(data) == ExportPlan(entity_type="x", format="CSV")
