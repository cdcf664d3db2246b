"""Attachments and other large texts on their way through tasks."""

from __future__ import annotations

import json
import random
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets import ExportPlan, ImportPlan, TaskStatus
from dmc_widgets.installations import connect
from dmc_widgets.model.entity_type import OBJECT_ENTRY
from dmc_widgets.model.mapping import FieldMapping, Mapping
from dmc_widgets.model.outcome import Problem
from dmc_widgets.model.plan import Action
from dmc_widgets.model.record import LargeText
from dmc_widgets.model.strategies import ErrorStrategy, Policy
from dmc_widgets.model.task import Counts, Task
from dmc_widgets.tasks.imports.expressions import compile_expression
from dmc_widgets.tasks.imports.file_head import read_head
from dmc_widgets.tasks.task_files import downloadable_file, original_path
from dmc_widgets.tasks.worker.runner import run_task
from dmc_widgets.testing.samples import CREATED, field, kinds, read, write
from dmc_widgets.workspace import Workspace
from dmc_widgets.workspace.file_transfer import copy_into_workspace

LETTERS = f"{OBJECT_ENTRY}#C_Letter"
CONTINUE = Policy(error_strategy=ErrorStrategy.CONTINUE)
LARGE = 2_000_000
CONTENT = b64encode(random.Random(3).randbytes(LARGE)).decode()

LETTER: dict[str, Any] = {
    "externalReferenceCode": "LETTER",
    "name": "Letter",
    "label": {"en_US": "Letter"},
    "pluralLabel": {"en_US": "Letters"},
    "scope": "company",
    "status": {"code": 0},
    "objectFields": [
        field("title", "Text"),
        field("body", "RichText"),
        field(
            "scan",
            "Attachment",
            settings={
                "acceptedFileExtensions": "pdf",
                "fileSource": "userComputer",
                "maximumFileSize": 100,
            },
        ),
    ],
}


@pytest.fixture
def place(workspace: Workspace, tmp_path: Path) -> Workspace:
    """Give a workspace with two installations that know letters."""
    for name in ("source", "target"):
        url = f"sqlite:///{tmp_path / name}.db"
        installation = connect(url)
        assert kinds(write(installation, "ObjectDefinition", LETTER)) == [CREATED]
        installation.close()
        workspace.connections.put(name, url)
    return workspace


def import_file(place: Workspace, name: str, path: Path, **choices: Any) -> Task:
    plan = ImportPlan(entity_type=LETTERS, **choices)
    task = place.tasks.add(name, plan, path.name)
    copy_into_workspace(path, original_path(place, task), consume=False)
    run_task(place, task.id)
    return place.tasks.get(task.id)


def export(place: Workspace, name: str, format_: str) -> Path:
    plan = ExportPlan(entity_type=LETTERS, format=format_)
    task = place.tasks.add(name, plan, "")
    run_task(place, task.id)
    task = place.tasks.get(task.id)
    assert (task.action, task.status) == (Action.EXPORT, TaskStatus.COMPLETED)
    return downloadable_file(place, task)


def written(path: Path, *records: dict[str, Any]) -> Path:
    path.write_text(json.dumps(list(records)))
    return path


def letters(place: Workspace, name: str) -> list[dict[str, Any]]:
    """Read all letters, their files loaded."""
    installation = connect(place.connections.get(name).url)
    items = read(installation, "C_Letter", "externalReferenceCode", "scan", "body")
    for item in items:
        text = item["scan"]["fileBase64"] if item["scan"] else None
        if isinstance(text, LargeText):
            item["scan"] = {**item["scan"], "fileBase64": text.whole()}
    installation.close()
    return items


@pytest.fixture
def filled(place: Workspace, tmp_path: Path) -> Workspace:
    """Give the source three letters: a small file, a large one, and none."""
    path = written(
        tmp_path / "letters.json",
        {
            "externalReferenceCode": "L-1",
            "scan": {"fileBase64": "eHh4", "name": "a.pdf"},
        },
        {
            "externalReferenceCode": "L-2",
            "scan": {
                "externalReferenceCode": "F-2",
                "fileBase64": CONTENT,
                "name": "b.pdf",
            },
        },
        {"externalReferenceCode": "L-3"},
    )
    assert import_file(place, "source", path).counts == Counts(created=3)
    return place


@pytest.mark.parametrize("format_", ["JSON", "JSONL", "JSONT"])
def test_files_move_to_another_installation(filled: Workspace, format_: str) -> None:
    """Small and large, as they were, and again without any change."""
    path = export(filled, "source", format_)

    first = import_file(filled, "target", path)
    again = import_file(filled, "target", path)

    assert first.error == ""
    assert first.counts == Counts(created=3)
    assert again.counts == Counts(unchanged=3)
    assert letters(filled, "target") == letters(filled, "source")


@pytest.mark.parametrize("format_", ["CSV", "XLSX"])
def test_table_exports_name_files_without_their_content(
    filled: Workspace, format_: str
) -> None:
    """Where the files are, nothing changes; elsewhere each missing one is named."""
    path = export(filled, "source", format_)
    records = read_head(path).records

    here = import_file(filled, "source", path)
    elsewhere = import_file(filled, "target", path, policy=CONTINUE)

    assert records[1]["scan"] == {
        "externalReferenceCode": "F-2",
        "name": "b.pdf",
        "size": records[1]["scan"]["size"],
    }
    assert int(records[1]["scan"]["size"]) == LARGE
    assert records[2]["scan"] is None
    assert here.counts == Counts(unchanged=3)
    assert elsewhere.counts == Counts(created=1, failed=2)
    failures = filled.outcomes.failures(elsewhere.id)
    assert [failure.problem.code for failure in failures] == ["no-such-file-entry"] * 2


def test_report_shows_only_the_beginning_of_a_large_text(
    place: Workspace, tmp_path: Path
) -> None:
    """In the value that failed, or elsewhere in the record."""
    path = written(
        tmp_path / "letters.json",
        {"externalReferenceCode": "L-1", "title": "Once " * 600_000},
        {
            "externalReferenceCode": "L-2",
            "title": "x" * 281,
            "scan": {"fileBase64": CONTENT, "name": "b.pdf"},
        },
    )

    task = import_file(place, "target", path, policy=CONTINUE)

    failures = place.outcomes.failures(task.id)
    assert task.counts == Counts(failed=2)
    assert [failure.problem.code for failure in failures] == [
        "exceeds-text-max-length"
    ] * 2
    assert failures[0].problem.value == f'"{"Once " * 12}…"'
    assert failures[0].item == (
        f'{{"externalReferenceCode":"L-1","title":"{"Once " * 12}…"}}'
    )
    assert len(failures[1].item) == 424


def test_large_text_is_stored_in_a_field_that_takes_it(
    place: Workspace, tmp_path: Path
) -> None:
    """Rich texts have no limit of their own."""
    body = "<p>plums</p>" * 150_000
    path = written(
        tmp_path / "letters.json", {"externalReferenceCode": "L-1", "body": body}
    )

    assert import_file(place, "target", path).counts == Counts(created=1)
    assert letters(place, "target")[0]["body"] == body


def test_large_text_of_a_definition_is_stored(place: Workspace, tmp_path: Path) -> None:
    """A definition may hold a long script."""
    script = "plum" * 500_000
    definition = {
        **LETTER,
        "externalReferenceCode": "NOTE",
        "name": "Note",
        "objectActions": [{"name": "run", "parameters": {"script": script}}],
    }
    path = written(tmp_path / "definitions.json", definition)
    plan = ImportPlan(entity_type="ObjectDefinition")
    task = place.tasks.add("target", plan, path.name)
    copy_into_workspace(path, original_path(place, task), consume=False)

    run_task(place, task.id)

    assert place.tasks.get(task.id).counts == Counts(created=1)
    installation = connect(place.connections.get("target").url)
    stored = read(installation, "ObjectDefinition", "name", "objectActions")
    installation.close()
    assert stored[-1]["objectActions"][0]["parameters"] == {"script": script}


def test_attachment_is_mapped_from_a_field_of_another_name(
    place: Workspace, tmp_path: Path
) -> None:
    """A mapping passes large texts along."""
    scan = {"fileBase64": CONTENT, "name": "b.pdf"}
    path = written(tmp_path / "letters.json", {"code": "L-1", "picture": scan})
    pairs = (
        FieldMapping("code", "externalReferenceCode"),
        FieldMapping("picture", "scan"),
    )

    task = import_file(place, "target", path, mapping=Mapping(pairs))

    assert task.counts == Counts(created=1)
    assert letters(place, "target")[0]["scan"]["size"] == LARGE


def test_expression_refuses_a_large_text_that_it_uses() -> None:
    """Computing would load it, and leave half of it out without a word."""
    large = LargeText(LARGE, "yyy", lambda: iter([]))
    record = {"title": "Hi", "body": large, "scan": {"fileBase64": large, "name": "a"}}

    assert compile_expression("record.title + record.scan.name", "t")(record) == "Hia"
    assert compile_expression("body", "t")(record) == Problem(
        "mapping-error",
        "The expression of the field 't' cannot be computed. The field 'body' holds "
        "too large a text.",
        "t",
    )


def test_head_of_a_file_ends_early_if_records_are_large(
    tmp_path: Path,
) -> None:
    """A hundred of them may be the whole of a disk."""
    scan = {"fileBase64": "eHh4" * 1_500_000, "name": "a.pdf"}
    path = written(tmp_path / "letters.json", *[{"scan": scan}] * 6)

    head = read_head(path)
    whole = read_head(written(tmp_path / "four.json", *[{"scan": scan}] * 4))

    assert (len(head.records), head.complete) == (4, False)
    assert (len(whole.records), whole.complete) == (4, True)
    assert head.records_about == 6
