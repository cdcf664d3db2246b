"""Failed records of a migration are mended, and their links come along."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.center import Center
from dmc_widgets.center.task_handle import TaskHandle
from dmc_widgets.errors import NotSupported
from dmc_widgets.model.strategies import Policy
from dmc_widgets.model.task import Counts
from tests.factories import write_json
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
ENTITIES = ("Skill", "Team", "Person")


@pytest.fixture
def short_titles(moving: Center) -> Center:
    """The target takes titles of teams with five characters at most."""
    target = url_of(moving, "target")
    write(target, "ListTypeDefinition", [KINDS])
    limit = [
        {"name": "maxLength", "value": "5"},
        {"name": "showCounter", "value": True},
    ]
    definitions = [
        {
            **definition,
            "objectFields": [
                {**field, "objectFieldSettings": limit}
                if definition["name"] == "Team"
                else field
                for field in definition["objectFields"]
            ],
        }
        for definition in DEFINITIONS
    ]
    write(target, "ObjectDefinition", definitions, Policy())
    return moving


def migrate(center: Center, **options: Any) -> TaskHandle:
    return center.migrate("source", "target", ENTITIES, on_error="continue", **options)


def test_mended_parents_come_in_with_their_children_and_links(
    short_titles: Center,
) -> None:
    """Three teams fail, and with them everything that names them."""
    task = migrate(short_titles)
    assert task.counts.failed == 9
    frame = task.failures()
    teams = frame["errorEntityType"] == "C_Team"
    frame.loc[teams, "title"] = ["One", "Two", "Threefold"]
    check = task.retry(frame, dry_run=True)
    assert check.counts == Counts(created=1, updated=4, failed=4)
    assert [(str(x.position), x.problem.field) for x in check.problems] == [
        ("Record 1 of C_Team", INSIDE),
        ("Record 3 of C_Team", "title"),
        ("Record 2 of C_Person (relationships)", TEAM),
        ("Record 5 of C_Person (relationships)", TEAM),
    ]
    assert read(short_titles, "target", "C_Team") == {}
    frame.loc[teams, "title"] = ["One", "Two", "Three"]

    task.retry(frame)

    assert task.counts.failed == 0
    assert task.status == "Completed"
    assert {part.status.value for part in task.state.parts} == {"Completed"}
    stored = read(short_titles, "target", "C_Team")
    assert [stored[f"T{n}"]["title"] for n in (1, 2, 3)] == ["One", "Two", "Three"]
    assert (stored["T1"][BOSS], stored["T1"][INSIDE]) == ("P6", "T3")
    people = read(short_titles, "target", "C_Person")
    assert {key: person[TEAM] for key, person in people.items()} == {
        f"P{n}": f"T{n % 3 + 1}" for n in range(1, 7)
    }
    source = read(short_titles, "source", "C_Person")
    assert {ERC: people["P2"]["skills"][0][ERC]} == {
        ERC: source["P2"]["skills"][0][ERC]
    }


def test_records_that_wait_for_mended_ones_come_along(short_titles: Center) -> None:
    """Who mends the teams does not name the people in them."""
    task = migrate(short_titles)
    frame = task.failures()
    frame = frame[frame["errorEntityType"] == "C_Team"]
    frame = frame[frame["errorField"] == "title"].assign(title="Short")

    check = task.retry(frame, dry_run=True)
    assert check.failed == 0

    assert task.retry(frame).counts.failed == 0


def test_retrying_without_a_file_takes_the_source_as_it_is_now(
    short_titles: Center, tmp_path: Path
) -> None:
    task = migrate(short_titles)
    renamed = [{ERC: f"T{n}", "title": f"N{n}"} for n in (1, 2, 3)]
    path = write_json(tmp_path / "teams.json", renamed)
    short_titles.import_file("source", "Team", path, update_strategy="PARTIAL_UPDATE")

    task.retry()

    assert task.counts == Counts(created=10, updated=task.counts.updated)
    stored = read(short_titles, "target", "C_Team")
    assert sorted(team["title"] for team in stored.values()) == ["N1", "N2", "N3"]


def test_a_dry_run_is_not_retried(short_titles: Center) -> None:
    task = migrate(short_titles, dry_run=True)

    with pytest.raises(NotSupported, match="was a dry run, which wrote nothing"):
        task.retry()


def test_what_names_an_entry_follows_it_to_its_mended_code(
    short_titles: Center,
) -> None:
    """Its own links, its members, and what is verified at the end.

    It takes two rounds: the source still has it under the code that it had.
    """
    task = migrate(short_titles)
    frame = task.failures()
    teams = frame["errorEntityType"] == "C_Team"
    frame.loc[teams, "title"] = ["Too long", "Two", "Three"]
    frame.loc[frame[ERC] == "T1", ERC] = "N1"
    task.retry(frame)
    frame = task.failures()
    assert [*frame[ERC]] == ["N1", "P3", "P6"]
    frame.loc[0, "title"] = "One"
    assert task.retry(frame, dry_run=True).problems == ()

    task.retry(frame)

    assert task.counts.failed == 0
    stored = read(short_titles, "target", "C_Team")
    assert sorted(stored) == ["N1", "T2", "T3"]
    assert (stored["N1"][BOSS], stored["N1"][INSIDE]) == ("P6", "T3")
    people = read(short_titles, "target", "C_Person")
    assert {key: people[key][TEAM] for key in ("P2", "P3", "P6")} == {
        "P2": "T3",
        "P3": "N1",
        "P6": "N1",
    }
    report = task.verify().verification()
    assert report is not None
    assert report.is_equal
