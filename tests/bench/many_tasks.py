"""What a kernel needs for each interaction with a long list of tasks.

Run by hand: ``python -m tests.bench.many_tasks --tasks 10000``. It fills a workspace
with that many tasks that have ended, shows the dashboard over it without a browser, and
does what a person does in the list, several times each. It prints the processor time of
each interaction, the median and the worst, which a busy machine does not lengthen; and
it fails if one needs more than 200 ms at the median.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from dmc_widgets import ExportPlan, ImportPlan, open_center
from dmc_widgets.model.task import Counts, Progress, TaskStatus
from dmc_widgets.states.dashboard_session import DashboardSession
from dmc_widgets.states.dashboard_state import DashboardState
from dmc_widgets.widgets.dashboard import Dashboard
from dmc_widgets.widgets.parts.guard import Guard
from dmc_widgets.workspace import Workspace
from tests.bench.measuring import say

LIMIT_MS = 200
_TYPES = ("Bicycle", "Customer", "Repair")
_ENDS = (
    TaskStatus.COMPLETED,
    TaskStatus.PARTIALLY_COMPLETED,
    TaskStatus.FAILED,
    TaskStatus.CANCELLED,
)


def fill(workspace: Workspace, count: int) -> None:
    """Add tasks of each action, status and entity type."""
    now = time.time()
    for number in range(count):
        kind = f"com.liferay.object.rest.dto.v1_0.ObjectEntry#C_{_TYPES[number % 3]}"
        name = f"Week {number:05} of {_TYPES[number % 3]}"
        plan: Any = ExportPlan(entity_type=kind, name=name)
        if number % 2:
            plan = ImportPlan(entity_type=kind, name=name)
        file = f"week-{number}.csv" if number % 2 else ""
        task = workspace.tasks.add("Sample source", plan, file)
        workspace.tasks.start(task.id, now - 60 - number)
        status = _ENDS[number % 7 % 4]
        counts = Counts(created=number, failed=number % 5)
        progress = Progress(1, 1, now - 60 - number, now - number)
        ended = replace(task, status=status, counts=counts, progress=progress)
        workspace.tasks.finish(ended)


class Person:
    """Does what a person does in the list, by the messages that the page sends."""

    def __init__(self, dashboard: Dashboard, count: int) -> None:
        self._dashboard, self._count = dashboard, count
        self._table = dashboard.task_list.table
        self._asked = 0

    def ask(self, offset: int = 0, *, sort: str = "created", down: bool = True) -> None:
        """Open a page of the list."""
        self._asked += 1
        limit = self._table.page_size
        view = {"request": str(self._asked), "offset": offset, "limit": limit}
        asked = {**view, "sort": [sort, down], "query": ""}
        self._table.simulate_message({"kind": "ask", "view": asked})
        assert len(self._table.page["rows"]) == limit

    def search(self, text: str) -> None:
        """Type in the search box."""
        self._dashboard.task_list.filters.query = text
        self._dashboard.task_list.filters.query = ""

    def filter(self, name: str, value: str) -> None:
        """Choose a filter, and remove it."""
        self._dashboard.task_list.filters.chosen = {name: value}
        self._dashboard.task_list.filters.chosen = {}

    def select(self, number: int) -> None:
        """Tick the first rows, and none."""
        self._table.selected = tuple(str(id_) for id_ in range(1, number + 1))
        self._table.selected = ()

    def go(self, address: str) -> None:
        """Follow a link, from a page that costs nothing."""
        self._dashboard.open_new("settings")
        self._dashboard.open_new(address)

    def list_interactions(self) -> Iterator[tuple[str, Callable[[], None]]]:
        """Yield what is measured."""
        last = (self._count - 1) // 20 * 20
        yield "Home", lambda: self.go("")
        yield "the list", lambda: self.go("tasks")
        yield "the next page", lambda: self.ask(20)
        yield "the last page", lambda: self.ask(last)
        for column in ("name", "status", "failed", "total", "created"):
            yield f"sort by {column}", partial(self.ask, sort=column, down=False)
        yield "search a word", lambda: self.search("bicycle")
        yield "search a number", lambda: self.search(f"{self._count - 1:05}")
        yield "search nothing that is there", lambda: self.search("elephant")
        yield "filter by status", lambda: self.filter("status", "Failed")
        yield "filter by action", lambda: self.filter("action", "Export")
        yield "select 20 rows", lambda: self.select(20)
        yield "select 100 rows", lambda: self.select(100)
        yield "select 1,000 rows", lambda: self.select(1_000)
        yield "the oldest task", lambda: self.go("tasks/1")
        yield "the newest task", lambda: self.go(f"tasks/{self._count}")
        yield "a tick of the poller", self._dashboard.session.refresh


def measure(work: Callable[[], None], rounds: int) -> tuple[float, float]:
    """Return the median and the worst processor time in ms."""
    work()  # builds the page, and reads modules
    spent = []
    for _ in range(rounds):
        begun = time.process_time()
        work()
        spent.append((time.process_time() - begun) * 1000)
    return statistics.median(spent), max(spent)


def main() -> None:
    """Measure each interaction, and fail if one is too slow."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=7)
    choices = parser.parse_args()
    slow = []
    with tempfile.TemporaryDirectory() as name, open_center(Path(name)) as center:
        fill(center._workspace, choices.tasks)
        state = DashboardState()
        session = DashboardSession(center, state)
        session.load()
        dashboard = Dashboard(session, Guard(state))
        for what, work in Person(dashboard, choices.tasks).list_interactions():
            middle, worst = measure(work, choices.rounds)
            say(f"{what:30} {middle:7.0f} ms, at most {worst:6.0f} ms")
            assert state.message is None or state.message.kind != "danger"
            slow += [what] if middle > LIMIT_MS else []
    say(f"{choices.tasks:,} tasks; more than {LIMIT_MS} ms: {', '.join(slow) or '–'}")
    if slow:
        sys.exit(1)


if __name__ == "__main__":
    main()
