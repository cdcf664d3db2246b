"""Dry runs on the command line: what would change, and exactly that."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from tests.cli.driver import Driver, customer, jsonl

pytestmark = pytest.mark.usefixtures("in_this_process")


@pytest.fixture(scope="module")
def shown(run: Driver, target: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The id of a dry run that would change a name and lose an address."""
    folder: Path = tmp_path_factory.mktemp("dry")
    stored = [customer(number) for number in (9001, 9002)]
    done = run("import", target, "Customer", jsonl(folder / "stored.jsonl", *stored))
    assert done.exit_code == 0, done.output
    changed = [
        {**stored[0], "name": "Another name"},
        {**stored[1], "newsletter": None, "city": None},
        customer(9003),
    ]
    file = jsonl(folder / "changed.jsonl", *changed)
    result = run("import", target, "Customer", file, "--dry-run")
    assert result.exit_code == 0, result.output
    assert "3 records, 1 created" in result.stdout
    assert "This was a dry run: nothing was written" in result.stdout
    assert "Changes: " in result.stdout
    assert "would change name" in result.stdout
    return str(run.listing("tasks")[0]["id"])


def test_changes_are_a_table_csv_and_json(run: Driver, shown: str) -> None:
    table = run("changes", shown)
    rows = list(csv.DictReader(io.StringIO(run("changes", shown, "--csv").stdout)))
    listed = json.loads(run("changes", shown, "--field", "name", "--json").stdout)

    assert table.exit_code == 0, table.output
    assert "Another name" in table.stdout
    assert {row["field"] for row in rows} >= {"name"}
    assert [(change["field"], change["new"]) for change in listed] == [
        ("name", "Another name")
    ]
    assert {row["lost"] for row in rows if row["field"] == "name"} == {"false"}


def test_run_does_what_was_shown_and_once_only(run: Driver, shown: str) -> None:
    """The second run meets another target than the dry run did, and stops."""
    first = run("run", shown)
    second = run("run", shown)

    assert first.exit_code == 0, first.output
    assert "3 records, 1 created" in first.stdout
    assert "lost" in first.stdout or "changed name" in first.stdout
    assert second.exit_code == 1
    assert f"is not as the dry run (task {shown}) has shown" in second.output


def test_outcomes_are_listed_by_kind(run: Driver, shown: str) -> None:
    """First the numbers, then each record; a wrong kind names the right ones."""
    table = run("outcomes", shown)
    created = run("outcomes", shown, "--kind", "created")
    listed = json.loads(run("outcomes", shown, "--kind", "updated", "--json").stdout)

    assert table.exit_code == 0, table.output
    lines = [line.split() for line in table.stdout.splitlines()]
    kinds = [["created", "1"], ["updated", "1"], ["unchanged", "1"]]
    assert lines[:4] == [["Outcome", "Records"], *kinds]
    assert ["3", "created", "T-9003"] in lines
    assert [line.split() for line in created.stdout.splitlines()][1:] == [
        ["3", "created", "T-9003"]
    ]
    assert [(x["itemIndex"], x["externalReferenceCode"]) for x in listed] == [
        (1, "T-9001")
    ]
    assert "'created', 'updated'" in run("outcomes", shown, "--kind", "lost").output


def test_installations_are_compared_by_a_key(run: Driver, target: str) -> None:
    """Codes do not count then; a task is verified as it was run."""
    key = ("--match", "Customer=email")
    command = ("verify", target, "Sample source", "Customer")
    result = run(*command, *key, "--json")
    assert result.exit_code == 3, result.output
    assert {x["kind"] for x in json.loads(result.stdout)["mismatches"]} >= {"surplus"}

    malformed = run(*command, "--match", "Customer")
    assert (malformed.exit_code, malformed.stderr) == (
        2,
        "Error: The key 'Customer' is not of the form ENTITY=FIELD,FIELD.\n",
    )
    of_task = run("verify", run.listing("tasks")[0]["id"], *key)
    assert of_task.exit_code == 2
    assert "--match belong to dmc verify SOURCE TARGET" in of_task.stderr


def test_several_workers_are_for_tasks(
    run: Driver, target: str, tmp_path: Path
) -> None:
    """They verify one as one does; other commands refuse them in a sentence."""
    file = jsonl(tmp_path / "new.jsonl", *(customer(n) for n in range(9100, 9120)))
    assert run("import", target, "Customer", file).exit_code == 0
    task = run.listing("tasks")[0]["id"]

    verified = run("verify", task, "--workers", 2)
    assert verified.exit_code == 0, verified.output
    assert verified.stdout.endswith(f"20 items are in {target} as expected.\n")
    dry_run = ("import", target, "Customer", file, "--dry-run", "--workers", 2)
    refusals = {
        ("verify", target, "Sample source", "--workers", 2): (
            "Several workers verify what a task has sent. Two installations are "
            "compared by one: leave --workers and --cluster out."
        ),
        ("verify", task, "--workers", 0): (
            "0 workers cannot carry out a task. Choose 1 to 256."
        ),
        (*dry_run, "--on-error", "continue"): (
            "A dry run has one worker, because it shows what earlier records leave to "
            "later ones. Leave workers and cluster out."
        ),
    }
    for words, reason in refusals.items():
        refused = run(*words)
        assert (refused.exit_code, refused.stderr) == (2, f"Error: {reason}\n")
    assert run("export", target, "Customer", "--workers", 2).exit_code == 2


def test_changes_of_a_task_without_any_are_said(
    run: Driver, target: str, tmp_path: Path
) -> None:
    file = jsonl(tmp_path / "new.jsonl", customer(9009))
    assert run("import", target, "Customer", file, "--dry-run").exit_code == 0
    task = run.listing("tasks")[0]["id"]

    assert "No stored value changes" in run("changes", str(task)).stdout
    assert json.loads(run("changes", str(task), "--json").stdout) == []
