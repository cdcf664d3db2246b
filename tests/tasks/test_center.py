"""The façade, with real workers in processes of their own."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from dmc_widgets.center import Center, TaskHandle
from dmc_widgets.errors import (
    FileUnreadable,
    InvalidPlan,
    NotSupported,
    UnknownName,
)
from dmc_widgets.model.mapping import FieldMapping, Mapping
from dmc_widgets.model.plan import Action, ExportPlan, ImportPlan
from dmc_widgets.model.strategies import ErrorStrategy, Policy
from dmc_widgets.model.task import Counts, TaskStatus
from dmc_widgets.workspace import Workspace
from tests.factories import write_json

TICKETS = [
    {"externalReferenceCode": "T-1", "title": "Leak", "priority": 2},
    {"externalReferenceCode": "T-2", "title": "Smoke", "priority": None},
]


def test_exported_records_equal_imported_ones(center: Center, tmp_path: Path) -> None:
    """An import and an export, each carried out by its own process."""
    path = write_json(tmp_path / "tickets.json", TICKETS)
    started = center.tasks.start_import(
        "target", ImportPlan(entity_type="Ticket"), path
    )
    path.unlink()  # the task has a copy of its own
    imported = center.tasks.wait(started.id, timeout_s=60)

    assert (imported.status, imported.counts) == (
        TaskStatus.COMPLETED,
        Counts(created=2),
    )
    assert json.loads(center.tasks.file(imported.id).read_text()) == TICKETS

    plan = ExportPlan(
        entity_type="C_Ticket",
        format="JSONL",
        fields=("externalReferenceCode", "priority", "title"),
    )
    exported = center.tasks.wait(
        center.tasks.start_export("target", plan).id, timeout_s=60
    )
    with zipfile.ZipFile(center.tasks.file(exported.id)) as archive:
        names = archive.namelist()
        lines = archive.read("export.jsonl").splitlines()

    assert (exported.status, exported.counts) == (
        TaskStatus.COMPLETED,
        Counts(created=2),
    )
    assert exported.name.startswith("Ticket Plan Execution ")
    assert names == ["export.jsonl"]
    assert [json.loads(line) for line in lines] == TICKETS
    assert [task.id for task in center.tasks.list(action=Action.IMPORT)] == [
        imported.id
    ]


def test_an_upload_is_moved_into_the_task(center: Center) -> None:
    data = json.dumps(TICKETS).encode()
    upload = center.files.new_upload("tickets.json", len(data))
    upload.append(0, data)
    kept = upload.finish()
    task = center.tasks.start_import(
        "target",
        ImportPlan(entity_type="Ticket"),
        kept,
        file_name="tickets.json",
        consume=True,
    )

    assert not kept.exists()
    assert center.tasks.wait(task.id, timeout_s=60).counts == Counts(created=2)


def test_error_report_escapes_formulas(center: Center, tmp_path: Path) -> None:
    records = [{"externalReferenceCode": "T-1"}, {"title": "x", "priority": "=1+1"}]
    plan = ImportPlan(
        entity_type="Ticket", policy=Policy(error_strategy=ErrorStrategy.CONTINUE)
    )
    task = center.tasks.start_import(
        "target", plan, write_json(tmp_path / "bad.json", records)
    )
    center.tasks.wait(task.id, timeout_s=60)
    text = b"".join(center.tasks.report_chunks(task.id)).decode()

    assert text.startswith("item,itemIndex,message,code,field,value\r\n")
    lines = list(csv.reader(io.StringIO(text, newline="")))[1:]
    assert lines == [
        [
            '{"externalReferenceCode":"T-1"}',
            "1",
            'No value was provided for required object field "title"',
            "required",
            "title",
            lines[0][5],
        ],
        [
            '{"title":"x","priority":"=1+1"}',
            "2",
            '"=1+1" in the field "priority" is not a whole number. '
            "Object entry value exceeds integer field allowed size",
            "exceeds-integer-size",
            "priority",
            '"=1+1"',
        ],
    ]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        pytest.param("a.json", b"", "a.json: ", id="empty"),
        pytest.param("a.json", b"hello", "a.json: ", id="not-json"),
        pytest.param("a.json", b'"a"', "a.json: ", id="a-text"),
    ],
)
def test_unreadable_file_starts_no_task(
    center: Center, tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)

    with pytest.raises(FileUnreadable) as caught:
        center.tasks.start_import("target", ImportPlan(entity_type="Ticket"), path)

    assert str(caught.value).startswith(message)
    assert center.tasks.list() == []


def test_unknown_entity_type_lists_the_known_ones(
    center: Center, tmp_path: Path
) -> None:
    path = write_json(tmp_path / "a.json", TICKETS)

    with pytest.raises(UnknownName) as caught:
        center.tasks.start_import("target", ImportPlan(entity_type="Tocket"), path)

    assert str(caught.value) == (
        "There is no entity type named 'Tocket'. Known: "
        "ListTypeDefinition, ObjectDefinition, ObjectFolder, C_Ticket, ListTypeEntry, "
        "ObjectAction, ObjectField, ObjectLayout, ObjectRelationship, "
        "ObjectValidationRule, ObjectView."
    )


def test_mapping_without_required_fields_starts_no_task(
    center: Center, tmp_path: Path
) -> None:
    path = write_json(tmp_path / "a.json", TICKETS)
    mapping = Mapping((FieldMapping("priority", "priority"),))

    with pytest.raises(InvalidPlan) as caught:
        center.tasks.start_import(
            "target", ImportPlan(entity_type="Ticket", mapping=mapping), path
        )

    assert str(caught.value) == (
        "You must map at least one field and all required fields before continuing. "
        "Nothing fills: 'title'. The fields of a.json: 'externalReferenceCode', "
        "'title', 'priority'."
    )


def test_csv_export_of_definitions_is_refused(center: Center) -> None:
    with pytest.raises(InvalidPlan) as caught:
        center.tasks.start_export(
            "target", ExportPlan(entity_type="ObjectDefinition", format="CSV")
        )

    assert str(caught.value) == (
        "ObjectDefinition cannot be written as CSV. Choose JSON, JSONL or JSONT."
    )


def test_unsupported_address_is_refused(center: Center) -> None:
    with pytest.raises(NotSupported):
        center.installations.add("odd", "gopher://example.com/")


def test_killed_worker_makes_its_task_inactive(
    center: Center, workspace: Workspace, tmp_path: Path
) -> None:
    """A task whose process died says so, and does not run for ever."""
    records = [{"title": "x" * 200, "priority": n} for n in range(60_000)]
    path = write_json(tmp_path / "many.json", records)
    task = center.tasks.start_import("target", ImportPlan(entity_type="Ticket"), path)
    while center.tasks.get(task.id).counts.created == 0:
        time.sleep(0.05)
    os.kill(workspace.tasks.worker(task.id).pid, signal.SIGKILL)
    ended = center.tasks.wait(task.id, timeout_s=30)

    assert ended.status is TaskStatus.FAILED
    written = ended.counts.created
    assert 0 < written < 60_000
    assert ended.counts == Counts(created=written, skipped=60_000 - written)
    assert ended.error == (
        "The worker process ended before the task did. Records 1 to "
        f"{written:,} are counted as the target has them, and {60_000 - written:,} "
        "records after them were not tried. Resume the task to bring in the rest."
    )


def test_task_is_cancelled_within_a_second(center: Center, tmp_path: Path) -> None:
    records = [{"title": "x" * 200, "priority": n} for n in range(60_000)]
    path = write_json(tmp_path / "many.json", records)
    task = center.tasks.start_import("target", ImportPlan(entity_type="Ticket"), path)
    while center.tasks.get(task.id).counts.created == 0:
        time.sleep(0.05)
    asked = time.monotonic()
    center.tasks.cancel(task.id)
    ended = center.tasks.wait(task.id, timeout_s=30)

    assert ended.status is TaskStatus.CANCELLED
    tried = ended.counts.created
    assert 0 < tried < 60_000
    assert ended.error == (
        f"Cancelled after record {tried:,}. What was written before, stays."
    )
    assert time.monotonic() - asked < 2.0  # one second, and one for a busy machine


def test_preview_shows_target_fields_by_name(center: Center, tmp_path: Path) -> None:
    head = center.files.read_head(
        write_json(tmp_path / "a.json", [{"subject": "Leak", "b": 1}])
    )
    mapping = Mapping((FieldMapping("subject", "title"), FieldMapping("b", "priority")))
    plan = ImportPlan(entity_type="Ticket", mapping=mapping)

    frame = center.files.preview("target", plan, head)

    assert frame.to_dict("index") == {
        1: {
            ("source", "subject"): "Leak",
            ("source", "b"): 1,
            ("target", "priority"): 1,
            ("target", "title"): "Leak",
            ("result", "expected"): "created",
            ("result", "problems"): "",
        }
    }


def test_exported_fields_are_sorted_by_name(center: Center, tmp_path: Path) -> None:
    """As in Liferay's files, whatever order they were asked for in."""
    path = write_json(tmp_path / "tickets.json", TICKETS[:1])
    plan = ImportPlan(entity_type="Ticket")
    center.tasks.wait(center.tasks.start_import("target", plan, path).id, timeout_s=60)
    fields = ("title", "priority", "externalReferenceCode")
    chosen = ExportPlan(entity_type="Ticket", fields=fields)
    task = center.tasks.wait(
        center.tasks.start_export("target", chosen).id, timeout_s=60
    )

    with zipfile.ZipFile(center.tasks.file(task.id)) as archive:
        content = archive.read("export.json")

    assert content == (b'[{"externalReferenceCode":"T-1","priority":2,"title":"Leak"}]')


STARTS_AND_WAITS = """
import sys, time
import dmc_widgets as dmc
center = dmc.open_center(sys.argv[1])
plan = dmc.ImportPlan(entity_type="Ticket")
print(center.tasks.start_import("target", plan, sys.argv[2]).id, flush=True)
time.sleep(60)
"""


def test_task_outlives_the_process_that_started_it(
    center: Center, tmp_path: Path
) -> None:
    """A kernel that dies takes its whole group of processes along, but no task."""
    records = [{"title": "x" * 200, "priority": n} for n in range(30_000)]
    path = write_json(tmp_path / "many.json", records)
    command = [sys.executable, "-c", STARTS_AND_WAITS]
    starter = subprocess.Popen(
        [*command, str(center.workspace_path), str(path)],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert starter.stdout is not None
    task_id = int(starter.stdout.readline())
    os.killpg(starter.pid, signal.SIGKILL)
    starter.wait()
    starter.stdout.close()

    assert not center.tasks.get(task_id).status.is_final
    ended = center.tasks.wait(task_id, timeout_s=60)
    assert (ended.status, ended.counts) == (
        TaskStatus.COMPLETED,
        Counts(created=30_000),
    )


def test_outcomes_of_a_running_task_come_until_its_end(
    center: Center, tmp_path: Path
) -> None:
    records = [{"externalReferenceCode": f"T-{n}", "title": "x"} for n in range(2_500)]
    path = write_json(tmp_path / "tickets.json", records)

    task = center.import_file("target", "Ticket", path, wait=False)
    numbers = [outcome.number for outcome in task.outcomes()]

    assert numbers == list(range(1, 2_501))
    assert task.status is TaskStatus.COMPLETED


def test_task_can_be_awaited(center: Center, tmp_path: Path) -> None:
    path = write_json(tmp_path / "tickets.json", TICKETS[:1])

    async def run() -> TaskHandle:
        return await center.import_file("target", "Ticket", path, wait=False)

    assert asyncio.run(run()).counts == Counts(created=1)
