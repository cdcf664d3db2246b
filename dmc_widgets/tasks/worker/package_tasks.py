"""The files of a package, one after another in one worker, each a task of its own.

Each file is checked first, as an import is before it starts. Dry runs share one target,
so that a file is checked against what those before it would have written; everything is
rolled back after the last one.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack, closing

from ...errors import InvalidPlan
from ...model.plan import ImportPlan
from ...ports import Installation
from ...workspace import Workspace
from ..dry_runs import DRY_RUN_NOTE, open_rehearsal
from ..imports.file_check import check_file
from ..imports.file_head import read_head
from ..imports.import_task import run_import
from ..installation_access import find_entity_type, open_connection
from ..task_files import original_file
from ..task_run import TaskRun
from .runner import carry_out_plan, run_task


def run_package_tasks(workspace: Workspace, task_ids: Sequence[int]) -> bool:
    """Carry out the queued tasks of a package, in this order.

    Returns:
        False if the end of one could not be recorded.
    """
    is_recorded = True
    with _PackageTarget() as target:
        for task_id in task_ids:
            is_recorded &= run_task(workspace, task_id, target.carry_out)
    return is_recorded


class _PackageTarget:
    """The target of a package, which its dry run opens once, for the first file."""

    def __init__(self) -> None:
        self._opened = ExitStack()
        self._target: Installation | None = None
        self._run: TaskRun | None = None

    def __enter__(self) -> _PackageTarget:
        return self

    def __exit__(self, *_: object) -> None:
        self._run = None
        self._opened.close()

    def carry_out(self, run: TaskRun) -> None:
        """Carry out the import of one file, or its dry run.

        Raises:
            DmcError: The import would be refused, or what stops it.
            TaskCancelled: The task was cancelled.
        """
        plan = run.task.plan
        if not isinstance(plan, ImportPlan):
            reason = f"Task {run.task.id} is not an import of a file."
            raise InvalidPlan(reason)
        self._run = run
        run.advance(0)  # it may have been cancelled while it waited
        if plan.dry_run:
            self._rehearse(run, plan)
            return
        # A server is asked once what types it has, and the file before may add some.
        with closing(self._open(run)) as target:
            self._check(run, plan, target)
        carry_out_plan(run)

    def _rehearse(self, run: TaskRun, plan: ImportPlan) -> None:
        target = self._target
        if target is None:
            opened = self._opened.enter_context(closing(self._open(run)))
            target = self._opened.enter_context(open_rehearsal(opened))
            self._target = target
        self._check(run, plan, target)
        run.workspace.outcomes.clear(run.task.id)
        run.notes.insert(0, DRY_RUN_NOTE)
        types = target.entity_types()
        run_import(run, plan, target, find_entity_type(types, plan.entity_type))

    def _check(self, run: TaskRun, plan: ImportPlan, target: Installation) -> None:
        path = original_file(run.workspace, run.task).path
        name = run.task.original_file
        head = read_head(path, name, plan.reading)
        check = check_file(target, plan, head, is_one_of_many=True)
        check.require_startable()
        run.notes += check.warnings

    def _open(self, run: TaskRun) -> Installation:
        connection = run.workspace.connections.get(run.task.installation)
        return open_connection(connection, self._should_continue)

    def _should_continue(self) -> bool:
        return self._run is None or self._run.should_continue()
