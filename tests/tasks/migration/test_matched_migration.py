"""Entries of a migration are matched by a key, and whatever names them follows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from dmc_widgets.center import Center
from dmc_widgets.errors import InvalidPlan, NotSupported, UnknownName
from dmc_widgets.installations.secret_store import PASSWORD
from dmc_widgets.model.access import Access
from dmc_widgets.model.plan import MigrationPlan, Selection
from dmc_widgets.model.strategies import Policy
from dmc_widgets.model.task import Counts, Task, TaskStatus
from dmc_widgets.tasks.worker.runner import run_task
from dmc_widgets.workspace import Workspace
from dmc_widgets.workspace.workers import NO_WORKER
from tests.sandbox.conftest import SETTINGS, run_sandbox
from tests.tasks.interrupted_worker import Interruption, Killed
from tests.tasks.migration import test_migration_task as migrations
from tests.tasks.migration.test_migration_task import (
    BOSS,
    DEFINITIONS,
    ERC,
    INSIDE,
    KINDS,
    TEAM,
    read,
    url_of,
    write,
)

moving = migrations.moving
pytestmark = pytest.mark.usefixtures("in_this_process")

ENTITIES = ("Skill", "Team", "Person")
MATCH = {"Team": "title", "Person": ["title", "kind"], "Skill": "title"}
OTHER_CODES: dict[str, list[dict[str, Any]]] = {
    "C_Skill": [{ERC: "X-S1", "title": "Singing"}],
    "C_Team": [{ERC: "X-T1", "title": "Team 1"}, {ERC: "T2", "title": "Other"}],
    "C_Person": [{ERC: "X-P2", "title": "Person 2", "kind": "a"}],
}


@pytest.fixture
def center(
    request: pytest.FixtureRequest,
    moving: Center,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Center]:
    """The target has four of the entries under codes of its own, and another T2."""
    url = url_of(moving, "target")
    write(url, "ListTypeDefinition", [KINDS])
    write(url, "ObjectDefinition", DEFINITIONS, Policy())
    for entity, items in OTHER_CODES.items():
        write(url, entity, items)
    if getattr(request, "param", "embedded") == "embedded":
        yield moving
        return
    monkeypatch.setenv(PASSWORD, SETTINGS.password)
    path = Path(url.removeprefix("sqlite:///"))
    with run_sandbox(path) as sandbox:
        access = Access(user=SETTINGS.user)
        moving.installations.add("server", sandbox.url, access)
        yield moving


def run(center: Center, workspace: Workspace, **more: Any) -> Task:
    names = {x.name for x in center.installations.list()}
    target = "server" if "server" in names else "target"
    selection = Selection(entity_types=more.pop("entities", ENTITIES))
    match = more.pop("match", MATCH)
    policy = Policy(error_strategy="continue")
    plan = MigrationPlan(
        source="source", selection=selection, match=match, policy=policy, **more
    )
    task = workspace.tasks.add(target, plan)
    run_task(workspace, task.id)
    return center.tasks.get(task.id)


def outcomes(center: Center, task: Task) -> Any:
    columns = ["itemIndex", "outcome", "externalReferenceCode", "code"]
    found: Any = center.tasks.outcomes(task.id)[columns].to_dict("records")
    return found


def everything(center: Center) -> list[dict[str, dict[str, Any]]]:
    """Return all entries of the target; a server sets dates of its own."""
    found = [read(center, "target", entity) for entity in OTHER_CODES]
    if len(center.installations.list()) > 2:
        for entries in found:
            for entry in entries.values():
                del entry["dateModified"]
    return found


@pytest.mark.parametrize("center", ["embedded", "server"], indirect=True)
def test_matched_entries_keep_their_codes_and_what_names_them_follows(
    center: Center, workspace: Workspace
) -> None:
    """Parents, links of the second pass, many-to-many; as the dry run has shown.

    T2 of the source has no entry of its title, and its code belongs to another: it
    fails, and with it what names it.
    """
    before = everything(center)
    shown = run(center, workspace, dry_run=True)
    assert everything(center) == before
    task = run(center, workspace)

    assert outcomes(center, task) == outcomes(center, shown)
    assert task.counts == shown.counts
    failed = [(x.index, x.problem.code) for x in center.tasks.failures(task.id)]
    assert failed[0][1] == "match-conflict"
    assert {code for _, code in failed[1:]} == {"no-such-related-object-entry"}
    teams = read(center, "target", "C_Team")
    people = read(center, "target", "C_Person")
    assert set(teams) == {"X-T1", "T2", "T3"}
    assert (teams["X-T1"][BOSS], teams["X-T1"][INSIDE]) == ("P6", "T3")
    assert people["X-P2"][TEAM] == "T3"
    assert [x[ERC] for x in people["X-P2"]["skills"]] == ["X-S1"]
    assert set(read(center, "target", "C_Skill")) == {"X-S1"}
    named = {key: person[TEAM] for key, person in people.items()}
    named_in_source = {"X-P2": "T3", "P3": "X-T1", "P5": "T3", "P6": "X-T1"}
    assert named == {"P1": "", "P4": "", **named_in_source}
    report = center.tasks.verification(task.id)
    assert report is not None
    assert report.result.mismatches == 0
    undo = center.task(task.id).undo()
    assert (undo.status, undo.error) == (TaskStatus.COMPLETED, "")
    assert everything(center) == before


def test_two_installations_are_compared_by_the_keys_of_their_entries(
    center: Center, workspace: Workspace
) -> None:
    """What is equal but for its code, and for the codes that it names, is equal.

    T2 of the source has no counterpart, so that what names it differs; the T2 of the
    target is another one. Of two teams with one title only the first is the other's.
    """
    run(center, workspace)

    def compare(**more: Any) -> list[tuple[Any, ...]]:
        task = center.verify("source", "target", *ENTITIES, **more)
        report = task.verification()
        assert report is not None
        names = ("externalReferenceCode", "mismatch", "field", "expected", "actual")
        found = report.mismatches()[[*names, "note"]].astype(object)
        rows = found.where(found.notna(), None).itertuples(index=False)
        return sorted(tuple(row) for row in rows)

    by_code = compare()
    assert ("X-P2", "surplus", "", None, None, "") in by_code
    assert ("P3", "different", TEAM, "T1", "X-T1", "") in by_code
    unmatched = (
        "The entry 'T2', which 'r_team_c_teamERC' names, was not matched with one of "
        "the target. An entry that has this code there is another one."
    )
    alone = (
        "No entry of the target has its values of title, or several have, so that "
        "nothing tells which one it is."
    )
    matched = compare(match=MATCH)
    assert matched == [
        ("P1", "different", "", None, None, unmatched),
        ("P4", "different", "", None, None, unmatched),
        ("T2", "missing", "", None, None, alone),
        ("T2", "surplus", "", None, None, ""),
    ]

    dancing = [{ERC: code, "title": "Dancing"} for code in ("S2", "X-S2", "X-S3")]
    for installation, entity, items in (
        ("source", "Team", [{ERC: "T9", "title": "Team 1"}]),
        ("source", "Skill", dancing[:1]),
        ("target", "Skill", dancing[1:]),
    ):
        center.import_frame(installation, entity, pd.DataFrame(items))
    write(url_of(center, "target"), "C_Person", [{ERC: "X-P2", TEAM: "X-T1"}])
    found = [row for row in compare(match=MATCH) if row not in matched]
    assert [row[:5] for row in found] == [
        ("S2", "missing", "", None, None),
        ("T9", "missing", "", None, None),
        ("X-P2", "different", TEAM, "T3", "X-T1"),
        ("X-S2", "surplus", "", None, None),
        ("X-S3", "surplus", "", None, None),
    ]
    assert found[0][5] == alone
    assert found[1][5].startswith("Another entry of the source has the same values")
    with pytest.raises(InvalidPlan, match="cannot be matched by 'nothing'"):
        compare(match={"Person": "nothing"})


@pytest.mark.parametrize(
    ("batches", "before_outcomes"), [(2, True), (3, True), (4, False)]
)
def test_a_killed_migration_goes_on_as_if_it_had_not_been(
    center: Center,
    workspace: Workspace,
    monkeypatch: pytest.MonkeyPatch,
    batches: int,
    before_outcomes: bool,
) -> None:
    """What was matched before the kill is known after it, and mended afterwards."""
    interruption = Interruption(workspace, monkeypatch)
    interruption.arrange(batches, before_outcomes=before_outcomes)
    with pytest.raises(Killed):
        run(center, workspace)
    task = workspace.tasks.all()[-1]
    workspace.tasks.assign(task.id, NO_WORKER)

    handle = center.task(task.id)
    handle.resume()

    assert handle.counts == Counts(created=6, updated=6, unchanged=2, failed=3)
    people = read(center, "target", "C_Person")
    assert [people[key][TEAM] for key in ("P1", "X-P2", "P3")] == ["", "T3", "X-T1"]
    assert [x[ERC] for x in people["X-P2"]["skills"]] == ["X-S1"]
    frame = handle.failures()
    frame.loc[frame["errorCode"] == "match-conflict", "title"] = "Other"
    handle.retry(frame)
    assert handle.counts.failed == 0, handle.failures().to_dict("records")
    people = read(center, "target", "C_Person")
    assert [people[key][TEAM] for key in ("P1", "X-P2", "P4")] == ["T2", "T3", "T2"]
    assert set(read(center, "target", "C_Team")) == {"X-T1", "T2", "T3"}


@pytest.mark.parametrize(
    ("match", "error", "text"),
    [
        ({"Person": "nothing"}, InvalidPlan, "cannot be matched by 'nothing'"),
        ({"Nobody": "title"}, UnknownName, "Nobody"),
        ({"ObjectDefinition": "name"}, NotSupported, "--match-names"),
    ],
    ids=["field", "entity type", "documents"],
)
def test_a_key_that_cannot_be_is_refused_before_anything_is_written(
    center: Center, workspace: Workspace, match: Any, error: type[Exception], text: str
) -> None:
    """It says which fields can be, and how documents are matched."""
    before = everything(center)

    task = run(center, workspace, match=match)

    assert task.status is TaskStatus.FAILED
    assert text in task.error
    assert task.error_code == error.__name__ or task.error_code
    assert everything(center) == before


def test_parents_that_do_not_move_are_found_by_their_key(
    center: Center, workspace: Workspace
) -> None:
    """Only people move; a team is asked for when it is named for the first time."""
    task = run(center, workspace, entities=("Person",))

    people = read(center, "target", "C_Person")
    assert [people[key][TEAM] for key in ("P3", "P6")] == ["X-T1", "X-T1"]
    failures = center.tasks.failures(task.id)
    assert {x.problem.code for x in failures} == {"no-such-related-object-entry"}
    assert set(read(center, "target", "C_Team")) == {"X-T1", "T2"}
    assert people["X-P2"]["title"] == "Person 2"
