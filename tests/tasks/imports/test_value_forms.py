"""Values that files give in another form: picklist names, numbers as codes, objects.

What is meant is stored alike from every format; what cannot be told fails its record
and leaves what is stored alone.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.center import Center
from dmc_widgets.installations import connect
from dmc_widgets.model.outcome import Problem
from dmc_widgets.model.plan import ExportPlan
from dmc_widgets.model.strategies import ErrorStrategy, UpdateStrategy
from dmc_widgets.model.task import Task
from dmc_widgets.ports import Query
from dmc_widgets.tasks.installation_access import find_entity_type
from dmc_widgets.tasks.task_files import exported_path, original_path
from dmc_widgets.tasks.worker.runner import run_task
from dmc_widgets.workspace import Workspace
from dmc_widgets.workspace.file_transfer import copy_into_workspace
from tests.tasks.gallery import ERC, Item, plan, stored, write

Bring = Callable[..., Task]


def as_json(path: Path, records: list[Item]) -> None:
    path.write_text(json.dumps(records))


def as_jsonl(path: Path, records: list[Item]) -> None:
    path.write_text("".join(f"{json.dumps(record)}\n" for record in records))


def columns_of(records: list[Item]) -> tuple[list[str], list[list[Any]]]:
    """Spread objects over columns, as tables do: ``colour.name``, ``tones.name_1``."""
    lines = []
    for record in records:
        line: Item = {}
        for name, value in record.items():
            if isinstance(value, dict):
                mark = "_" if name.endswith("_i18n") else "."
                line |= {f"{name}{mark}{part}": value[part] for part in value}
            elif isinstance(value, list):
                for number, member in enumerate(value, start=1):
                    line |= {f"{name}.{part}_{number}": member[part] for part in member}
            else:
                line[name] = value
        lines.append(line)
    names = list(dict.fromkeys(name for line in lines for name in line))
    return names, [[line.get(name) for name in names] for line in lines]


def as_csv(path: Path, records: list[Item]) -> None:
    names, rows = columns_of(records)
    texts = [["" if cell is None else str(cell) for cell in row] for row in rows]
    path.write_text("".join(",".join(line) + "\r\n" for line in [names, *texts]))


def as_xlsx(path: Path, records: list[Item]) -> None:
    names, rows = columns_of(records)
    xlsxwriter = import_module("xlsxwriter")  # vendor without types
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([names, *rows]):
            sheet.write_row(number, 0, row)


WRITERS = {"json": as_json, "jsonl": as_jsonl, "csv": as_csv, "xlsx": as_xlsx}


@pytest.fixture(params=list(WRITERS))
def bring(
    request: pytest.FixtureRequest,
    gallery: Center,
    workspace: Workspace,
    tmp_path: Path,
) -> Bring:
    """Import records into the gallery, from a file of each format."""

    def run(*records: Item, **policy: Any) -> Task:
        path = tmp_path / f"pictures.{request.param}"
        WRITERS[request.param](path, list(records))
        key = gallery.installations.entity_type("gallery", "Picture").key
        chosen = replace(
            plan(error_strategy=ErrorStrategy.CONTINUE, **policy), entity_type=key
        )
        task = workspace.tasks.add("gallery", chosen, path.name)
        copy_into_workspace(path, original_path(workspace, task), consume=False)
        run_task(workspace, task.id)
        return gallery.tasks.get(task.id)

    return run


def pictures(center: Center) -> dict[str, Item]:
    installation = connect(center._workspace.connections.get("gallery").url)
    found = installation.read(
        find_entity_type(installation.entity_types(), "Picture"), Query()
    )
    items = {str(each[ERC]): each for each in found}
    installation.close()
    return items


def problems(center: Center, task: Task) -> list[Problem]:
    return [failure.problem for failure in center.tasks.failures(task.id)]


def test_picklist_entries_given_by_their_names_are_found(
    gallery: Center, bring: Bring
) -> None:
    record = {
        ERC: "P",
        "title": "Sea",
        "colour": {"name": "Red"},
        "tones": [{"name": "Blue"}, {"name": "Red"}],
    }
    bring(record)

    stored_now = pictures(gallery)["P"]
    assert stored_now["colour"] == {"key": "red", "name": "Red"}
    assert [tone["key"] for tone in stored_now["tones"]] == ["blue", "red"]
    again = bring(record, update_strategy=UpdateStrategy.PARTIAL_UPDATE)
    assert (again.counts.unchanged, again.counts.updated) == (1, 0)


@pytest.mark.parametrize("update_strategy", list(UpdateStrategy))
@pytest.mark.parametrize(
    ("name", "value"),
    [("colour", {"name": "Green"}), ("tones", [{"name": "Green"}])],
)
def test_unknown_picklist_name_fails_the_record(
    gallery: Center,
    bring: Bring,
    name: str,
    value: Any,
    update_strategy: UpdateStrategy,
) -> None:
    before = {ERC: "P", "title": "Sea", "colour": "red", "tones": ["blue"]}
    stored(gallery, before)

    task = bring(
        {ERC: "P", "title": "New", name: value}, update_strategy=update_strategy
    )

    (problem,) = problems(gallery, task)
    assert (problem.code, problem.field) == ("list-type-entry", name)
    assert problem.message == (
        f'The picklist of the field "{name}" has no entry named "Green". Its entries: '
        f'red (Red), blue (Blue). Object field name "{name}" is not mapped to a valid '
        "list type entry"
    )
    kept = pictures(gallery)["P"]
    assert (kept["title"], kept["colour"]["key"]) == ("Sea", "red")
    assert [tone["key"] for tone in kept["tones"]] == ["blue"]


@pytest.mark.parametrize(
    ("value", "text"),
    [(7, "7"), (4711.0, "4711"), (159001810629457, "159001810629457")],
    ids=str,
)
def test_numbers_are_accepted_as_codes_and_texts(
    gallery: Center, bring: Bring, value: Any, text: str, request: Any
) -> None:
    """A workbook and JSON hold a number where a table of texts holds digits."""
    if request.node.callspec.params["bring"] == "csv":
        value = text
    installation = connect(gallery._workspace.connections.get("gallery").url)
    write(installation, "C_Room", {ERC: text})
    installation.close()

    task = bring({ERC: value, "title": value, "r_pictures_c_roomERC": value})

    assert problems(gallery, task) == []
    found = pictures(gallery)[text]
    assert (found["title"], found["r_pictures_c_roomERC"]) == (text, text)


def test_fraction_in_an_integer_field_is_explained(
    gallery: Center, bring: Bring
) -> None:
    task = bring({ERC: "P", "title": "Sea", "views": "abc"})

    (problem,) = problems(gallery, task)
    assert problem.message == (
        '"abc" in the field "views" is not a whole number. Object entry value exceeds '
        "long field allowed size"
    )


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("scan", {"name": "a.png"}, "invalid-value"),
        ("status", {"label": "pending"}, "object-entry-status"),
    ],
)
def test_incomplete_objects_fail_in_every_format(
    gallery: Center, bring: Bring, name: str, value: Any, code: str
) -> None:
    task = bring({ERC: "P", "title": "Sea", name: value})

    (problem,) = problems(gallery, task)
    assert (problem.code, problem.field) == (code, name)


TABLES = ["CSV", "XLSX"]


@pytest.mark.parametrize("update_strategy", list(UpdateStrategy))
@pytest.mark.parametrize("format_", TABLES)
def test_reimported_translations_are_unchanged(
    gallery: Center,
    workspace: Workspace,
    format_: str,
    update_strategy: UpdateStrategy,
) -> None:
    """A language that an entry has not stays away, and one that it has stays."""
    stored(
        gallery,
        {ERC: "P-1", "title": "a", "caption_i18n": {"de_DE": "Wellen", "fr_FR": "W"}},
        {ERC: "P-2", "title": "b", "caption_i18n": {"en_US": "Waves, big"}},
        {ERC: "P-3", "title": "c"},
    )
    before = pictures(gallery)
    key = gallery.installations.entity_type("gallery", "Picture").key
    names = (ERC, "title", "caption", "caption_i18n")
    export = ExportPlan(entity_type=key, format=format_, fields=names)
    exported = workspace.tasks.add("gallery", export, "")
    run_task(workspace, exported.id)
    path = exported_path(workspace, exported)

    chosen = replace(plan(update_strategy=update_strategy), entity_type=key)
    task = workspace.tasks.add("gallery", chosen, "export.zip")
    copy_into_workspace(path, original_path(workspace, task), consume=False)
    run_task(workspace, task.id)

    assert gallery.tasks.get(task.id).counts.unchanged == 3
    assert pictures(gallery) == before
    if format_ == "CSV":
        with zipfile.ZipFile(path) as archive:
            lines = archive.read("export.csv").decode().splitlines()
        assert lines[0] == (
            "caption,caption_i18n_en_US,caption_i18n_de_DE,caption_i18n_fr_FR,"
            "externalReferenceCode,title"
        )
        assert lines[1] == '"",,Wellen,W,P-1,a'


@pytest.mark.parametrize("name", ["rooms.json", "rooms.jsonl"])
def test_nested_children_fail_the_record(
    gallery: Center, workspace: Workspace, tmp_path: Path, name: str
) -> None:
    records: list[Item] = [
        {ERC: "R-8", "pictures": [{ERC: "P", "title": "Sea"}]},
        {ERC: "R-9", "pictures": []},
    ]
    path = tmp_path / name
    WRITERS[path.suffix[1:]](path, records)
    key = gallery.installations.entity_type("gallery", "Room").key
    chosen = replace(plan(error_strategy=ErrorStrategy.CONTINUE), entity_type=key)
    task = workspace.tasks.add("gallery", chosen, name)
    copy_into_workspace(path, original_path(workspace, task), consume=False)
    run_task(workspace, task.id)

    counts = gallery.tasks.get(task.id).counts
    (problem,) = problems(gallery, task)
    assert (counts.created, counts.failed) == (1, 1)
    assert (problem.code, problem.field) == ("nested-children", "pictures")
    frame = gallery.files.preview("gallery", chosen, gallery.files.read_head(path))
    assert frame["result", "expected"].tolist() == ["failed", "unchanged"]


@pytest.mark.parametrize(
    ("record", "is_told"),
    [
        ({"title": "a", "picturesERC": "R-1"}, True),
        ({"title": "a", "picturesERC": "R-1", "r_pictures_c_roomERC": "R-1"}, False),
        ({"title": "a"}, False),
    ],
    ids=["echo-alone", "beside-the-code", "neither"],
)
def test_echoed_parent_gives_a_warning_before_the_start(
    gallery: Center, tmp_path: Path, record: Item, is_told: bool
) -> None:
    path = tmp_path / "pictures.json"
    path.write_text(json.dumps([record]))

    found = gallery.files.check_import("gallery", plan(), path)

    told = (
        "'picturesERC' names parents, but no import reads it: nothing is linked. Map "
        "it to 'r_pictures_c_roomERC'."
    )
    assert (told in found.warnings) is is_told


def test_text_that_contradicts_its_translation_is_noted(
    gallery: Center, bring: Bring
) -> None:
    """The translations count, so the edit is lost, and the task says so."""
    stored(gallery, {ERC: "P", "title": "Sea", "caption_i18n": {"en_US": "Waves"}})

    task = bring(
        {
            ERC: "P",
            "title": "Sea",
            "caption": "Tide",
            "caption_i18n": {"en_US": "Waves"},
        },
        update_strategy=UpdateStrategy.PARTIAL_UPDATE,
    )

    assert pictures(gallery)["P"]["caption"] == "Waves"
    assert any("translations were followed" in note for note in task.notes)
