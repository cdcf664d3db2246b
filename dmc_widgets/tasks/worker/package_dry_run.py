"""The dry runs of a package, in one worker: each meets what those before would write.

A run of the package is one task a file. Its dry runs are tasks of their own as well, so
that each has its outcomes and changes, but they share one target, from which everything
is taken back only after the last one.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack, closing
from typing import Final

from ...errors import InvalidPlan
from ...model.plan import ImportPlan
from ...ports import Installation
from ...workspace import Workspace
from ..dry_runs import DRY_RUN_NOTE, open_rehearsal
from ..imports.file_check import check_file
from ..imports.file_head import read_head
from ..imports.import_task import run_import
from ..installation_access import find_entity_type, open_connection
from ..task_files import original_path
from ..task_run import TaskRun
from .runner import run_task

_NO_DRY_RUN: Final = "Only dry runs of imports follow each other in one worker."


def run_dry_runs(workspace: Workspace, task_ids: Sequence[int]) -> bool:
    """Carry out queued dry runs of imports into one installation, in this order.

    Returns:
        False if the end of one could not be recorded.
    """
    with _SharedTarget() as target:
        recorded = [
            run_task(workspace, number, target.carry_out) for number in task_ids
        ]
    return all(recorded)


class _SharedTarget:
    """The target of all dry runs, which is opened for the first one."""

    def __init__(self) -> None:
        self._opened = ExitStack()
        self._target: Installation | None = None
        self._run: TaskRun | None = None

    def __enter__(self) -> _SharedTarget:
        return self

    def __exit__(self, *_: object) -> None:
        self._run = None
        self._opened.close()

    def carry_out(self, run: TaskRun) -> None:
        """Carry out one of the dry runs.

        Raises:
            DmcError: The import would be refused, or what stops it.
            TaskCancelled: The task was cancelled.
        """
        plan = run.task.plan
        if not isinstance(plan, ImportPlan) or not plan.dry_run:
            raise InvalidPlan(_NO_DRY_RUN)
        self._run = run
        run.advance(0)  # it may have been cancelled while it waited
        run.workspace.outcomes.clear(run.task.id)
        if self._target is None:
            self._target = self._open(run)
        head = read_head(
            original_path(run.workspace, run.task), run.task.original_file, plan.reading
        )
        check = check_file(self._target, plan, head, is_one_of_many=True)
        check.require_startable()
        run.notes += [DRY_RUN_NOTE, *check.warnings]
        types = self._target.entity_types()
        run_import(run, plan, self._target, find_entity_type(types, plan.entity_type))

    def _open(self, run: TaskRun) -> Installation:
        connection = run.workspace.connections.get(run.task.installation)
        opened = open_connection(connection, self._should_continue)
        self._opened.enter_context(closing(opened))
        return self._opened.enter_context(open_rehearsal(opened))

    def _should_continue(self) -> bool:
        return self._run is None or self._run.should_continue()
