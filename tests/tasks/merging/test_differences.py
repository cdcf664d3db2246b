"""Single differences: applied, written to a file, read back, and given to packages."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dmc_widgets.center import Center
from dmc_widgets.errors import FileUnreadable, InvalidPlan
from dmc_widgets.model.merge_choices import MergeChoices
from dmc_widgets.model.task import Counts, Task
from dmc_widgets.objects.comparison.difference_paths import difference_path
from dmc_widgets.tasks.worker import runner
from dmc_widgets.workspace import Workspace
from tests.tasks.merging.test_merge_tasks import (
    PRODUCTION,
    STAGING,
    colours,
    fields_of,
    keys_of,
    stored,
)
from tests.tasks.migration.test_migration_name_matches import fill
from tests.tasks.migration.test_migration_task import definition
from tests.tasks.packages.batch_files import SUFFIX, batch_file, write_package

DOCUMENTS = ("ListTypeDefinition", "ObjectDefinition")
BLUE = "ListTypeDefinition:Colours.listTypeEntries.blue"
CITY = "ObjectDefinition:Firm.objectFields.city"
GREEN = "ListTypeDefinition:Colours.listTypeEntries.green"
GERMAN = "ObjectDefinition:Firm.label.de_DE"
VAT = "ObjectDefinition:Firm.objectFields.vatNumber"


@pytest.fixture
def firms(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Center:
    """Two installations with the definitions alone; tasks run in this process."""
    center = Center(workspace)
    for name, items in (("source", STAGING), ("target", PRODUCTION)):
        fill(tmp_path / f"{name}.db", {kind: items[kind] for kind in DOCUMENTS})
        center.installations.add(name, f"sqlite:///{tmp_path / name}.db")

    def run(opened: Workspace, task: Task) -> None:
        runner.run_task(opened, task.id)

    monkeypatch.setattr("dmc_widgets.center.launching.launch_worker", run)
    return center


def paths(center: Center) -> list[str]:
    return [difference_path(x) for x in center.differences.between("source", "target")]


def test_one_difference_is_applied_and_nothing_else(firms: Center) -> None:
    assert paths(firms) == [BLUE, GREEN, GERMAN, CITY, VAT]

    task = firms.differences.apply("source", "target", CITY)

    assert task.counts == Counts(updated=1)
    assert paths(firms) == [BLUE, GREEN, GERMAN, VAT]


def test_dry_run_of_a_difference_writes_nothing(firms: Center) -> None:
    task = firms.differences.apply("source", "target", CITY, dry_run=True)

    assert task.counts == Counts(updated=1)
    assert CITY in paths(firms)


def test_removal_is_asked_for_and_then_carried_out(firms: Center) -> None:
    with pytest.raises(InvalidPlan, match=r"fields vatNumber: 0 entries"):
        firms.differences.apply("source", "target", [CITY, VAT])

    firms.differences.apply("source", "target", [CITY, VAT], allow_deletions=True)

    assert fields_of(firms) == ["title", "colour", "city"]


def test_document_that_only_the_target_has_is_not_deleted(
    firms: Center, tmp_path: Path
) -> None:
    fill(
        tmp_path / "target.db",
        {
            "com.liferay.object.admin.rest.dto.v1_0.ObjectDefinition": [
                definition("Own")
            ]
        },
    )
    with pytest.raises(InvalidPlan) as caught:
        firms.differences.apply("source", "target", "Own", allow_deletions=True)
    assert str(caught.value) == (
        "Only the target has ObjectDefinition:Own. No migration deletes a document: "
        "delete it in the target."
    )


def test_difference_between_a_file_and_the_target_is_applied(
    firms: Center, tmp_path: Path
) -> None:
    """The records of a file show what they are."""
    path = tmp_path / "keys.json"
    path.write_text(json.dumps([colours("red", "white", "black")]), "utf-8")

    found = firms.differences.of_file(path, "target")
    task = firms.differences.apply(path, "target", "Colours.listTypeEntries.white")

    assert [(x.change.value, x.path) for x in found] == [
        ("added", "listTypeEntries.black"),
        ("removed", "listTypeEntries.blue"),
        ("added", "listTypeEntries.white"),
    ]
    assert task.counts == Counts(updated=1)
    assert keys_of(firms) == ["red", "blue", "white"]


def test_file_of_something_else_is_not_compared(firms: Center, tmp_path: Path) -> None:
    path = tmp_path / "entries.json"
    path.write_text('[{"title": "x"}]', "utf-8")
    with pytest.raises(InvalidPlan, match="neither object definitions nor picklists"):
        firms.differences.of_file(path, "target")


@pytest.mark.parametrize("name", ["differences.yaml", "differences.json"])
def test_file_of_differences_comes_back(
    firms: Center, tmp_path: Path, name: str
) -> None:
    """What the source has is accepted at first, and what only the target has stays."""
    path = tmp_path / name
    firms.differences.write_choices(firms.differences.between("source", "target"), path)

    choices = firms.differences.read_choices(path)

    assert choices == MergeChoices([GREEN, CITY], [BLUE, GERMAN, VAT])
    edited = path.read_text("utf-8").replace('"accept": true', '"accept": false', 1)
    path.write_text(edited.replace("  accept: true", "  accept: false", 1), "utf-8")
    choices = firms.differences.read_choices(path)
    assert choices == MergeChoices([CITY], [BLUE, GREEN, GERMAN, VAT])
    handle = firms.migrate(
        "source", "target", DOCUMENTS, only=choices.only, leave=choices.leave
    )
    assert handle.counts == Counts(updated=1, unchanged=1)
    assert paths(firms) == [BLUE, GREEN, GERMAN, VAT]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[]", "It is not a list of differences."),
        ("differences: 1", "'differences' is not a list."),
        ("differences:\n- path: A", "Difference 1 lacks a path, or 'accept: true'"),
        ("differences:\n- {path: A, accept: false}", "No difference is accepted"),
        ("only: 3", "'only' is not a list of paths"),
        ("others: [a]", "It is not a list of differences."),
        ("only: ['']", "only holds an empty path"),
        ("only: [a\n", "It is not valid YAML"),
    ],
)
def test_file_that_holds_no_differences_is_refused(
    firms: Center, tmp_path: Path, text: str, message: str
) -> None:
    path = tmp_path / "choices.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(InvalidPlan, match=f"^choices.yaml: {message}"):
        firms.differences.read_choices(path)
    with pytest.raises(FileUnreadable):
        firms.differences.read_choices(tmp_path / "missing.yaml")


def test_file_of_paths_alone_is_enough(firms: Center, tmp_path: Path) -> None:
    path = tmp_path / "choices.yaml"
    path.write_text(f"only: {CITY}\nleave:\n- label\n", "utf-8")
    assert firms.differences.read_choices(path) == MergeChoices(CITY, "label")


def package(tmp_path: Path) -> Path:
    return write_package(
        tmp_path / "package",
        {
            f"{number}{SUFFIX}": batch_file(kind, STAGING[kind])
            for number, kind in enumerate(DOCUMENTS)
        },
    )


def test_package_asks_before_it_deletes(firms: Center, tmp_path: Path) -> None:
    report = firms.import_package("target", package(tmp_path))

    assert [step.failed for step in report] == [True, True]
    reasons = [step.reason for step in report]
    assert "(keys blue: 0 entries). Allow it (--allow-deletions)" in reasons[0]
    assert "(fields vatNumber: 0 entries). Allow it (--allow-deletions)" in reasons[1]
    assert (keys_of(firms), fields_of(firms)[-1]) == (["red", "blue"], "vatNumber")

    firms.import_package("target", package(tmp_path), allow_deletions=True)
    assert (keys_of(firms), fields_of(firms)[-1]) == (["red", "green"], "city")


def test_package_is_merged_and_a_path_may_name_any_file(
    firms: Center, tmp_path: Path
) -> None:
    folder = package(tmp_path)
    report = firms.import_package("target", folder, only=[CITY])
    assert [step.task and step.task.counts for step in report] == [
        Counts(unchanged=1),
        Counts(updated=1),
    ]
    assert (keys_of(firms), fields_of(firms)[-1]) == (["red", "blue"], "city")

    firms.import_package("target", folder, update_strategy="MERGE")
    assert keys_of(firms) == ["red", "blue", "green"]
    label = stored(firms, "ObjectDefinition", "FIRM")["label"]
    assert label == {"en_US": "Firm", "de_DE": "Firma"}
