"""Merges as tasks: what only production has is still there afterwards."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.center import Center
from dmc_widgets.errors import InvalidPlan
from dmc_widgets.installations.secret_store import PASSWORD
from dmc_widgets.model.access import Access
from dmc_widgets.model.entity_type import OBJECT_DEFINITION
from dmc_widgets.model.merge_choices import MergeChoices
from dmc_widgets.model.plan import ImportPlan, MigrationPlan, PackagePlan, Selection
from dmc_widgets.model.strategies import ErrorStrategy, Policy
from dmc_widgets.model.task import Counts, Task, TaskStatus
from dmc_widgets.objects.comparison.differences import ChangeType
from dmc_widgets.tasks.task_files import original_path
from dmc_widgets.tasks.worker.runner import run_task
from dmc_widgets.workspace import Workspace
from dmc_widgets.workspace.file_transfer import copy_into_workspace
from tests.sandbox.conftest import SETTINGS, run_sandbox
from tests.tasks.migration.test_migration_name_matches import fill
from tests.tasks.migration.test_migration_task import ERC, definition, link, read

MERGE = Policy(update_strategy="MERGE")


def text(name: str) -> dict[str, Any]:
    return {"name": name, "businessType": "Text", "label": {"en_US": name}}


def picklist_field(name: str, business_type: str) -> dict[str, Any]:
    field = {"name": name, "businessType": business_type, "label": {"en_US": name}}
    return field | {"listTypeDefinitionExternalReferenceCode": "COLOURS"}


def colours(*keys: str) -> dict[str, Any]:
    entries = [{"key": key, "name": key.title()} for key in keys]
    return {ERC: "COLOURS", "name": "Colours", "listTypeEntries": entries}


FIELDS = [picklist_field("colour", "Picklist"), text("vatNumber")]
STAGING = {
    "ListTypeDefinition": [colours("red", "green")],
    "ObjectDefinition": [
        definition("Firm", fields=[picklist_field("colour", "Picklist"), text("city")])
    ],
    "C_Firm": [
        {ERC: f"F{n}", "title": f"Firm {n}", "colour": "green", "city": "Köln"}
        for n in range(100)
    ],
}
PRODUCTION = {
    "ListTypeDefinition": [colours("red", "blue")],
    "ObjectDefinition": [
        definition("Firm", fields=FIELDS, label={"en_US": "Firm", "de_DE": "Firma"})
    ],
    "C_Firm": [
        {ERC: f"F{n}", "title": f"Old {n}", "colour": "blue", "vatNumber": f"DE{n}"}
        for n in range(100)
    ]
    + [{ERC: "P", "title": "Only here", "vatNumber": "AT1", "colour": "blue"}],
}


@pytest.fixture
def firms(workspace: Workspace, tmp_path: Path) -> Center:
    """A center over *source* and *target*, each of which has what the other lacks."""
    center = Center(workspace)
    for name, items in (("source", STAGING), ("target", PRODUCTION)):
        fill(tmp_path / f"{name}.db", items)
        center.installations.add(name, f"sqlite:///{tmp_path / name}.db")
    return center


@pytest.fixture
def servers(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Center]:
    """The same over two servers."""
    monkeypatch.setenv(PASSWORD, SETTINGS.password)
    for name, items in (("source", STAGING), ("target", PRODUCTION)):
        fill(tmp_path / f"{name}.db", items)
    center = Center(workspace)
    with (
        run_sandbox(tmp_path / "source.db") as source,
        run_sandbox(tmp_path / "target.db") as target,
    ):
        center.installations.add("source", source.url, Access(user=SETTINGS.user))
        center.installations.add("target", target.url, Access(user=SETTINGS.user))
        yield center


def migrate(workspace: Workspace, *names: str, **choices: Any) -> Task:
    selection = Selection(entity_types=names)
    plan = MigrationPlan(source="source", selection=selection, name="test", **choices)
    task = workspace.tasks.add("target", plan)
    run_task(workspace, task.id)
    return workspace.tasks.get(task.id)


def stored(center: Center, entity: str, erc: str) -> dict[str, Any]:
    with center.installations.connect("target") as opened:
        return next(dict(item) for item in opened.read(entity) if item[ERC] == erc)


def fields_of(center: Center) -> list[str]:
    fields = stored(center, "ObjectDefinition", "FIRM")["objectFields"]
    return [field["name"] for field in fields if not field["system"]]


def keys_of(center: Center) -> list[str]:
    entries = stored(center, "ListTypeDefinition", "COLOURS")["listTypeEntries"]
    return [entry["key"] for entry in entries]


def firms_in(center: Center) -> dict[str, dict[str, Any]]:
    with center.installations.connect("target") as opened:
        return {item[ERC]: dict(item) for item in opened.read("Firm")}


@pytest.mark.parametrize("where", ["firms", "servers"])
def test_merge_of_everything_loses_no_vat_number(
    where: str, request: pytest.FixtureRequest, workspace: Workspace
) -> None:
    """What a dry run counts is what the run does, and a second run changes nothing."""
    center: Center = request.getfixturevalue(where)

    rehearsed = migrate(workspace, policy=MERGE, dry_run=True)
    task = migrate(workspace, policy=MERGE)

    assert (task.status, task.counts) == (TaskStatus.COMPLETED, Counts(updated=102))
    assert rehearsed.counts == task.counts
    assert fields_of(center) == ["title", "colour", "vatNumber", "city"]
    assert keys_of(center) == ["red", "blue", "green"]
    labels = stored(center, "ObjectDefinition", "FIRM")["label"]
    assert labels == {"en_US": "Firm", "de_DE": "Firma"}
    after = firms_in(center)
    assert [after[f"F{n}"]["vatNumber"] for n in range(100)] == [
        f"DE{n}" for n in range(100)
    ]
    assert (after["F7"]["title"], after["F7"]["city"]) == ("Firm 7", "Köln")
    assert after["P"]["vatNumber"] == "AT1"
    assert migrate(workspace, policy=MERGE).counts == Counts(unchanged=102)
    left = center.installations.differences("source", "target")
    assert {difference.change for difference in left} == {ChangeType.REMOVED}


@pytest.mark.parametrize("where", ["firms", "servers"])
def test_overwriting_names_what_would_go_with_numbers(
    where: str, request: pytest.FixtureRequest, workspace: Workspace
) -> None:
    center: Center = request.getfixturevalue(where)
    with pytest.raises(InvalidPlan) as caught:
        center.tasks.start_migration("target", MigrationPlan(source="source"))
    assert str(caught.value) == (
        "Overwriting deletes what only the target has, with the values of its entries: "
        "ListTypeDefinition Colours (keys blue: 101 entries); "
        "ObjectDefinition Firm (fields vatNumber: 101 entries). Allow it "
        "(--allow-deletions), choose 'Merge Records' to keep it, or leave the "
        "documents out."
    )

    entries = Selection(entity_types="Firm")
    with pytest.raises(InvalidPlan) as caught:
        center.tasks.start_migration(
            "target", MigrationPlan(source="source", selection=entries)
        )
    assert str(caught.value) == (
        "Overwriting empties what the source has no value for, as in Liferay: "
        "vatNumber of 100 entries of Firm. Allow it (--allow-deletions), choose "
        "'Merge Records' to keep the values, or leave the entries out."
    )
    assert migrate(workspace, "Firm").status is TaskStatus.FAILED
    assert firms_in(center)["F1"]["vatNumber"] == "DE1"
    allowed = migrate(workspace, "Firm", allow_deletions=True)
    emptied = (
        "Overwriting empties what the source has no value for, as in Liferay: "
        "vatNumber of 100 entries of Firm."
    )
    assert emptied in allowed.notes


def test_field_that_no_entry_of_the_source_fills_counts_as_emptied(
    firms: Center, workspace: Workspace, tmp_path: Path
) -> None:
    """It is there after a merge of the definitions, and empty."""
    whole = definition("Firm", fields=[*FIELDS, text("city")])
    fill(tmp_path / "source.db", {OBJECT_DEFINITION: [whole]})

    refused = migrate(workspace, "Firm")

    with firms.installations.connect("source") as source:
        assert "vatNumber" in next(iter(source.read("Firm")))
    assert refused.error.startswith(
        "Overwriting empties what the source has no value for, as in Liferay: "
        "vatNumber of 100 entries of Firm."
    )


def test_choices_hold_for_a_migration_and_unknown_ones_are_refused(
    firms: Center, workspace: Workspace
) -> None:
    only = MergeChoices(only="Firm.objectFields.city", leave="Colours")
    with pytest.raises(InvalidPlan) as caught:
        firms.tasks.start_migration(
            "target",
            MigrationPlan(
                source="source",
                policy=Policy(update_strategy="MERGE", merge=MergeChoices("Firm.zip")),
            ),
        )
    assert str(caught.value) == (
        "No difference has the path 'Firm.zip'. The differences: "
        "ListTypeDefinition:Colours.listTypeEntries.blue, "
        "ListTypeDefinition:Colours.listTypeEntries.green, "
        "ObjectDefinition:Firm.label.de_DE, ObjectDefinition:Firm.objectFields.city, "
        "ObjectDefinition:Firm.objectFields.vatNumber."
    )

    policy = Policy(update_strategy="MERGE", merge=only)
    task = migrate(workspace, "ListTypeDefinition", "ObjectDefinition", policy=policy)

    assert task.counts == Counts(updated=1, unchanged=1)
    assert fields_of(firms) == ["title", "colour", "vatNumber", "city"]
    assert keys_of(firms) == ["red", "blue"]


def run_import(workspace: Workspace, path: Path, entity: str, **choices: Any) -> Task:
    task = workspace.tasks.add(
        "target", ImportPlan(entity_type=entity, name="test", **choices), path.name
    )
    copy_into_workspace(path, original_path(workspace, task), consume=False)
    run_task(workspace, task.id)
    return workspace.tasks.get(task.id)


def test_import_asks_before_it_deletes(
    firms: Center, workspace: Workspace, tmp_path: Path
) -> None:
    path = tmp_path / "definitions.json"
    path.write_text(json.dumps(STAGING["ObjectDefinition"]), "utf-8")
    kind = firms.installations.entity_type("target", "ObjectDefinition").key
    plan = ImportPlan(entity_type=kind)

    with pytest.raises(InvalidPlan, match=r"\(fields vatNumber: 101 entries\)\. Allow"):
        firms.tasks.start_import("target", plan, path)
    preview = firms.files.preview_records("target", plan, path)
    assert any("vatNumber: 101 entries" in text for text in preview.warnings)

    refused = run_import(workspace, path, kind)
    (failure,) = workspace.outcomes.failures(refused.id)
    assert failure.problem.code == "deletion-not-allowed"
    assert failure.problem.field == "objectFields"
    assert fields_of(firms) == ["title", "colour", "vatNumber"]

    merged = run_import(workspace, path, kind, policy=MERGE)
    assert merged.counts == Counts(updated=1)
    assert fields_of(firms) == ["title", "colour", "vatNumber", "city"]

    allowed = run_import(workspace, path, kind, allow_deletions=True)
    assert allowed.counts == Counts(updated=1)
    assert fields_of(firms) == ["title", "colour", "city"]


def test_deletion_late_in_a_long_file_fails_its_record_alone(
    firms: Center, workspace: Workspace, tmp_path: Path
) -> None:
    items = [definition(f"Thing{n}") for n in range(101)]
    path = tmp_path / "many.json"
    path.write_text(json.dumps([*items, definition("Firm"), items[0]]), "utf-8")
    policy = Policy(error_strategy=ErrorStrategy.CONTINUE)

    task = run_import(workspace, path, "ObjectDefinition", policy=policy)

    assert task.counts == Counts(created=101, unchanged=1, failed=1)
    (failure,) = workspace.outcomes.failures(task.id)
    assert failure.index == 102
    assert fields_of(firms) == ["title", "colour", "vatNumber"]


def test_relationships_and_keys_are_counted(
    workspace: Workspace, tmp_path: Path
) -> None:
    """Children of a parent, links of a many-to-many relationship, keys in lists."""
    desk = definition(
        "Desk",
        link("drawers", "DESK", "DRAWER"),
        link("tags", "DESK", "DRAWER", "manyToMany"),
    )
    drawer = definition(
        "Drawer", fields=[picklist_field("shades", "MultiselectPicklist")]
    )
    parent = "r_drawers_c_deskERC"
    items: dict[str, list[dict[str, Any]]] = {
        "ListTypeDefinition": [colours("red", "blue")],
        "ObjectDefinition": [desk, drawer],
        "C_Desk": [{ERC: "D"}, {ERC: "E"}],
        "C_Drawer": [
            {ERC: "A", parent: "D", "shades": ["red", "blue"]},
            {ERC: "B", parent: "D", "shades": ["red"]},
            {ERC: "C"},
        ],
    }
    fill(tmp_path / "target.db", items)
    fill(tmp_path / "target.db", {"Desk": [{ERC: "E", "tags": ["A"]}]})
    fill(
        tmp_path / "source.db",
        {
            "ListTypeDefinition": [colours("blue")],
            "ObjectDefinition": [definition("Desk"), definition("Drawer")],
        },
    )
    center = Center(workspace)
    for name in ("source", "target"):
        center.installations.add(name, f"sqlite:///{tmp_path / name}.db")

    with pytest.raises(InvalidPlan) as caught:
        center.tasks.start_migration("target", MigrationPlan(source="source"))

    assert (
        "ListTypeDefinition Colours (keys red: 2 entries); ObjectDefinition Desk "
        "(relationships drawers: 2 entries, tags: 1 entry); ObjectDefinition Drawer "
        "(fields shades: 2 entries)."
    ) in str(caught.value)


def test_folder_asks_for_the_definitions_that_it_includes(
    firms: Center, workspace: Workspace, tmp_path: Path
) -> None:
    folder = {
        ERC: "DESK",
        "name": "Desk",
        "label": {"en_US": "Desk"},
        "objectFolderItems": [
            {
                "objectDefinition": definition("Firm"),
                "objectDefinitionExternalReferenceCode": "FIRM",
            }
        ],
    }
    path = tmp_path / "folder.json"
    path.write_text(json.dumps([folder]), "utf-8")

    with pytest.raises(InvalidPlan, match="ObjectDefinition Firm"):
        firms.tasks.start_import("target", ImportPlan(entity_type="ObjectFolder"), path)
    merged = run_import(workspace, path, "ObjectFolder", policy=MERGE)

    assert merged.counts == Counts(created=1)
    assert fields_of(firms) == ["title", "colour", "vatNumber"]


def test_package_cannot_state_a_merge() -> None:
    with pytest.raises(InvalidPlan, match="A package cannot state MERGE"):
        PackagePlan(policy=MERGE)


def test_template_keeps_choices(firms: Center) -> None:
    policy = Policy(
        update_strategy="MERGE", merge=MergeChoices("Firm", leave="Firm.label")
    )
    plan = ImportPlan(
        entity_type="ObjectDefinition", policy=policy, allow_deletions=True
    )

    firms.templates.save("Merge", plan)

    assert firms.templates.get("Merge").plan == plan
    assert read(firms, "target", "Firm")["P"]["vatNumber"] == "AT1"


def test_verification_after_a_merge_finds_nothing_amiss(
    firms: Center, workspace: Workspace, tmp_path: Path
) -> None:
    """A value that stays because the source has none is as it should be."""
    whole = definition("Firm", fields=[*FIELDS, text("city")])
    fill(tmp_path / "source.db", {OBJECT_DEFINITION: [whole]})

    task = migrate(workspace, policy=MERGE)

    result = workspace.verifications.get(task.id)
    assert result is not None
    assert (result.expected, result.mismatches) == (102, 0)
    assert firms_in(firms)["F3"]["vatNumber"] == "DE3"


def test_left_out_document_is_not_missing(firms: Center, workspace: Workspace) -> None:
    whole = definition("Other")
    source = Path(firms.installations["source"].url.removeprefix("sqlite:///"))
    fill(source, {OBJECT_DEFINITION: [whole]})
    policy = Policy(update_strategy="MERGE", merge=MergeChoices(leave="Other"))

    task = migrate(workspace, "ObjectDefinition", policy=policy)

    result = workspace.verifications.get(task.id)
    assert result is not None
    assert (result.expected, result.mismatches) == (1, 0)
    with pytest.raises(StopIteration):
        stored(firms, "ObjectDefinition", "OTHER")


def test_run_of_a_dry_run_asks_before_it_deletes(
    firms: Center, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "dmc_widgets.center.launching.launch_worker",
        lambda opened, task: run_task(opened, task.id),
    )
    path = tmp_path / "definitions.json"
    path.write_text(json.dumps(STAGING["ObjectDefinition"]), "utf-8")
    shown = firms.import_file("target", "ObjectDefinition", path, dry_run=True)
    assert any("vatNumber: 101 entries" in note for note in shown.notes)

    with pytest.raises(InvalidPlan, match=r"\(--allow-deletions\)"):
        shown.run()
    assert shown.run(allow_deletions=True).counts == Counts(updated=1)
    assert fields_of(firms) == ["title", "colour", "city"]
