"""Merges, choices of differences and deletions on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.driver import Driver
from tests.tasks.merging.test_merge_tasks import PRODUCTION, STAGING
from tests.tasks.migration.test_migration_name_matches import fill

pytestmark = pytest.mark.usefixtures("in_this_process")

CITY = "ObjectDefinition:Firm.objectFields.city"


@pytest.fixture
def firms(run: Driver, tmp_path: Path) -> tuple[str, str]:
    """The names of two installations, each of which has what the other lacks."""
    names = (f"staging {tmp_path.name}", f"production {tmp_path.name}")
    for name, items in zip(names, (STAGING, PRODUCTION), strict=True):
        path = tmp_path / f"{name.partition(' ')[0]}.db"
        fill(path, items)
        run("installation", "add", name, f"sqlite:///{path}")
    return names


def paths(run: Driver, *names: str) -> list[str]:
    compared = json.loads(run("compare", *names, "--json").stdout)
    return [difference["fullPath"] for difference in compared]


def test_differences_are_chosen_in_a_file_and_merged(
    run: Driver, firms: tuple[str, str], tmp_path: Path
) -> None:
    choices = tmp_path / "choices.yaml"
    compared = run("compare", *firms, "-o", str(choices))
    assert compared.exit_code == 3
    assert compared.stdout.endswith(f"Wrote {choices}.\n")
    refused = run("migrate", *firms)
    assert "(fields vatNumber: 101 entries)" in refused.stderr
    assert refused.exit_code == 2

    done = run("migrate", *firms, "--choices", str(choices))

    assert done.exit_code == 0, done.stderr
    assert paths(run, *firms) == [
        "ListTypeDefinition:Colours.listTypeEntries.blue",
        "ObjectDefinition:Firm.label.de_DE",
        "ObjectDefinition:Firm.objectFields.vatNumber",
    ]


def test_compare_applies_one_difference(run: Driver, firms: tuple[str, str]) -> None:
    wrong = run("compare", *firms, "--apply", "Firm.zip")
    assert "No difference has the path 'Firm.zip'." in wrong.stderr

    done = run("compare", *firms, "--apply", "Firm.objectFields.city", "--json")

    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)[0]["updated"] == 1
    assert CITY not in paths(run, *firms)


def test_import_merges_what_it_names(
    run: Driver, firms: tuple[str, str], tmp_path: Path
) -> None:
    path = tmp_path / "definitions.json"
    path.write_text(json.dumps(STAGING["ObjectDefinition"]), "utf-8")
    command = ("import", firms[1], "ObjectDefinition", str(path))

    mixed = run(*command, "--only", "Firm", "--update-strategy", "UPDATE")
    assert "MERGE, and this one is UPDATE." in mixed.stderr
    assert "(--allow-deletions)" in run(*command).stderr
    done = run(*command, "--only", "Firm.objectFields.city")

    assert done.exit_code == 0, done.stderr
    assert CITY not in paths(run, *firms)
    assert len(paths(run, *firms)) == 4
