"""Migrations: the order of parts, circles and dependencies."""

from __future__ import annotations

import platform
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from dmc_widgets.center import Center
from dmc_widgets.errors import InvalidPlan, UnknownName
from dmc_widgets.installations import connect
from dmc_widgets.model.outcome import Outcome, OutcomeKind
from dmc_widgets.model.plan import MigrationPlan, Selection
from dmc_widgets.model.run_options import DEFAULT_OPTIONS, RunOptions
from dmc_widgets.model.strategies import (
    LIFERAY_UPDATE_STRATEGIES,
    ErrorStrategy,
    ImportStrategy,
    Policy,
    UpdateStrategy,
)
from dmc_widgets.model.task import Counts, Task, TaskPart, TaskStatus
from dmc_widgets.ports import Batch, Query
from dmc_widgets.tasks.installation_access import find_entity_type
from dmc_widgets.tasks.task_run import TaskRun
from dmc_widgets.tasks.worker.runner import run_task
from dmc_widgets.workspace import Workspace
from dmc_widgets.workspace.outcomes import OutcomeBatch
from dmc_widgets.workspace.workers import Worker
from tests.installations.databases import NewPlace

ERC = "externalReferenceCode"
PARTIAL = Policy(update_strategy=UpdateStrategy.PARTIAL_UPDATE)
CONTINUE = Policy(error_strategy=ErrorStrategy.CONTINUE)

DRY_RUN = (
    "This was a dry run: nothing was written, and the counts say what would become of "
    "the records."
)
Items = Sequence[dict[str, Any]]


def link(name: str, parent: str, child: str, kind: str = "oneToMany") -> dict[str, Any]:
    return {
        "name": name,
        "label": {"en_US": name},
        "type": kind,
        "deletionType": "prevent",
        f"{ERC}": f"REL-{name}",
        "objectDefinitionExternalReferenceCode1": parent,
        "objectDefinitionExternalReferenceCode2": child,
    }


def definition(
    name: str, *relationships: dict[str, Any], **more: Any
) -> dict[str, Any]:
    fields = [
        {"name": "title", "businessType": "Text", "label": {"en_US": "Title"}},
        *more.pop("fields", ()),
    ]
    return {
        ERC: name.upper(),
        "name": name,
        "label": {"en_US": name},
        "pluralLabel": {"en_US": name},
        "scope": "company",
        "status": {"code": 0},
        "objectFields": fields,
        "objectRelationships": list(relationships),
        **more,
    }


KINDS = {
    ERC: "KINDS",
    "name": "Kinds",
    "listTypeEntries": [{"key": "a", "name": "A", "name_i18n": {"en-US": "A"}}],
}
KIND_FIELD = {
    "name": "kind",
    "businessType": "Picklist",
    "label": {"en_US": "Kind"},
    "listTypeDefinitionExternalReferenceCode": "KINDS",
}
GRADE = {"name": "grade", "businessType": "Text", "label": {"en_US": "Grade"}}
# A team has a boss of its people, a person a team: a circle. Teams lie in teams.
DEFINITIONS = [
    definition(
        "Person",
        link("boss", "PERSON", "TEAM"),
        link("skills", "PERSON", "SKILL", "manyToMany"),
        fields=[KIND_FIELD],
    ),
    definition("Team", link("team", "TEAM", "PERSON"), link("inside", "TEAM", "TEAM")),
    definition("Skill"),
    definition("Note", link("notes", "NOTE", "NOTE")),
]
BOSS, TEAM, INSIDE = "r_boss_c_personERC", "r_team_c_teamERC", "r_inside_c_teamERC"
ENTRIES: dict[str, Items] = {
    "C_Skill": [{ERC: "S1", "title": "Singing"}],
    "C_Team": [{ERC: f"T{n}", "title": f"Team {n}"} for n in (1, 2, 3)],
    "C_Person": [
        {ERC: f"P{n}", "title": f"Person {n}", TEAM: f"T{n % 3 + 1}", "kind": "a"}
        for n in range(1, 7)
    ],
}
LINKS: dict[str, Items] = {
    "C_Team": [{ERC: "T1", BOSS: "P6", INSIDE: "T3"}, {ERC: "T2", BOSS: "P1"}],
    "C_Person": [{ERC: "P2", "skills": [{ERC: "S1"}]}],
}


def write(url: str, entity: str, items: Items, policy: Policy = PARTIAL) -> None:
    opened = connect(url)
    entity_type = find_entity_type(opened.entity_types(), entity)
    key = f"{entity} {sorted(items[0])}"
    batch = Batch(task=key, number=1, items=items, policy=policy)
    outcomes = opened.write(entity_type, batch)
    opened.close()
    assert [outcome.problem for outcome in outcomes] == [None] * len(items)


def read(center: Center, name: str, entity: str) -> dict[str, dict[str, Any]]:
    opened = connect(url_of(center, name))
    entity_type = find_entity_type(opened.entity_types(), entity)
    found = {each[ERC]: each for each in opened.read(entity_type, Query())}
    opened.close()
    return found


def url_of(center: Center, name: str) -> str:
    return next(
        installation.url
        for installation in center.installations.list()
        if installation.name == name
    )


@pytest.fixture
def moving(workspace: Workspace, new_place: NewPlace) -> Center:
    """A center over a full *source* and an empty *target*."""
    center = Center(workspace)
    for name in ("source", "target"):
        workspace.connections.put(name, new_place().url)
    source = url_of(center, "source")
    write(source, "ListTypeDefinition", [KINDS])
    write(source, "ObjectDefinition", DEFINITIONS, Policy())
    for entity, items in [*ENTRIES.items(), *LINKS.items()]:
        write(source, entity, items)
    return center


Migrate = Callable[..., Task]


@pytest.fixture
def migrate(moving: Center, workspace: Workspace) -> Migrate:
    """Migrate from *source* into *target*, in this process."""

    def run(
        *entities: str,
        policy: Policy = Policy(),
        dry_run: bool = False,
        options: RunOptions = DEFAULT_OPTIONS,
        **chosen: Any,
    ) -> Task:
        plan = MigrationPlan(
            source="source",
            selection=Selection(entity_types=entities, **chosen),
            policy=policy,
            dry_run=dry_run,
            options=options,
            name="test",
        )
        task = workspace.tasks.add("target", plan)
        run_task(workspace, task.id)
        return moving.tasks.get(task.id)

    return run


def parts(task: Task) -> list[tuple[str, int]]:
    return [(part.title, part.counts.total) for part in task.parts]


@pytest.mark.each_database
def test_everything_moves_with_parents_first(moving: Center, migrate: Migrate) -> None:
    """Links that close a circle, or lead to many, come in a second pass."""
    task = migrate()

    assert (task.status, task.error) == (TaskStatus.COMPLETED, "")
    assert parts(task) == [
        ("ObjectFolder", 0),
        ("ListTypeDefinition", 1),
        ("ObjectDefinition", 4),
        ("C_Note", 0),
        ("C_Person", 6),
        ("C_Skill", 1),
        ("C_Team", 3),
        ("C_Note (relationships)", 0),
        ("C_Person (relationships)", 6),
        ("C_Team (relationships)", 1),
    ]
    team = read(moving, "target", "Team")["T1"]
    assert (team[BOSS], team[INSIDE]) == ("P6", "T3")
    person = read(moving, "target", "Person")["P2"]
    assert (person[TEAM], person["kind"]) == ("T3", {"key": "a", "name": "A"})
    assert [skill[ERC] for skill in person["skills"]] == ["S1"]
    assert list(moving.installations.compare("source", "target")["path"]) == []


@pytest.mark.each_database
def test_second_pass_counts_as_work(
    migrate: Migrate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second pass looks at every entry of the first, and counts them beforehand."""
    seen: list[tuple[str, int, int]] = []
    advance = TaskRun.advance

    def watched(run: TaskRun, done: int) -> None:
        advance(run, done)
        running = [part for part in run.parts if part.status is TaskStatus.RUNNING]
        if running:
            seen.append((running[0].title, done, run.total))

    monkeypatch.setattr(TaskRun, "advance", watched)
    task = migrate()

    assert task.progress.percent == 100
    assert {of for *_, of in seen} == {24}
    assert list(dict.fromkeys((title, done) for title, done, _ in seen)) == [
        ("ListTypeDefinition", 1),
        ("ObjectDefinition", 5),
        ("C_Person", 11),
        ("C_Skill", 12),
        ("C_Team", 15),
        ("C_Person (relationships)", 21),
        ("C_Team (relationships)", 24),
    ]


def test_running_task_is_never_at_100_percent(workspace: Workspace) -> None:
    """All is done when it ends, and not before."""
    plan = MigrationPlan(source="source", name="test")
    run = TaskRun(workspace, workspace.tasks.add("target", plan), total=200)

    run.advance(250)
    under_way = workspace.tasks.get(run.task.id).progress
    run.finish(TaskStatus.PARTIALLY_COMPLETED)
    ended = workspace.tasks.get(run.task.id).progress

    assert (under_way.done, under_way.of, under_way.percent) == (199, 200, 99)
    assert under_way.left_s is None
    assert ended.percent == 100


@pytest.mark.each_database
def test_a_second_migration_changes_nothing(migrate: Migrate) -> None:
    """A migration may be repeated safely."""
    first, second = migrate(), migrate()

    assert first.counts.created == 15
    assert second.counts.unchanged == second.counts.total == first.counts.total


def test_only_named_parents_move(moving: Center, migrate: Migrate) -> None:
    """P4 is in T2, whose boss is P1, who is in T2: no others move."""
    key = moving.installations.entity_type("source", "Person").key
    task = migrate("Person", with_needed=True, filters=((key, f"{ERC} eq 'P4'"),))

    assert parts(task) == [
        ("ListTypeDefinition (needed)", 1),
        ("ObjectDefinition (needed)", 3),
        ("C_Person (needed)", 1),
        ("C_Person", 1),
        ("C_Skill (needed)", 0),
        ("C_Team (needed)", 1),
        ("C_Person (relationships)", 2),
        ("C_Team (relationships)", 0),
    ]
    assert set(read(moving, "target", "Person")) == {"P1", "P4"}
    assert set(read(moving, "target", "Team")) == {"T2"}


def test_existing_dependencies_stay_unchanged(moving: Center, migrate: Migrate) -> None:
    """A parent must not change because its children move."""
    migrate()
    write(url_of(moving, "target"), "Team", [{ERC: "T2", "title": "Renamed"}])

    task = migrate("Person", with_needed=True)

    assert read(moving, "target", "Team")["T2"]["title"] == "Renamed"
    assert task.counts.total == task.counts.unchanged == 12
    assert task.notes[-1:] == (
        "Of what is needed, 8 records were in the target already and stay as they are.",
    )


def test_unpublished_dependency_in_the_target_is_reported(
    moving: Center, migrate: Migrate
) -> None:
    """It is there, so it stays as it is; but no entries can go into a draft."""
    draft = definition("Skill", status={"code": 2})
    write(url_of(moving, "target"), "ObjectDefinition", [draft], Policy())

    refused = migrate("Skill", with_needed=True)
    brought = migrate("Skill", "ObjectDefinition", policy=CONTINUE)

    assert (refused.status, refused.error) == (
        TaskStatus.FAILED,
        "C_Skill is not published in the target, so it takes no entries. Publish it "
        "there, or choose ObjectDefinition too, which brings it as the source has it.",
    )
    assert set(read(moving, "target", "Skill")) == {"S1"}
    assert [part.counts.failed for part in brought.parts] == [0, 0]


def test_chain_of_parents_is_followed_to_its_end(
    moving: Center, migrate: Migrate
) -> None:
    """A note lies in a note that lies in a note; those beside it stay."""
    write(
        url_of(moving, "source"),
        "Note",
        [{ERC: "N1"}, {ERC: "N2", "r_notes_c_noteERC": "N1"}, {ERC: "N9"}],
    )
    write(
        url_of(moving, "source"),
        "Note",
        [{ERC: "N3", "r_notes_c_noteERC": "N2", "title": "leaf"}],
    )
    key = moving.installations.entity_type("source", "Note").key

    task = migrate("Note", with_needed=True, filters=((key, "title eq 'leaf'"),))

    assert task.counts.failed == 0
    assert set(read(moving, "target", "Note")) == {"N1", "N2", "N3"}


def test_all_ancestors_move(moving: Center, migrate: Migrate) -> None:
    """At any level, and in any order of their objects."""
    names = ["Planet", "Country", "Town", "House"]
    levels = list(pairwise(names))
    definitions = [
        definition(
            above,
            link(above.lower(), above.upper(), below.upper()),
            enableComments=True,
        )
        for above, below in levels
    ]
    write(
        url_of(moving, "source"),
        "ObjectDefinition",
        [*definitions, definition(names[-1])],
        Policy(),
    )
    write(url_of(moving, "source"), names[0], [{ERC: "1", "title": names[0]}])
    for above, below in levels:
        parent = f"r_{above.lower()}_c_{above.lower()}ERC"
        write(url_of(moving, "source"), below, [{ERC: "1", parent: "1"}])

    task = migrate("House", with_needed=True)

    assert parts(task)[1:] == [
        ("C_Planet (needed)", 1),
        ("C_Country (needed)", 1),
        ("C_Town (needed)", 1),
        ("C_House", 1),
    ]


def test_entries_without_their_object_are_refused_before_anything_moves(
    moving: Center,
) -> None:
    """The message says what would bring the object."""
    plan = MigrationPlan(source="source", selection=Selection(entity_types=("Team",)))

    with pytest.raises(InvalidPlan) as caught:
        moving.tasks.start_migration("target", plan)

    assert str(caught.value) == (
        "The target has no C_Team. Choose ObjectDefinition too, or let what is needed "
        "come along."
    )


@pytest.mark.parametrize(
    ("plan", "error", "message"),
    [
        pytest.param(
            MigrationPlan(source="target"),
            InvalidPlan,
            "target is source and target. Choose another installation.",
            id="the-same-installation",
        ),
        pytest.param(
            MigrationPlan(
                source="source",
                selection=Selection(
                    entity_types=("Skill",), filters=(("Team", "id eq 1"),)
                ),
            ),
            InvalidPlan,
            "There is a filter for C_Team, which is not chosen. Choose it, or leave "
            "the filter out.",
            id="a-filter-for-what-does-not-move",
        ),
        pytest.param(
            MigrationPlan(source="source", selection=Selection(entity_types=("Teem",))),
            UnknownName,
            "There is no entity type named 'Teem'.",
            id="an-unknown-entity-type",
        ),
    ],
)
def test_impossible_plan_is_refused(
    moving: Center, plan: MigrationPlan, error: type[Exception], message: str
) -> None:
    """Before a task begins."""
    with pytest.raises(error) as caught:
        moving.tasks.start_migration("target", plan)

    assert str(caught.value).startswith(message)
    assert moving.tasks.list() == []


def without_title(center: Center) -> None:
    """Let the target's teams refuse what the source's have: long titles."""
    write(url_of(center, "target"), "ListTypeDefinition", [KINDS])
    title = {
        "name": "title",
        "businessType": "Text",
        "label": {"en_US": "Title"},
        "objectFieldSettings": [
            {"name": "showCounter", "value": True},
            {"name": "maxLength", "value": "5"},
        ],
    }
    definitions = [
        {**definition, "objectFields": [title]}
        if definition["name"] == "Team"
        else definition
        for definition in DEFINITIONS
    ]
    write(url_of(center, "target"), "ObjectDefinition", definitions, Policy())


def test_failure_stops_everything_after_it(moving: Center, migrate: Migrate) -> None:
    """The message names the record within its entity type."""
    without_title(moving)
    task = migrate("Skill", "Team", "Person")

    assert task.status is TaskStatus.FAILED
    assert task.error == (
        "Record 1 of C_Team: Object entry value exceeds the maximum length of 5 "
        'characters for object field "title". What was written before it stays. '
        "2 of 5 parts were not begun."
    )
    assert [part.status.value for part in task.parts] == [
        "Completed",
        "Completed",
        "Failed",
        "Cancelled",
        "Cancelled",
    ]
    assert verified(moving, task) == [("C_Person", 6), ("C_Skill", 1), ("C_Team", 0)]


@pytest.mark.each_database
def test_error_limit_stops_a_migration_and_what_is_in_is_verified(
    moving: Center, migrate: Migrate
) -> None:
    """The limit counts the failures of all parts; no part begins after it."""
    without_title(moving)
    task = migrate(
        "Skill",
        "Team",
        "Person",
        policy=CONTINUE,
        options=RunOptions(error_limit="3"),
    )

    assert (task.status, task.counts) == (
        TaskStatus.FAILED,
        Counts(created=7, failed=3),
    )
    assert task.error == (
        "Stopped at the error limit (3 failed records): 3 of 10 records failed. "
        "7 records are in the target."
    )
    assert [part.status.value for part in task.parts][2:] == [
        "Failed",
        "Cancelled",
        "Cancelled",
    ]
    assert verified(moving, task) == [("C_Person", 6), ("C_Skill", 1), ("C_Team", 0)]


def verified(center: Center, task: Task) -> list[tuple[str, int]]:
    """Return how many items of each part are as expected; all of them have to be."""
    report = center.tasks.verification(task)
    assert report is not None
    assert report.is_equal, list(report.iter_mismatches())
    return [(part.title, part.equal) for part in report.result.parts]


def test_failures_do_not_stop_under_continue(moving: Center, migrate: Migrate) -> None:
    """Each failed record is reported with its number; the rest moves."""
    without_title(moving)
    task = migrate("Skill", "Team", "Person", policy=CONTINUE)

    assert task.status is TaskStatus.PARTIALLY_COMPLETED
    assert (task.counts.created, task.counts.failed) == (7, 9)
    places = [
        str(task.place(failure.index)) for failure in moving.tasks.failures(task.id)
    ]
    assert places[:4] == [
        "Record 1 of C_Team",
        "Record 2 of C_Team",
        "Record 3 of C_Team",
        "Record 1 of C_Person (relationships)",
    ]


@pytest.mark.each_database
def test_links_of_existing_entries_stay_under_insert(
    moving: Center, migrate: Migrate
) -> None:
    """Only Add New Records changes no entry, in no pass."""
    migrate()
    write(url_of(moving, "target"), "Team", [{ERC: "T1", BOSS: "P2"}])
    policy = Policy(
        import_strategy=ImportStrategy.INSERT, error_strategy=ErrorStrategy.CONTINUE
    )

    task = migrate("Team", policy=policy)

    assert [part.counts.failed for part in task.parts] == [3, 0]
    assert read(moving, "target", "Team")["T1"][BOSS] == "P2"


@pytest.mark.each_database
def test_links_of_the_target_stay_in_a_merge(moving: Center, migrate: Migrate) -> None:
    """What the source links comes; what it does not link stays linked."""
    migrate()
    source = url_of(moving, "source")
    write(source, "Team", [{ERC: "T1", INSIDE: "", BOSS: "P5"}])
    write(source, "Person", [{ERC: "P2", "skills": [], "title": "Unskilled"}])
    policy = Policy(update_strategy=UpdateStrategy.MERGE)

    shown = migrate(policy=policy, dry_run=True)
    task = migrate(policy=policy)

    assert task.counts == shown.counts
    team = read(moving, "target", "Team")["T1"]
    assert (team[INSIDE], team[BOSS]) == ("T3", "P5")
    person = read(moving, "target", "Person")["P2"]
    assert [skill[ERC] for skill in person["skills"]] == ["S1"]
    assert person["title"] == "Unskilled"


@pytest.mark.parametrize("update_strategy", LIFERAY_UPDATE_STRATEGIES)
@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.each_database
def test_links_removed_in_the_source_are_removed(
    moving: Center, migrate: Migrate, update_strategy: UpdateStrategy, dry_run: bool
) -> None:
    """Links of the second pass are overwritten like any other field."""
    migrate()
    source = url_of(moving, "source")
    write(source, "Team", [{ERC: "T1", INSIDE: ""}])
    write(source, "Person", [{ERC: "P2", "skills": [], "title": "Unskilled"}])

    task = migrate(policy=Policy(update_strategy=update_strategy), dry_run=dry_run)

    assert parts(task)[-2:] == [
        ("C_Person (relationships)", 6),
        ("C_Team (relationships)", 1),
    ]
    assert task.counts.updated == 3
    team = read(moving, "target", "Team")["T1"]
    assert team[INSIDE] == ("T3" if dry_run else "")
    skills = read(moving, "target", "Person")["P2"]["skills"]
    assert [skill[ERC] for skill in skills] == (["S1"] if dry_run else [])


def test_fields_missing_in_the_target_are_noted(
    moving: Center, migrate: Migrate
) -> None:
    """Nothing is left out without a word."""
    bare = [
        {**definition, "objectFields": definition["objectFields"][:1]}
        for definition in DEFINITIONS
    ]
    write(url_of(moving, "target"), "ObjectDefinition", bare, Policy())

    task = migrate("Team", "Person")

    assert task.counts.failed == 0
    assert task.notes[1] == (
        "C_Person has no fields of these names in the target, so they were left out: "
        "kind."
    )


def test_read_only_fields_of_the_target_are_noted_and_stay(
    moving: Center, migrate: Migrate
) -> None:
    """It would refuse every entry that has a value there."""
    source = definition("Grade", fields=[GRADE], active=True)
    write(url_of(moving, "source"), "ObjectDefinition", [source])
    write(url_of(moving, "source"), "C_Grade", [{ERC: "G", "grade": "A"}])
    target = definition("Grade", fields=[{**GRADE, "readOnly": "true"}], active=True)
    write(url_of(moving, "target"), "ObjectDefinition", [target])

    task = migrate("Grade")

    assert task.counts == Counts(created=1)
    assert task.notes == (
        "C_Grade has read-only fields in the target, so they were left out: grade.",
    )
    assert read(moving, "target", "Grade")["G"]["grade"] is None


def test_outcomes_and_report_name_the_entity_type(
    moving: Center, migrate: Migrate
) -> None:
    """Records are counted within their entity type, as people look for them."""
    without_title(moving)
    task = migrate("Skill", "Team", policy=CONTINUE)

    frame = moving.tasks.outcomes(task.id)
    report = b"".join(moving.tasks.report_chunks(task.id)).decode().splitlines()

    assert list(frame["entityType"]) == ["C_Skill", "C_Team", "C_Team", "C_Team"]
    assert list(frame["itemIndex"]) == [1, 1, 2, 3]
    assert report[0] == "item,itemIndex,message,code,field,value,entityType"
    assert [each.rsplit(",", 1)[1] for each in report[1:]] == ["C_Team"] * 3
    assert set(frame["outcome"]) == {OutcomeKind.CREATED, OutcomeKind.FAILED}


def fates(task: Task) -> list[tuple[str, Any, Any]]:
    return [(part.title, part.status, part.counts) for part in task.parts]


@pytest.mark.parametrize(
    "chosen", [(), ("Skill", "Team", "Person")], ids=["all", "some"]
)
@pytest.mark.each_database
def test_dry_run_predicts_the_run(
    moving: Center, workspace: Workspace, chosen: tuple[str, ...]
) -> None:
    """Part by part, failures with their texts included; and it writes nothing.

    Run a second time as shown, it meets another target and stops before it writes.
    """
    if chosen:
        without_title(moving)
    plan = MigrationPlan(
        source="source",
        selection=Selection(entity_types=chosen),
        policy=CONTINUE,
        dry_run=True,
        name="test",
    )

    def carry_out(plan: MigrationPlan) -> Task:
        task = workspace.tasks.add("target", plan)
        run_task(workspace, task.id)
        return moving.tasks.get(task.id)

    before = moving.installations.compare("source", "target")
    shown = carry_out(plan)
    assert moving.installations.compare("source", "target").equals(before)
    as_shown = replace(plan, dry_run=False, options=RunOptions(as_shown=shown.id))
    done, again = carry_out(as_shown), carry_out(as_shown)

    assert DRY_RUN in shown.notes
    assert fates(shown) == fates(done)
    reports = [moving.tasks.report_chunks(task.id) for task in (shown, done)]
    assert b"".join(reports[0]) == b"".join(reports[1])
    assert again.status is TaskStatus.FAILED
    assert "It would be unchanged now; the dry run showed created" in again.error
    assert again.counts.created == again.counts.updated == 0


@pytest.mark.parametrize(
    ("dry_run", "told"),
    [
        (True, "Cancelled. Nothing was written."),
        (False, "Cancelled before the first record was written."),
    ],
)
def test_cancelled_migration_says_if_anything_was_written(
    moving: Center, workspace: Workspace, *, dry_run: bool, told: str
) -> None:
    """A dry run has written nothing, however far it came."""
    plan = MigrationPlan(source="source", dry_run=dry_run, name="test")
    task = workspace.tasks.add("target", plan)
    moving.tasks.cancel(task.id)
    run_task(workspace, task.id)

    done = moving.tasks.get(task.id)
    assert (done.status, done.error) == (TaskStatus.CANCELLED, told)


def test_killed_worker_leaves_no_part_running(
    moving: Center, workspace: Workspace
) -> None:
    """What it had begun failed; what it had not is not waited for."""
    plan = MigrationPlan(source="source", name="test")
    task = workspace.tasks.add("target", plan)
    workspace.tasks.start(task.id, 1.0)
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    host = platform.node()
    workspace.tasks.assign(task.id, Worker(host=host, pid=gone.pid, started=1.0))
    done = TaskPart(entity_type="a", status=TaskStatus.COMPLETED, counts=Counts(2))
    begun = replace(done, entity_type="b", status=TaskStatus.RUNNING, first=3)
    waiting = TaskPart(entity_type="c")
    workspace.tasks.report_parts(task.id, [done, begun, waiting])
    four = [Outcome(OutcomeKind.CREATED, f"{n}") for n in range(4)]
    workspace.outcomes.add(task.id, OutcomeBatch(1, four[:2]), [])
    workspace.outcomes.add(task.id, OutcomeBatch(3, four[2:]), [])

    found = moving.tasks.recover(task.id)

    assert found.status is TaskStatus.FAILED
    assert found.parts == (
        done,
        replace(begun, status=TaskStatus.FAILED),
        replace(waiting, status=TaskStatus.CANCELLED),
    )
