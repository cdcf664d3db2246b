"""A round of repair in the form: groups, cells, *Check* and *Retry*, without a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dmc_widgets.center import Center
from dmc_widgets.center.task_handle import TaskHandle
from dmc_widgets.model.task import Counts
from dmc_widgets.states.dashboard_session import DashboardSession
from dmc_widgets.widgets.dashboard import Dashboard
from dmc_widgets.widgets.parts.guard import Guard
from dmc_widgets.widgets.task_panels.repair import RepairPanel
from tests.mending import pictures
from tests.mending.rounds import compare, read_items


def mend_in_form(center: Center, task: TaskHandle, folder: Path) -> Iterator[str]:
    """Carry out a round in the form; yield what is wrong afterwards.

    Values that are wrong in several records are replaced once, all others one by one.
    """
    session = DashboardSession(center)
    session.load()
    page = Dashboard(session, Guard(session.dashboard))
    session.open_task(task.id)
    panel: Any = page.task_panels.panels[RepairPanel]
    before, number = read_items(folder), task.counts.total
    _replace_groups(panel)
    _type_cells(panel)
    if len(session.repair.mends) != number // 2:
        yield f"{len(session.repair.mends)} records are mended"
    panel.check.click()
    if session.repair.refused or read_items(folder) != before:
        yield f"the check says {session.repair.notice}, or has written"
    panel.retry.click()
    task.wait()
    if session.dashboard.message is not None:
        yield f"the page says {session.dashboard.message.text}"
    if task.counts != Counts(created=number):
        yield f"{task.status}, {task.counts}: {task.failures()[:3].to_dict('records')}"
    yield from compare(before, read_items(folder), number)


def _replace_groups(panel: Any) -> None:
    """Replace what has the same right value in all records of a line."""
    shared = {
        (fault.field, fault.bad.strip()): fault.good
        for fault in pictures.FAULTS
        if "#" not in fault.good
    }
    for row in panel.groups.page["rows"]:
        good = shared.get((row["field"], row["value"]))
        if good is not None:
            message = {"kind": "edit", "key": row["key"], "column": "new"}
            panel.groups.simulate_message({**message, "text": good})


def _type_cells(panel: Any) -> None:
    """Type the right value into every cell that is still marked as wrong."""
    offset, total = 0, 1
    while offset < total:
        view = {"request": str(offset), "offset": offset, "limit": 100}
        panel.table.simulate_message(
            {"kind": "ask", "view": {**view, "sort": None, "query": ""}}
        )
        page = panel.table.page
        offset, total = offset + 100, page["total"]
        for row in page["rows"]:
            number = int(row["record"].replace(",", ""))
            fault = pictures.fault_of(number)
            assert fault is not None
            column = f"cell:{fault.field}"
            if row[column].get("state") == "wrong":
                text = pictures.mended_value(number, fault)
                message = {"kind": "edit", "key": row["key"], "column": column}
                panel.table.simulate_message({**message, "text": text})
