"""The workers of a divided import: what each has done, and what it works on."""

from __future__ import annotations

from html import escape
from typing import Any

import ipywidgets as ipw

from ...center.task_course import WorkerShare
from ...languages import gettext as _
from ...languages import lazy
from ...model.task import Task
from ...states.resume_state import (
    ResumeState,
    can_change_workers,
    can_verify_with_workers,
    verify_with_workers,
)
from ...states.stored_texts import translate_text
from ..controls import Column, PagedTable
from ..parts.form_inputs import (
    add_classes,
    button,
    button_bar,
    call_on_change,
    html,
    link_traits,
    set_visible,
)
from ..parts.policy_inputs import build_worker_inputs
from .task_panel import TaskPanel

_COLUMNS = (
    Column("name", lazy("Worker")),
    Column("partition", lazy("Partition"), kind="number"),
    Column("records", lazy("Records"), kind="number"),
    Column("state", lazy("State")),
)
_HELP = lazy(
    "The import goes on where it stands, with as many workers as you choose here. One "
    "worker, and no cluster, is possible, too."
)
_HELP_OF_VERIFICATION = lazy(
    "The import can be verified with as many workers as you choose here. One worker, "
    "and no cluster, is possible, too."
)
_WORKING = lazy("At work")
_DONE = lazy("Done")


class WorkerRows:
    """The workers of the task in view as the rows of a table."""

    def __init__(self) -> None:
        self.shares: list[WorkerShare] = []

    def count(self, _query: str) -> int:
        """Return the number of workers."""
        return len(self.shares)

    def rows(
        self, offset: int, limit: int, _sort: tuple[str, bool] | None, _query: str
    ) -> list[dict[str, Any]]:
        """Return some of them, in the order of their first partitions."""
        return [
            {
                "key": share.name,
                "name": translate_text(share.name),
                "partition": share.partitions[-1],
                "records": share.records,
                "state": _(_WORKING if share.is_running else _DONE),
            }
            for share in self.shares[offset : offset + limit]
        ]


class WorkersPanel(TaskPanel):
    """A table of the workers, which is read again as the task goes on.

    An import that stands still may go on with others, and be verified by them.
    """

    title = lazy("Workers")
    is_folded = True

    def build(self) -> list[ipw.Widget]:
        """Build the table, and the choice of other workers."""
        self._rows = WorkerRows()
        self.table = PagedTable(self._rows, _COLUMNS, label=_("Workers"), dense=True)
        self.state = ResumeState()
        self.inputs = build_worker_inputs()
        link_traits(self.state, self.inputs)
        self.resume = button(_("Resume with These Workers"))
        self.resume.on_click(lambda _button: self.guard.run(self._resume))
        self.verify = button(_("Verify with These Workers"))
        self.verify.on_click(lambda _button: self.guard.run(self._verify))
        self.help = html("", "dmc-help")
        self.problem = html("", "dmc-help")
        call_on_change(self.state, ["workers", "cluster"], self._show_problem)
        self.others = ipw.VBox(
            [
                self.help,
                add_classes(ipw.HBox([*self.inputs.values()]), "dmc-columns"),
                self.problem,
                button_bar(self.resume, self.verify),
            ]
        )
        set_visible(self.others, False)
        return [self.table, self.others]

    def is_offered(self, task: Task) -> bool:
        """Return True for an import by several workers."""
        return bool(self.session.center.tasks.workers(task.id))

    def show_task(self, task: Task, *, is_other: bool) -> None:
        """Read what the workers have done again."""
        self._task = task
        can_resume = can_change_workers(self.session, task)
        can_verify = can_verify_with_workers(task)
        can_choose = can_resume or can_verify
        if can_choose and (is_other or self.others.layout.display == "none"):
            self.state.load(task.plan)
        set_visible(self.others, can_choose)
        set_visible(self.resume, can_resume)
        set_visible(self.verify, can_verify)
        self.help.value = escape(_(_HELP if can_resume else _HELP_OF_VERIFICATION))
        self._rows.shares = self.session.center.tasks.workers(task.id)
        if is_other:
            self.table.restart()
        else:
            self.table.refresh()

    def _resume(self) -> None:
        self.session.resume_task(self._task.id, **self.state.choices)

    def _verify(self) -> None:
        verify_with_workers(self.session, self._task, self.state.choices)

    def _show_problem(self) -> None:
        problem = self.state.problem
        self.problem.value = escape(problem)
        self.resume.disabled = self.verify.disabled = bool(problem)
