"""`dmc migrate`, `dmc export-package` and `dmc package` with a zip."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from tests.cli.driver import Driver

pytestmark = pytest.mark.usefixtures("in_this_process")

SOURCE = "Sample source"


@pytest.fixture
def fresh(run: Driver, tmp_path: Path) -> str:
    """An empty installation."""
    name = f"fresh {tmp_path.name}"
    assert run("connect", name, f"sqlite:///{tmp_path}/fresh.db").exit_code == 0
    return name


def table(output: str) -> list[list[str]]:
    return [line.split() for line in output.splitlines()]


def test_chosen_entries_move_with_what_they_need(run: Driver, fresh: str) -> None:
    """One repair needs one bicycle, one customer and whoever sent that one here."""
    command = ("migrate", SOURCE, fresh, "Repair", "--with-needed")
    result = run(*command, "--filter", "Repair=externalReferenceCode eq 'REPAIR-00001'")

    assert result.exit_code == 0, result.output
    found = {row[0]: row[-4:] for row in table(result.stdout)[1:8]}
    assert found["C_Repair"] == ["1", "created,", "0", "failed"]
    assert found["C_Bicycle"] == ["1", "created,", "0", "failed"]
    assert run("compare", SOURCE, fresh).exit_code == 0


def test_a_dry_run_leaves_the_target_empty(run: Driver, fresh: str) -> None:
    """It says what would be, and that nothing is."""
    result = run("migrate", SOURCE, fresh, "--dry-run")

    assert result.exit_code == 0, result.output
    assert "4,508 created, 249 updated, 0 failed." in result.stdout
    assert "Note: This was a dry run: nothing was written" in result.stdout
    assert run.listing("entities", fresh) == run.listing("entities", "Sample target")


def test_the_parts_are_told_to_programs(run: Driver, fresh: str) -> None:
    """Each with its counts."""
    (task,) = run.listing(
        "migrate", SOURCE, fresh, "ObjectFolder", "ListTypeDefinition"
    )

    assert (task["action"], task["entityType"]) == (
        "Migration",
        "ObjectFolder, ListTypeDefinition",
    )
    assert [
        (part["entityType"], part["status"], part["total"], part["created"])
        for part in task["parts"]
    ] == [
        ("ObjectFolder", "Completed", 1, 1),
        ("ListTypeDefinition", "Completed", 4, 4),
    ]


def test_a_package_brings_everything_over(
    run: Driver, fresh: str, tmp_path: Path
) -> None:
    """Files are numbered in the order in which they have to be imported."""
    file = tmp_path / "package.zip"
    result = run("export-package", SOURCE, "Bicycle", "--with-needed", "-o", file)

    assert result.exit_code == 0, result.output
    with zipfile.ZipFile(file) as package:
        assert package.namelist() == [
            "01-object-folder.batch-engine-data.json",
            "02-list-type-definition.batch-engine-data.json",
            "03-object-definition.batch-engine-data.json",
            "04-customer.batch-engine-data.json",
            "05-bicycle.batch-engine-data.json",
            "06-customer-relationships.batch-engine-data.json",
        ]
    steps = run.listing("package", fresh, file)
    assert [step["status"] for step in steps] == ["Completed"] * 6
    assert [step["failed"] for step in steps] == [0] * 6


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("../up.batch-engine-data.json", "unsafe name '../up.batch-engine-data.json'"),
        (
            "notes.txt",
            "no file in it has a name that ends in batch-engine-data.json, or is an "
            "exported definition or folder.",
        ),
    ],
)
def test_a_zip_that_is_no_package_is_refused(
    run: Driver, tmp_path: Path, name: str, message: str
) -> None:
    """Nothing is unpacked to where a stranger's name points."""
    file = tmp_path / "package.zip"
    with zipfile.ZipFile(file, "w") as package:
        package.writestr(name, "{}")

    result = run("package", "Sample target", file)

    assert result.exit_code == 1
    assert message in result.stderr
    assert not (tmp_path / "up.batch-engine-data.json").exists()


def test_a_filter_needs_an_entity_and_an_expression(run: Driver, fresh: str) -> None:
    """The message shows what was met and what is meant."""
    result = run("migrate", SOURCE, fresh, "Repair", "--filter", "status")

    assert result.exit_code == 2
    assert result.stderr == (
        "Error: The filter 'status' is not of the form ENTITY=EXPRESSION.\n"
    )
