"""Many tasks at once, from several processes, on one workspace and one target."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

from dmc_widgets.center import Center
from dmc_widgets.installations import connect
from dmc_widgets.model.task import Counts, TaskStatus
from dmc_widgets.ports import Query
from dmc_widgets.states.dashboard_session import DashboardSession
from dmc_widgets.tasks.installation_access import find_entity_type

PROCESSES, TASKS_EACH, RECORDS = 4, 5, 400
PAGE_LIMIT_S = 3.0
"""A page reads the tasks four times a second; on a busy machine it may take longer."""

STARTER = """
import sys
import dmc_widgets as dmc
workspace, *files = sys.argv[1:]
with dmc.open_center(workspace) as center:
    tasks = [
        center.import_file(
            "target", "Ticket", file, import_strategy="INSERT", wait=False
        )
        for file in files
    ]
    for task in tasks:
        task.wait()
"""


def test_twenty_tasks_from_four_processes_complete_and_the_page_answers(
    center: Center, tmp_path: Path
) -> None:
    """All write to one entity type; none disturbs another, and each code is once."""
    center.installations.list()
    starters = [_start(center, tmp_path, number) for number in range(PROCESSES)]
    session = DashboardSession(center)
    session.load()
    slowest = 0.0
    while any(starter.poll() is None for starter in starters):
        began = time.monotonic()
        session.load_tasks()
        session.refresh()
        slowest = max(slowest, time.monotonic() - began)
        time.sleep(0.25)

    assert [starter.returncode for starter in starters] == [0] * PROCESSES
    tasks = center.tasks.list()
    assert {(x.status, x.counts) for x in tasks} == {
        (TaskStatus.COMPLETED, Counts(created=RECORDS))
    }
    assert len(tasks) == PROCESSES * TASKS_EACH
    with_codes = _stored_codes(center)
    assert len(with_codes) == len(set(with_codes)) == len(tasks) * RECORDS
    assert slowest < PAGE_LIMIT_S


def _start(center: Center, folder: Path, number: int) -> subprocess.Popen[bytes]:
    files = []
    for place in range(TASKS_EACH):
        path = folder / f"{number}-{place}.json"
        records = [
            {"externalReferenceCode": f"T-{number}-{place}-{n}", "title": "T"}
            for n in range(RECORDS)
        ]
        path.write_text(json.dumps(records))
        files.append(str(path))
    workspace = str(center._workspace.path)
    command = [sys.executable, "-c", STARTER, workspace, *files]
    return subprocess.Popen(command)


def _stored_codes(center: Center) -> list[str]:
    target = connect(center._workspace.connections.get("target").url)
    tickets = find_entity_type(target.entity_types(), "Ticket")
    query = Query(fields=("externalReferenceCode",))
    codes = [x["externalReferenceCode"] for x in target.read(tickets, query)]
    target.close()
    return codes
