"""The methods of the center that do a whole job, and the task that they return."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import dmc_widgets as dmc
from dmc_widgets.center import Center, TaskHandle
from tests.factories import write_json

pytestmark = pytest.mark.usefixtures("in_this_process")

ERC = "externalReferenceCode"
TICKETS: list[dict[str, Any]] = [
    {"externalReferenceCode": "T-1", "title": "Leak", "priority": 2},
    {"externalReferenceCode": "T-2", "priority": 3},
    {"externalReferenceCode": "T-3", "title": "Smoke", "priority": None},
]


@pytest.fixture
def task(center: Center, tmp_path: Path) -> TaskHandle:
    """An import whose second record fails."""
    path = write_json(tmp_path / "tickets.json", TICKETS)
    return center.import_file("target", "Ticket", path, on_error="continue")


def test_import_waits_and_returns_its_task(task: TaskHandle) -> None:
    assert task.status is dmc.TaskStatus.PARTIALLY_COMPLETED
    assert task.counts == dmc.Counts(created=2, failed=1)
    assert task.action is dmc.Action.IMPORT
    assert repr(task) == (
        f"<Task {task.id}: Import of C_Ticket, Partially Completed, "
        "2 created, 1 failed>"
    )


def test_outcomes_name_each_record(task: TaskHandle) -> None:
    outcomes = list(task.outcomes())

    assert [(each.number, each.kind, each.erc) for each in outcomes] == [
        (1, "created", "T-1"),
        (2, "failed", "T-2"),
        (3, "created", "T-3"),
    ]
    assert outcomes[1].problem is not None
    assert outcomes[1].problem.field == "title"


def test_failures_are_a_frame_with_the_records(task: TaskHandle) -> None:
    """The fields of the file come first, as it has them, and behind them the errors."""
    frame = task.failures()

    assert list(frame.columns) == [
        "externalReferenceCode",
        "priority",
        "errorRecord",
        "errorCode",
        "errorField",
        "errorValue",
        "errorMessage",
    ]
    row = frame.iloc[0]
    assert len(frame) == 1
    assert {name: row[name] for name in TICKETS[1]} == TICKETS[1]
    assert (row["errorRecord"], row["errorField"]) == (2, "title")


def test_report_is_text_and_a_file(task: TaskHandle, tmp_path: Path) -> None:
    text = task.report(tmp_path / "report.csv")

    assert text.startswith("item,itemIndex,message,code,field,value\r\n")
    assert (tmp_path / "report.csv").read_bytes().decode() == text


def test_every_method_takes_a_task_or_its_id(task: TaskHandle, center: Center) -> None:
    for given in (task.id, task.state, task):
        assert center.task(given).state == task.state
    assert center.tasks.get(task.state) == center.tasks.get(task.id)
    assert center.tasks.wait(task.state).status is task.status


@pytest.mark.parametrize(
    ("name", "is_zip"), [("t.jsonl.zip", True), ("t.jsonl", False)]
)
def test_export_writes_a_zip_or_its_file(
    task: TaskHandle, center: Center, tmp_path: Path, name: str, *, is_zip: bool
) -> None:
    path = tmp_path / name

    done = center.export_file("target", "Ticket", path, fields="title", sort="title")

    assert (task.status, done.status) == ("Partially Completed", "Completed")
    assert zipfile.is_zipfile(path) is is_zip
    if not is_zip:
        lines = path.read_text().splitlines()
        assert list(map(json.loads, lines)) == [{"title": "Leak"}, {"title": "Smoke"}]


def test_export_into_a_path_has_to_wait(center: Center, tmp_path: Path) -> None:
    with pytest.raises(dmc.InvalidPlan, match="Nothing would write the file"):
        center.export_file("target", "Ticket", tmp_path / "a.zip", wait=False)


def test_wrong_word_is_refused_before_a_task_starts(
    center: Center, tmp_path: Path
) -> None:
    path = write_json(tmp_path / "tickets.json", TICKETS)

    with pytest.raises(dmc.UnknownChoice) as caught:
        center.import_file("target", "Ticket", path, on_error="go on")

    assert str(caught.value) == (
        "'go on' is not an error strategy. Choose one of: 'ON_ERROR_FAIL', "
        "'ON_ERROR_CONTINUE', 'stop', 'continue'."
    )
    assert center.tasks.list() == []


def test_migration_moves_what_is_chosen(
    task: TaskHandle, center: Center, tmp_path: Path
) -> None:
    center.installations.add("other", f"sqlite:///{tmp_path / 'other.db'}")

    moved = center.migrate("target", "other", "Ticket", with_needed=True)

    assert (task.status, moved.status) == ("Partially Completed", "Completed")
    with center.installations.connect("other") as other:
        assert [item["title"] for item in other.read("Ticket")] == ["Leak", "Smoke"]


@pytest.mark.parametrize("name", ["Ticket", "C_Ticket", "Ticket (v1.0 - x)"])
def test_open_installation_finds_entity_types_by_any_name(
    task: TaskHandle, center: Center, name: str
) -> None:
    with center.installations.connect("target") as opened:
        label = opened.entity_type("Ticket").label
        known = label if "(" in name else name
        items = list(opened.read(known, fields="title", filter="priority eq 2"))
        fetched = opened.fetch(known, "T-1")
        frame = opened.to_pandas(known, fields=["title", "priority"], sort="title:desc")

    assert task.counts.created == 2
    assert items == [{"title": "Leak"}]
    assert fetched["T-1"]["priority"] == 2
    assert frame["title"].tolist() == ["Smoke", "Leak"]
    assert frame["priority"].isna().tolist() == [True, False]
    assert repr(opened) == f"<Installation {opened.url}>"


def test_unknown_field_is_refused_with_the_known_ones(
    task: TaskHandle, center: Center
) -> None:
    assert task.counts.created == 2
    with (
        center.installations.connect("target") as opened,
        pytest.raises(dmc.UnknownName, match="There is no field named 'tilte'"),
    ):
        opened.read("Ticket", fields=["tilte"])


def test_values_show_themselves_as_escaped_tables(
    task: TaskHandle, center: Center
) -> None:
    entity_type = center.installations.entity_type("target", "Ticket")
    mapping = dmc.Mapping(["<b>=title"])
    plan = dmc.ImportPlan(entity_type=entity_type, mapping=mapping, name="<i>")
    shown: list[Any] = [task, task.counts, entity_type, mapping, plan]

    texts = [value._repr_html_() for value in shown]

    assert all(text.startswith("<table>") for text in texts)
    assert "&lt;b&gt;" in texts[3]
    assert "&lt;i&gt;" in texts[4]
    assert repr(mapping) == "Mapping('<b>' → 'title')"
    assert "\n" not in repr(plan)


def test_waiting_is_quiet_in_a_program(
    task: TaskHandle, capsys: pytest.CaptureFixture[str]
) -> None:
    task.wait()

    assert capsys.readouterr() == ("", "")


def test_frame_of_an_export_is_what_pandas_reads(
    task: TaskHandle, center: Center, tmp_path: Path
) -> None:
    path = tmp_path / "tickets.csv"

    center.export_file("target", "Ticket", path, fields=["title"], sort="title")

    assert task.counts.created == 2
    assert pd.read_csv(path)["title"].tolist() == ["Leak", "Smoke"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("tickets.csv", b"externalReferenceCode"),
        ("tickets.batch-engine-data.json", b'{"actions"'),
        ("tickets.jsonl.zip", b"PK"),
        ("tickets.2026-11-28.zip", b"PK"),
    ],
)
def test_format_follows_the_end_of_the_name(
    center: Center, tmp_path: Path, name: str, content: bytes
) -> None:
    task = center.export_file("target", "Ticket", tmp_path / name, fields=[ERC])

    assert task.status is dmc.TaskStatus.COMPLETED
    assert (tmp_path / name).read_bytes().startswith(content)


def test_unknown_ending_is_refused(center: Center, tmp_path: Path) -> None:
    with pytest.raises(dmc.UnknownName, match="no format named 'TSV'"):
        center.export_file("target", "Ticket", tmp_path / "tickets.tsv")


def test_export_to_a_missing_folder_is_refused_before_it_starts(
    center: Center, tmp_path: Path
) -> None:
    with pytest.raises(dmc.InvalidPlan, match="does not exist"):
        center.export_file("target", "Ticket", tmp_path / "gone" / "tickets.csv")

    assert center.tasks.list() == []


@pytest.mark.parametrize("name", ["import_strategy", "update_strategy", "on_error"])
def test_empty_strategy_is_refused(center: Center, tmp_path: Path, name: str) -> None:
    """It would count as the default, which overwrites."""
    path = write_json(tmp_path / "tickets.json", TICKETS)
    choice: Any = {name: ""}

    with pytest.raises(dmc.UnknownChoice):
        center.import_file("target", "Ticket", path, **choice)


def test_wrong_kinds_of_arguments_are_refused(center: Center, tmp_path: Path) -> None:
    path = write_json(tmp_path / "tickets.json", TICKETS)
    wrong: Any = "utf-8"

    with pytest.raises(dmc.InvalidPlan, match="Give a ReadingOptions"):
        center.import_file("target", "Ticket", path, reading=wrong)
    with pytest.raises(dmc.InvalidPlan, match="Give a whole number"):
        center.task(wrong)
