"""Into a target that has the same names under other external reference codes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.center import Center
from dmc_widgets.errors import InvalidPlan
from dmc_widgets.installations import connect
from dmc_widgets.installations.secret_store import PASSWORD
from dmc_widgets.model.access import Access
from dmc_widgets.model.plan import MigrationPlan, Selection
from dmc_widgets.model.strategies import Policy
from dmc_widgets.model.task import Task, TaskStatus
from dmc_widgets.ports import Batch, Query
from dmc_widgets.tasks.installation_access import find_entity_type, open_connection
from dmc_widgets.tasks.worker.runner import run_task
from dmc_widgets.workspace import Workspace
from tests.sandbox.conftest import SETTINGS, run_sandbox
from tests.tasks.migration.test_migration_task import (
    KIND_FIELD,
    KINDS,
    definition,
    link,
)

ERC = "externalReferenceCode"
TEAM = "r_members_c_teamERC"
NOTE = {"name": "note", "businessType": "Text", "label": {"en_US": "Note"}}
LISTED = (
    "ObjectFolder Desk (DESK in the source, DESK-2 in the target), "
    "ObjectDefinition Team (TEAM in the source, TEAM-2 in the target), "
    "ObjectDefinition Person (PERSON in the source, PERSON-2 in the target)"
)
TAKEN = (
    "Taken as the same by their names: ObjectFolder Desk (DESK in the source, DESK-2 "
    "in the target), ListTypeDefinition Kinds (KINDS in the source, KINDS-2 in the "
    "target), ObjectDefinition Team (TEAM in the source, TEAM-2 in the target), "
    "ObjectDefinition Person (PERSON in the source, PERSON-2 in the target)."
)
REFUSED = (
    f"The target has these names under other external reference codes: {LISTED}. "
    "Match by name (--match-names) to take them as the same, or give both the same "
    "code first."
)


def documents(suffix: str, *more: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Return a desk with people in teams, whose codes end in *suffix*."""
    membership = link("members", f"TEAM{suffix}", f"PERSON{suffix}")
    kind = {
        **KIND_FIELD,
        "listTypeDefinitionExternalReferenceCode": f"KINDS{suffix}",
    }
    folder = {"objectFolderExternalReferenceCode": f"DESK{suffix}"}
    team = definition("Team", {**membership, ERC: f"MEMBERS{suffix}"}, **folder)
    person = definition("Person", fields=[kind, *more], **folder)
    return {
        "ObjectFolder": [
            {ERC: f"DESK{suffix}", "name": "Desk", "label": {"en_US": "Desk"}}
        ],
        "ListTypeDefinition": [{**KINDS, ERC: f"KINDS{suffix}"}],
        "ObjectDefinition": [
            {**each, ERC: f"{each[ERC]}{suffix}"} for each in (team, person)
        ],
    }


ENTRIES = {
    "C_Team": [{ERC: "T1", "title": "Red"}],
    "C_Person": [{ERC: "P1", "title": "Ada", "kind": "a", "note": "!", TEAM: "T1"}],
}


def fill(path: Path, items: dict[str, list[dict[str, Any]]]) -> None:
    opened = connect(f"sqlite:///{path}")
    for name, each in items.items():
        batch = Batch(task=name, number=1, items=each, policy=Policy())
        outcomes = opened.write(find_entity_type(opened.entity_types(), name), batch)
        assert [outcome.problem for outcome in outcomes] == [None] * len(each)
    opened.close()


@pytest.fixture(params=["embedded", "servers"])
def desks(
    request: pytest.FixtureRequest,
    workspace: Workspace,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Center]:
    """A center over a *source*, and a *target* with the same names."""
    monkeypatch.setenv(PASSWORD, SETTINGS.password)
    fill(tmp_path / "source.db", {**documents("", NOTE), **ENTRIES})
    fill(tmp_path / "target.db", documents("-2"))
    center = Center(workspace)
    with ExitStack() as stack:
        for name in ("source", "target"):
            path = tmp_path / f"{name}.db"
            if request.param == "embedded":
                center.installations.add(name, f"sqlite:///{path}")
            else:
                url = stack.enter_context(run_sandbox(path)).url
                center.installations.add(name, url, Access(user=SETTINGS.user))
        yield center


def migrate(workspace: Workspace, *names: str, **choices: Any) -> Task:
    """Migrate in this process."""
    chosen = Selection(entity_types=names, with_needed=bool(names))
    plan = MigrationPlan(source="source", selection=chosen, name="test", **choices)
    task = workspace.tasks.add("target", plan)
    run_task(workspace, task.id)
    return workspace.tasks.get(task.id)


def read(workspace: Workspace, name: str) -> list[dict[str, Any]]:
    opened = open_connection(workspace.connections.get("target"))
    found = list(opened.read(find_entity_type(opened.entity_types(), name), Query()))
    opened.close()
    return found


def test_same_names_under_other_codes_are_refused_before_writing(
    desks: Center, workspace: Workspace
) -> None:
    """By the form or command that would start it, by a dry run, and by the run."""
    before = desks.installations.compare("source", "target")
    with pytest.raises(InvalidPlan) as caught:
        desks.tasks.start_migration("target", MigrationPlan(source="source"))
    rehearsed = migrate(workspace, "C_Person", dry_run=True)
    tried = migrate(workspace, "C_Person")

    assert str(caught.value) == REFUSED
    for task in (rehearsed, tried):
        assert (task.status, task.error) == (TaskStatus.FAILED, REFUSED)
    assert desks.installations.compare("source", "target").equals(before)


def test_matching_by_name_moves_everything(desks: Center, workspace: Workspace) -> None:
    """As in the dry run; the target keeps its codes, and a second run is unchanged."""
    rehearsed = migrate(workspace, match_names=True, dry_run=True)
    moved = migrate(workspace, match_names=True)
    again = migrate(workspace, match_names=True)

    assert (moved.status, moved.error) == (TaskStatus.COMPLETED, "")
    assert [part.counts for part in rehearsed.parts] == [
        part.counts for part in moved.parts
    ]
    assert rehearsed.notes[-1] == moved.notes[-1] == TAKEN
    assert again.counts.unchanged == again.counts.total
    names = ("ObjectFolder", "ListTypeDefinition", "ObjectDefinition")
    codes = {each[ERC] for name in names for each in read(workspace, name)}
    codes -= {"default"}  # every server has this folder
    assert codes == {"DESK-2", "KINDS-2", "TEAM-2", "PERSON-2"}
    (person,) = read(workspace, "C_Person")
    assert (person[TEAM], person["note"], person["kind"]["key"]) == ("T1", "!", "a")
    left = desks.installations.compare("source", "target")
    assert list(left["name"]) == ["Desk", "Kinds", "Person", "Team"]
    assert set(left["path"]) == {ERC}


@pytest.mark.usefixtures("desks")
def test_dependencies_matched_by_name_stay_unchanged(workspace: Workspace) -> None:
    """A namesake is there, so nothing of it moves; entries fit in."""
    moved = migrate(workspace, "C_Person", match_names=True)

    assert (moved.status, moved.error) == (TaskStatus.COMPLETED, "")
    assert [(part.title, part.counts.total) for part in moved.parts] == [
        ("ObjectFolder (needed)", 0),
        ("ListTypeDefinition (needed)", 0),
        ("ObjectDefinition (needed)", 0),
        ("C_Team (needed)", 1),
        ("C_Person", 1),
    ]
    (person,) = read(workspace, "C_Person")
    assert (person[TEAM], person["title"], "note" in person) == ("T1", "Ada", False)
    assert moved.notes[1] == (
        "The target has these already, but not as the source has them; they are only "
        "needed, so they stay as they are: ObjectDefinition Person. dmc compare shows "
        "how they differ."
    )


@pytest.mark.usefixtures("desks")
def test_picklist_of_the_same_name_gives_a_note_only(workspace: Workspace) -> None:
    """Names of picklists are free, so both stay, and the person learns of it."""
    moved = migrate(workspace, "ListTypeDefinition")

    assert moved.counts.created == 1
    assert moved.notes == (
        "The target has picklists of these names already, under other external "
        "reference codes, and will have both: ListTypeDefinition Kinds (KINDS in the "
        "source, KINDS-2 in the target). Match by name (--match-names) to take them as "
        "the same.",
    )
