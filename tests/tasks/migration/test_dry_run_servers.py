"""A dry run against a server reports what the run reports, outcome by outcome.

Each run is one that does exactly what its dry run has shown, or stops.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.center import Center
from dmc_widgets.installations import connect
from dmc_widgets.installations.secret_store import PASSWORD
from dmc_widgets.model.access import Access
from dmc_widgets.model.plan import MigrationPlan, is_dry_run
from dmc_widgets.model.run_options import RunOptions
from dmc_widgets.model.strategies import ImportStrategy, Policy, UpdateStrategy
from dmc_widgets.model.task import Task, TaskStatus
from dmc_widgets.ports import Batch
from dmc_widgets.tasks.installation_access import find_entity_type, open_connection
from dmc_widgets.tasks.worker.runner import run_task
from dmc_widgets.workspace import Workspace
from tests.sandbox.conftest import SETTINGS, run_sandbox
from tests.tasks.migration.test_migration_task import (
    BOSS,
    CONTINUE,
    DRY_RUN,
    ENTRIES,
    INSIDE,
    KIND_FIELD,
    KINDS,
    PARTIAL,
    definition,
    link,
)

ERC = "externalReferenceCode"
NEXT = "r_next_c_noteERC"
Item = dict[str, Any]

CODE = {
    "name": "code",
    "businessType": "Text",
    "label": {"en_US": "Code"},
    "required": True,
}
UNIQUE = {
    **CODE,
    "required": False,
    "objectFieldSettings": [{"name": "uniqueValues", "value": True}],
}
LINKS: dict[str, list[Item]] = {
    "C_Team": [{ERC: "T1", BOSS: "P6", INSIDE: "T3"}, {ERC: "T2", BOSS: "P1"}],
    "C_Person": [{ERC: "P2", "skills": [{ERC: "S1"}]}],
    "C_Note": [{ERC: "N1", NEXT: "N3"}, {ERC: "N3", NEXT: "N2"}],
}
OTHER_LINKS: dict[str, list[Item]] = {
    "C_Team": [{ERC: "T3", BOSS: "P3", INSIDE: "T1"}],
    "C_Person": [{ERC: "P3", "skills": [{ERC: "S1"}]}],
    "C_Note": [{ERC: "N2", NEXT: "N1"}],
}


def definitions(*fields: Item) -> list[Item]:
    """A circle of persons and teams, teams and notes within each other, and skills."""
    return [
        definition(
            "Person",
            link("boss", "PERSON", "TEAM"),
            link("skills", "PERSON", "SKILL", "manyToMany"),
            fields=[KIND_FIELD, *fields],
        ),
        definition(
            "Team",
            link("team", "TEAM", "PERSON"),
            link("inside", "TEAM", "TEAM"),
            fields=[*fields],
        ),
        definition("Skill", fields=[*fields]),
        definition("Note", link("next", "NOTE", "NOTE"), fields=[*fields]),
    ]


def write(url: str, entity: str, items: Sequence[Item], policy: Policy) -> None:
    opened = connect(url)
    entity_type = find_entity_type(opened.entity_types(), entity)
    batch = Batch(task=str(uuid.uuid4()), number=1, items=items, policy=policy)
    outcomes = opened.write(entity_type, batch)
    opened.close()
    assert [outcome.problem for outcome in outcomes] == [None] * len(items)


def fill(
    url: str,
    *fields: Item,
    code: Callable[[str], str] | None = None,
    links: dict[str, list[Item]] | None = None,
) -> None:
    write(url, "ListTypeDefinition", [KINDS], Policy())
    write(url, "ObjectDefinition", definitions(*fields), Policy())
    entries: dict[str, Any] = {
        **ENTRIES,
        "C_Note": [{ERC: f"N{number}", "title": "a note"} for number in (1, 2, 3)],
    }
    for entity, items in entries.items():
        codes = [{"code": code(item[ERC])} if code else {} for item in items]
        coded = [{**item, **own} for item, own in zip(items, codes, strict=True)]
        write(url, entity, coded, PARTIAL)
    for entity, items in (links or {}).items():
        write(url, entity, items, PARTIAL)


def into_nothing(source: str, target: str) -> None:
    fill(source, links=LINKS)
    connect(target).close()


def over_other_links(source: str, target: str) -> None:
    fill(source, links=LINKS)
    fill(target, links=OTHER_LINKS)


def with_a_newly_required_field(source: str, target: str) -> None:
    """The first pass fills it in entries that the target has without it."""
    fill(source, CODE, code=str, links=LINKS)
    fill(target)


def with_other_unique_values(source: str, target: str) -> None:
    """The first pass frees the value of each entry, and takes that of the next."""
    fill(source, UNIQUE, code=str, links=LINKS)
    fill(target, UNIQUE, code=lambda key: f"{key}0", links=OTHER_LINKS)


def with_values_in_use(source: str, target: str) -> None:
    """Two teams and all that names them fail."""
    fill(source, UNIQUE, code=str, links=LINKS)
    write(target, "ListTypeDefinition", [KINDS], Policy())
    write(target, "ObjectDefinition", definitions(UNIQUE), Policy())
    taken = [{ERC: f"X{n}", "title": "x", "code": f"T{n}"} for n in (2, 3)]
    write(target, "C_Team", taken, PARTIAL)


@pytest.fixture
def servers(
    request: pytest.FixtureRequest,
    workspace: Workspace,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Workspace]:
    monkeypatch.setenv(PASSWORD, SETTINGS.password)
    urls = [f"sqlite:///{tmp_path / name}.db" for name in ("source", "target")]
    request.param(*urls)
    center = Center(workspace)
    with (
        run_sandbox(tmp_path / "source.db") as source,
        run_sandbox(tmp_path / "target.db") as target,
    ):
        center.installations.add("source", source.url, Access(user=SETTINGS.user))
        center.installations.add("target", target.url, Access(user=SETTINGS.user))
        yield workspace


Report = tuple[TaskStatus, list[tuple[str, str, str, str]], list[str], str]
STAYS = " What was written before it stays."


def migrated(workspace: Workspace, policy: Policy, shown: Task | None = None) -> Task:
    """Migrate exactly as a dry run has shown, or do the dry run."""
    plan = MigrationPlan(
        source="source",
        policy=policy,
        dry_run=shown is None,
        options=RunOptions(as_shown=shown.id if shown else 0),
        allow_deletions=True,
        name="test",
    )
    task = workspace.tasks.add("target", plan)
    run_task(workspace, task.id)
    return workspace.tasks.get(task.id)


def report(workspace: Workspace, task: Task) -> Report:
    messages = {
        failure.index: failure.problem.message
        for failure in workspace.outcomes.failures(task.id)
    }
    outcomes = [
        (
            task.place(index).title,
            outcome.kind.value,
            outcome.key,
            messages.get(index, ""),
        )
        for recorded in workspace.outcomes.read(task.id)
        for index, outcome in enumerate(recorded.outcomes, recorded.first_index)
    ]
    notes = [note for note in task.notes if note != DRY_RUN]
    # A task of which every record failed has come to its end, and needs no reason.
    is_stopped = task.status is TaskStatus.FAILED and bool(task.error)
    assert (STAYS in task.error) is (is_stopped and not is_dry_run(task.plan))
    return task.status, outcomes, notes, task.error.replace(STAYS, "")


INSERT = Policy(
    import_strategy=ImportStrategy.INSERT, error_strategy=CONTINUE.error_strategy
)
PATCH = Policy(
    update_strategy=UpdateStrategy.PARTIAL_UPDATE,
    error_strategy=CONTINUE.error_strategy,
)


@pytest.mark.parametrize(
    ("servers", "policy"),
    [
        (into_nothing, Policy()),
        (over_other_links, CONTINUE),
        (over_other_links, PATCH),
        (over_other_links, INSERT),
        (with_a_newly_required_field, CONTINUE),
        (with_a_newly_required_field, PATCH),
        (with_other_unique_values, CONTINUE),
        (with_values_in_use, CONTINUE),
        (with_values_in_use, Policy()),
    ],
    indirect=["servers"],
)
def test_dry_run_reports_the_same_as_the_run(
    servers: Workspace, policy: Policy
) -> None:
    """Status, notes, and of each record its fate, its code and its message.

    What a run that stopped has written stays; a dry run has written nothing.
    """
    shown = migrated(servers, policy)
    run = migrated(servers, policy, shown)
    rehearsed, done = report(servers, shown), report(servers, run)

    assert rehearsed[1] == done[1]
    assert rehearsed == done
    assert any("(relationships)" in title for title, *_ in done[1]) or (
        done[0] is TaskStatus.FAILED
    )


@pytest.mark.parametrize("servers", [over_other_links], indirect=True)
def test_run_stops_where_the_target_has_changed(servers: Workspace) -> None:
    """A team has another title by now: the parts before it are as shown."""
    shown = migrated(servers, CONTINUE)
    target = servers.connections.get("target")
    opened = open_connection(target)
    teams = find_entity_type(opened.entity_types(), "Team")
    theirs = Batch(
        task="theirs", number=1, items=[{ERC: "T2", "title": "X"}], policy=PATCH
    )
    opened.write(teams, theirs)

    run = migrated(servers, CONTINUE, shown)

    assert (run.status, run.error_code) == (TaskStatus.FAILED, "target-changed")
    assert "Record 2 of C_Team is not as the dry run" in run.error
    stored = opened.fetch(teams, ["T1", "T2", "T3"])
    assert [stored[key]["title"] for key in ("T2", "T3")] == ["X", "Team 3"]
    assert stored["T1"][BOSS] != "P6"
    opened.close()
