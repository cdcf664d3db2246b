"""What an update leaves out is named, and every face gives the same verdict."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.center import Center
from dmc_widgets.installations import connect
from dmc_widgets.installations.secret_store import PASSWORD
from dmc_widgets.model.access import Access
from dmc_widgets.model.outcome import OutcomeKind
from dmc_widgets.model.plan import ImportPlan, MigrationPlan, Selection
from dmc_widgets.model.strategies import ErrorStrategy, Policy, UpdateStrategy
from dmc_widgets.model.task import Task
from dmc_widgets.ports import Batch, Installation
from dmc_widgets.tasks.installation_access import find_entity_type
from dmc_widgets.tasks.task_files import original_path
from dmc_widgets.tasks.worker.runner import run_task
from dmc_widgets.workspace import Workspace
from dmc_widgets.workspace.file_transfer import copy_into_workspace
from tests.factories import field_settings
from tests.sandbox.conftest import SETTINGS, run_sandbox

Item = dict[str, Any]
Path_ = tuple[str | int, ...]

pytestmark = pytest.mark.usefixtures("where")

PUT, PATCH = UpdateStrategy.UPDATE, UpdateStrategy.PARTIAL_UPDATE
PUBLISHED = "because it is published"
LINK = "because a relationship keeps its type and the definitions that it connects"


def field(name: str, business_type: str, **more: Any) -> Item:
    label = {"en_US": name}
    return {"name": name, "label": label, "businessType": business_type, **more}


def thing(code: str) -> Item:
    """A definition with everything that an update may leave out."""
    child = f"{code}KID"
    return {
        "externalReferenceCode": code,
        "name": code.capitalize(),
        "label": {"en_US": code},
        "pluralLabel": {"en_US": code},
        "scope": "company",
        "status": {"code": 0},
        "objectFields": [
            field(
                "title",
                "Text",
                localized=False,
                objectFieldSettings=field_settings(uniqueValues=True),
            ),
            field("size", "Integer"),
            field("hue", "Picklist", listTypeDefinitionExternalReferenceCode="HUES"),
            field(
                "number",
                "AutoIncrement",
                objectFieldSettings=field_settings(initialValue="1", prefix="A"),
            ),
            field(
                "at",
                "DateTime",
                objectFieldSettings=field_settings(timeStorage="convertToUTC"),
            ),
        ],
        "objectRelationships": [
            {
                "name": "kids",
                "label": {"en_US": "Kids"},
                "type": "oneToMany",
                "deletionType": "prevent",
                "objectDefinitionExternalReferenceCode2": child,
            }
        ],
    }


def kid(code: str) -> Item:
    return {
        **thing(code),
        "externalReferenceCode": f"{code}KID",
        "name": f"{code.capitalize()}kid",
        "objectFields": [field("title", "Text")],
        "objectRelationships": [],
    }


HUES = {"externalReferenceCode": "HUES", "name": "Hues"}
SHADES = {"externalReferenceCode": "SHADES", "name": "Shades"}
FOLDER = {
    "externalReferenceCode": "YARD",
    "name": "Yard",
    "label": {"en_US": "Yard"},
}

FIELDS, LINKS, SETTINGS_OF = (
    "objectFields",
    "objectRelationships",
    "objectFieldSettings",
)

KEPT: dict[str, tuple[Path_, Any, str]] = {
    "name": (("name",), "Other", f'{PUBLISHED}: name (stored "Name", given "Other")'),
    "scope": (
        ("scope",),
        "site",
        f'{PUBLISHED}: scope (stored "company", given "site")',
    ),
    "type": (
        (FIELDS, 1, "businessType"),
        "Text",
        f'{PUBLISHED}: objectFields.size.businessType (stored "Integer", given "Text")',
    ),
    "localized": (
        (FIELDS, 0, "localized"),
        True,
        f"{PUBLISHED}: objectFields.title.localized (stored false, given true)",
    ),
    "picklist": (
        (FIELDS, 2, "listTypeDefinitionExternalReferenceCode"),
        "SHADES",
        f"{PUBLISHED}: objectFields.hue.listTypeDefinitionExternalReferenceCode "
        '(stored "HUES", given "SHADES")',
    ),
    "notunique": (
        (FIELDS, 0, SETTINGS_OF),
        [],
        f"{PUBLISHED}: objectFields.title.objectFieldSettings.uniqueValues "
        "(stored true, given nothing)",
    ),
    "falseunique": (
        (FIELDS, 0, SETTINGS_OF, 0, "value"),
        "false",
        f"{PUBLISHED}: objectFields.title.objectFieldSettings.uniqueValues "
        '(stored true, given "false")',
    ),
    "initial": (
        (FIELDS, 3, SETTINGS_OF, 0, "value"),
        "5",
        f"{PUBLISHED}: objectFields.number.objectFieldSettings.initialValue "
        '(stored "1", given "5")',
    ),
    "prefix": (
        (FIELDS, 3, SETTINGS_OF, 1, "value"),
        "B",
        f"{PUBLISHED}: objectFields.number.objectFieldSettings.prefix "
        '(stored "A", given "B")',
    ),
    "suffix": (
        (FIELDS, 3, SETTINGS_OF),
        field_settings(initialValue="1", prefix="A", suffix="Z"),
        f"{PUBLISHED}: objectFields.number.objectFieldSettings.suffix "
        '(stored nothing, given "Z")',
    ),
    "storage": (
        (FIELDS, 4, SETTINGS_OF, 0, "value"),
        "useInputAsEntered",
        f"{PUBLISHED}: objectFields.at.objectFieldSettings.timeStorage "
        '(stored "convertToUTC", given "useInputAsEntered")',
    ),
    "onetoone": (
        (LINKS, 0, "type"),
        "oneToOne",
        f'{LINK}: objectRelationships.kids.type (stored "oneToMany", given "oneToOne")',
    ),
    "many": (
        (LINKS, 0, "type"),
        "manyToMany",
        f'{LINK}: objectRelationships.kids.type (stored "oneToMany", '
        'given "manyToMany")',
    ),
    "child": (
        (LINKS, 0, "objectDefinitionExternalReferenceCode2"),
        "NAMEKID",
        f"{LINK}: objectRelationships.kids.objectDefinitionExternalReferenceCode2 "
        '(stored "CHILDKID", given "NAMEKID")',
    ),
}
"""Changes of a published definition that an update ignores, and their notes."""

TAKEN: dict[str, tuple[Path_, Any]] = {
    "deletion": ((LINKS, 0, "deletionType"), "cascade"),
    "label": (("label",), {"en_US": "Another"}),
    "required": ((FIELDS, 1, "required"), True),
}
"""Changes that reach a published definition."""

IN_DRAFTS = {name for name, (_, _, told) in KEPT.items() if LINK in told}
CASES = {name: case[:2] for name, case in KEPT.items()} | TAKEN


def changed(name: str, status: int) -> Item:
    path, value = CASES[name]
    item = copy.deepcopy(thing(name.upper())) | {"status": {"code": status}}
    place: Any = item
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return item


def write(installation: Installation, kind: str, *items: Item) -> None:
    entity_type = find_entity_type(installation.entity_types(), kind)
    policy = Policy(error_strategy=ErrorStrategy.CONTINUE)
    batch = Batch(task=f"set up {kind}", number=1, items=items, policy=policy)
    outcomes = installation.write(entity_type, batch)
    assert [outcome.problem for outcome in outcomes] == [None] * len(items)


def fill(path: Path, status: int, items: list[Item] | None = None) -> str:
    """Make an installation with the definition of each case, and its child."""
    url = f"sqlite:///{path}"
    installation = connect(url)
    write(installation, "ObjectFolder", FOLDER)
    write(installation, "ListTypeDefinition", HUES, SHADES)
    codes = [name.upper() for name in CASES]
    things = items or [thing(code) | {"status": {"code": status}} for code in codes]
    write(installation, "ObjectDefinition", *map(kid, codes), *things)
    installation.close()
    return url


@pytest.fixture(params=["database", "server"])
def where(
    request: pytest.FixtureRequest,
    workspace: Workspace,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[str]:
    """Where the target is: target holds published definitions, drafts holds drafts."""
    monkeypatch.setenv(PASSWORD, SETTINGS.password)
    urls = {
        name: fill(tmp_path / f"{name}.db", code)
        for name, code in (("target", 0), ("drafts", 2))
    }
    if request.param == "database":
        for name, url in urls.items():
            workspace.connections.put(name, url)
        yield request.param
        return
    center = Center(workspace)
    with (
        run_sandbox(tmp_path / "target.db") as target,
        run_sandbox(tmp_path / "drafts.db") as drafts,
    ):
        center.installations.add("target", target.url, Access(user=SETTINGS.user))
        center.installations.add("drafts", drafts.url, Access(user=SETTINGS.user))
        yield request.param


def plan_of(
    update_strategy: UpdateStrategy, kind: str = "ObjectDefinition"
) -> ImportPlan:
    policy = Policy(
        update_strategy=update_strategy, error_strategy=ErrorStrategy.CONTINUE
    )
    return ImportPlan(entity_type=kind, policy=policy, name="test")


def preview_and_run(
    workspace: Workspace, target: str, plan: ImportPlan, file: Path
) -> tuple[list[str], tuple[str, ...], Task]:
    """Preview a file, import it, and return what each of them says."""
    center = Center(workspace)
    preview = center.files.preview_records(target, plan, file, 100)
    expected = [record.expected.value for record in preview.records]
    task = workspace.tasks.add(target, plan, file.name)
    copy_into_workspace(file, original_path(workspace, task), consume=False)
    run_task(workspace, task.id)
    return expected, preview.notes, workspace.tasks.get(task.id)


def outcomes(workspace: Workspace, task: Task) -> list[str]:
    return [
        outcome.kind.value
        for recorded in workspace.outcomes.read(task.id)
        for outcome in recorded.outcomes
    ]


@pytest.mark.parametrize("update_strategy", [PUT, PATCH])
@pytest.mark.parametrize("target", ["target", "drafts"])
def test_preview_and_run_agree_on_ignored_changes(
    workspace: Workspace,
    tmp_path: Path,
    target: str,
    update_strategy: UpdateStrategy,
) -> None:
    """Both name the definition, the property, the stored and the given value."""
    status = {"target": 0, "drafts": 2}[target]
    file = tmp_path / "things.json"
    file.write_text(json.dumps([changed(name, status) for name in CASES]))

    expected, notes, task = preview_and_run(
        workspace, target, plan_of(update_strategy), file
    )

    found = dict(zip(CASES, outcomes(workspace, task), strict=True))
    assert dict(zip(CASES, expected, strict=True)) == found
    assert "failed" not in found.values()
    assert set(notes) == set(task.notes)
    kept = KEPT.keys() if target == "target" else IN_DRAFTS
    if update_strategy is PUT:
        assert {n for n, kind in found.items() if kind == "unchanged"} == set(kept)
        assert set(notes) == {
            f"ObjectDefinition {name.capitalize()} keeps what is stored, {told}."
            for name in kept
            for told in [KEPT[name][2]]
        }
    else:
        told = "\n".join(notes)
        for name, (path, _) in CASES.items():
            if path[0] in {FIELDS, LINKS} and name != "notunique":
                assert f"ObjectDefinition {name.capitalize()} keeps" in told


def test_comparison_marks_changes_that_updates_ignore(
    workspace: Workspace, tmp_path: Path
) -> None:
    """What it does not mark is what the import changes."""
    wanted = [changed(name, 0) for name in CASES]
    url = fill(tmp_path / "source.db", 0, wanted)
    workspace.connections.put("source", url)
    found = Center(workspace).installations.differences("source", "target")

    of_things = [each for each in found if each.key.lower() in CASES and each.path]
    kept = {thing.key.lower() for thing in of_things if thing.kept}
    changing = {thing.key.lower() for thing in of_things if not thing.kept}

    assert kept - changing == KEPT.keys()
    assert changing >= TAKEN.keys()


@pytest.mark.parametrize("dry_run", [True, False])
def test_migration_notes_ignored_changes(
    workspace: Workspace, tmp_path: Path, dry_run: bool
) -> None:
    names = ["scope", "type", "label"]
    wanted = [changed(n, 0) if n in names else thing(n.upper()) for n in CASES]
    workspace.connections.put("source", fill(tmp_path / "source.db", 0, wanted))
    plan = MigrationPlan(
        source="source",
        selection=Selection(entity_types=("ObjectDefinition",), with_needed=False),
        policy=Policy(error_strategy=ErrorStrategy.CONTINUE),
        dry_run=dry_run,
        name="test",
    )

    task = workspace.tasks.add("target", plan)
    run_task(workspace, task.id)
    task = workspace.tasks.get(task.id)

    assert task.counts.updated == 1
    assert task.counts.unchanged == task.counts.total - 1
    told = [note for note in task.notes if "keeps what is stored" in note]
    assert told == [
        f"ObjectDefinition {name.capitalize()} keeps what is stored, {KEPT[name][2]}."
        for name in ("scope", "type")
    ]


def test_folder_name_is_not_changed(workspace: Workspace, tmp_path: Path) -> None:
    """Liferay's PUT and PATCH of a folder change its label and its items."""
    file = tmp_path / "folders.json"
    renamed = {**FOLDER, "name": "Garden", "label": {"en_US": "Garden"}}
    file.write_text(json.dumps([renamed]))

    expected, notes, task = preview_and_run(
        workspace, "target", plan_of(PUT, "ObjectFolder"), file
    )

    assert expected == outcomes(workspace, task) == ["updated"]
    assert (
        notes
        == task.notes
        == (
            "ObjectFolder Yard keeps what is stored, because a folder keeps its name: "
            'name (stored "Yard", given "Garden").',
        )
    )
    (name,) = (
        difference
        for difference in Center(workspace).installations.differences(
            "drafts", "target"
        )
        if difference.key == "YARD"
    )
    assert (name.path, name.kept) == ("label.en_US", None)


def test_publishing_and_changing_a_definition_in_one_file(
    workspace: Workspace, tmp_path: Path
) -> None:
    """The second record meets what the first one left."""
    file = tmp_path / "things.json"
    item = thing("FRESH") | {"objectRelationships": []}
    file.write_text(json.dumps([item, item | {"scope": "site"}]))

    expected, notes, task = preview_and_run(workspace, "target", plan_of(PUT), file)

    assert (
        expected
        == outcomes(workspace, task)
        == [
            OutcomeKind.CREATED,
            OutcomeKind.UNCHANGED,
        ]
    )
    assert (
        notes
        == task.notes
        == (
            "ObjectDefinition Fresh keeps what is stored, because it is published: "
            'scope (stored "company", given "site").',
        )
    )
