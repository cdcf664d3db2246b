"""The code that does the same as a form, or as a task."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from ...center import Center
from ...center.calls import command_line, python_call, python_script
from ...errors import DmcError, InvalidPlan
from ...model.plan import ExportPlan, ImportPlan, Plan, UndoPlan
from ...model.task import Task
from ..dashboard_session import DashboardSession, require_no_problem
from ..import_state import NO_FILE

PYTHON = "python"


@dataclass(frozen=True, slots=True)
class PlannedTask:
    """A task that could be started, and where.

    Attributes:
        plan: Its plan.
        installation: The name of the installation.
        file: The file that it imports, or None.
        states_plan: The file states strategies and a mapping.
    """

    plan: Plan
    installation: str
    file: Path | str | None = None
    states_plan: bool = False


def find_code(center: Center, planned: PlannedTask, language: str) -> str:
    """Return what starts a task in the workspace of a center.

    Args:
        center: The center.
        planned: The task.
        language: ``python`` for a whole program, else a command for a POSIX shell.

    Raises:
        NotSupported: No single call starts such a task.
    """
    arguments = (planned.plan, planned.installation, planned.file)
    states_plan, workspace = planned.states_plan, center.workspace_path
    if language == PYTHON:
        call = python_call(*arguments, states_plan=states_plan)
        return python_script(call, workspace)
    return command_line(*arguments, states_plan=states_plan, workspace=workspace)


def export_code(session: DashboardSession, language: str) -> str:
    """Return the code that does the same as the export form.

    Raises:
        InvalidPlan: The form is not complete.
    """
    form = session.export_form
    require_no_problem(form.problems)
    planned = PlannedTask(form.plan(), session.dashboard.installation)
    return find_code(session.center, planned, language)


def import_code(session: DashboardSession, language: str) -> str:
    """Return the code that does the same as the import form.

    An uploaded file is named as it is called on the person's machine.

    Raises:
        InvalidPlan: The form is not complete.
    """
    form, file = session.import_form, session.file
    require_no_problem(form.problems)
    if file is None:
        raise InvalidPlan(NO_FILE)
    is_upload = file.path.is_relative_to(session.center.workspace_path)
    planned = PlannedTask(
        form.plan(),
        session.dashboard.installation,
        file.name if is_upload else file.path,
        states_plan=file.head.configuration is not None,
    )
    return find_code(session.center, planned, language)


def migration_code(session: DashboardSession, language: str) -> str:
    """Return the code that does the same as the migration form.

    Raises:
        InvalidPlan: The form is not complete.
    """
    form = session.migration_form
    require_no_problem(form.problems)
    return find_code(session.center, PlannedTask(form.plan(), form.target), language)


def task_code(session: DashboardSession, language: str) -> str:
    """Return the code that runs the task in view again.

    Raises:
        InvalidPlan: No task is in view.
        NotSupported: No single call starts such a task.
    """
    task = session.task.task
    if task is None:
        reason = "No task is in view. Open one."
        raise InvalidPlan(reason)
    plan = task.plan
    if not isinstance(plan, UndoPlan):
        plan = replace(plan, name="")  # a name belongs to one task
    planned = PlannedTask(
        plan,
        task.installation,
        _find_file(session.center, task),
        states_plan=isinstance(plan, ImportPlan) and _may_state_plan(task),
    )
    return find_code(session.center, planned, language)


def _find_file(center: Center, task: Task) -> Path | str | None:
    if isinstance(task.plan, ExportPlan):
        return None
    try:
        return center.tasks.file(task.id)
    except DmcError:  # removed, or there never was one
        return task.original_file or None


def _may_state_plan(task: Task) -> bool:
    """Return True for files of formats that may state strategies and a mapping."""
    return Path(task.original_file).suffix.casefold() not in {".csv", ".xlsx", ".jsonl"}
