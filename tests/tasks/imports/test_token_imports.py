"""Placeholders of Liferay's packages are named, and not stored as text or language."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.center import Center
from dmc_widgets.model.plan import ImportPlan
from dmc_widgets.model.strategies import UpdateStrategy
from dmc_widgets.objects.replacement_tokens import find_tokens
from dmc_widgets.workspace import Workspace
from tests.tasks.imports.test_folder_imports import plain
from tests.tasks.imports.test_ignored_changes import (
    FOLDER,
    field,
    plan_of,
    preview_and_run,
)
from tests.tasks.imports.test_missing_references import place

__all__ = ["place"]

EACH = "[$FOR_EACH_LANGUAGE_ID$]"
WHERE = (
    "is not supported: Liferay fills it in where it deploys a client extension or a "
    "site initializer."
)
EACH_REFUSED = (
    f"The placeholder {EACH} {WHERE} State the text of each language, such as en_US."
)
HUES = {"externalReferenceCode": "HUES", "name": "Hues"}
RED = {"key": "red", "name_i18n": {EACH: "red"}}
LOCALIZED = field("motto", "Text", localized=True)


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        pytest.param({"label": {EACH: "x"}}, ["label"], id="key"),
        pytest.param({"id": "[$OBJECT_DEFINITION_ID:Event$]"}, ["id"], id="asset"),
        pytest.param({"id": "[#GROUP_ID#]"}, ["id"], id="number"),
        pytest.param({"id": "[$Ticket#First$]"}, ["id"], id="entry"),
        pytest.param(
            {"f": [{"name": "hue", "l": ["[$GROUP_ID$]"]}]}, ["f.hue.l"], id="nested"
        ),
        pytest.param({"text": "from 3 to [$5]"}, [], id="price"),
        pytest.param({"text": "a [$GROUP_ID$] within a text"}, [], id="within"),
        pytest.param({"text": "[$usd$]"}, [], id="small letters"),
        pytest.param({"text": "[%TICKET_ID%]"}, [], id="notification term"),
        pytest.param({"text": "[$"}, [], id="a beginning"),
    ],
)
def test_placeholders_are_recognised(text: dict[str, Any], paths: list[str]) -> None:
    assert [token.path for token in find_tokens(text)] == paths


@pytest.mark.parametrize(
    ("kind", "item", "path", "message"),
    [
        (
            "ObjectDefinition",
            plain("TICKET") | {"label": {EACH: "ticket", "en_US": "Ticket"}},
            "label",
            EACH_REFUSED,
        ),
        (
            "ObjectDefinition",
            plain("TICKET")
            | {"objectRelationships": [{"name": "a", "type": "[$GROUP_ID$]"}]},
            "objectRelationships.a.type",
            f"The placeholder [$GROUP_ID$] {WHERE} State what it stands for.",
        ),
        (
            "ListTypeDefinition",
            HUES | {"listTypeEntries": [RED]},
            "listTypeEntries.red.name_i18n",
            EACH_REFUSED,
        ),
        ("ObjectFolder", FOLDER | {"label": {EACH: "yard"}}, "label", EACH_REFUSED),
    ],
    ids=["definition", "value", "picklist", "folder"],
)
def test_document_with_a_placeholder_is_refused(
    workspace: Workspace,
    tmp_path: Path,
    place: str,
    *,
    kind: str,
    item: dict[str, Any],
    path: str,
    message: str,
) -> None:
    file = tmp_path / "items.json"
    file.write_text(json.dumps([item]))

    plan = plan_of(UpdateStrategy.UPDATE, kind)
    preview = Center(workspace).files.preview_records(place, plan, file)
    expected, _, task = preview_and_run(workspace, place, plan, file)

    (failure,) = workspace.outcomes.failures(task.id)
    assert expected == ["failed"]
    assert failure.problem.code == "unsupported-placeholder"
    assert (failure.problem.field, failure.problem.message) == (path, message)
    assert [fault.problem for fault in preview.records[0].faults] == [failure.problem]


def test_entries_with_placeholders_give_a_warning(
    workspace: Workspace, tmp_path: Path, place: str
) -> None:
    """A language fails the entry; a text stays a text, and the file is warned of."""
    definition = plain("SLOGAN") | {
        "objectFields": [field("title", "Text"), LOCALIZED],
        "objectRelationships": [],
    }
    file = tmp_path / "items.json"
    file.write_text(json.dumps([definition]))
    preview_and_run(workspace, place, plan_of(UpdateStrategy.UPDATE), file)
    center = Center(workspace)
    key = center.installations.entity_type(place, "Slogan").key
    plan = plan_of(UpdateStrategy.UPDATE, key)
    entries = [{"motto_i18n": {EACH: "x"}}, {"title": "[$GROUP_ID$]"}]
    file.write_text(json.dumps(entries))

    check = center.files.check_import(
        place, ImportPlan(entity_type=key, name="x"), file
    )
    expected, _, task = preview_and_run(workspace, place, plan, file)

    (failure,) = workspace.outcomes.failures(task.id)
    assert expected == ["failed", "created"]
    assert failure.problem.message == (
        f"The placeholder {EACH} of Liferay's packages is not supported. State the "
        f'text of each language, such as en_US. "{EACH}" is not a language ID. Write '
        'it like "en_US" in the object field "motto_i18n"'
    )
    assert check.warnings == (
        f"items.json holds placeholders of Liferay's packages, such as {EACH} in "
        "'motto_i18n'. They are not filled in: a text field keeps them as they stand.",
    )


def test_package_file_with_a_placeholder_fails(
    workspace: Workspace, tmp_path: Path
) -> None:
    workspace.connections.put("place", f"sqlite:///{tmp_path / 'place.db'}")
    folder = tmp_path / "package"
    folder.mkdir()
    content = {
        "configuration": {
            "className": "com.liferay.object.admin.rest.dto.v1_0.ObjectDefinition"
        },
        "items": [plain("TICKET") | {"label": {EACH: "ticket"}}],
    }
    file = folder / "01.batch-engine-data.json"
    file.write_text(json.dumps(content))

    (step,) = Center(workspace).tasks.import_package("place", folder)

    assert step.task is not None
    assert step.task.error == f"Record 1: {EACH_REFUSED} Nothing was imported."
