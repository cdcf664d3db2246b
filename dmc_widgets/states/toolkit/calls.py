"""The code that does the same as a form, or as a task."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from ...center import Center
from ...center.calls import (
    PlanCall,
    package_import_call,
    plan_call,
    python_script,
    render_call,
    render_command,
    retry_call,
)
from ...errors import DmcError, InvalidPlan, NotSupported
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
    call = plan_call(
        planned.plan,
        planned.installation,
        planned.file,
        states_plan=planned.states_plan,
    )
    return render_code(center, call, language)


def render_code(center: Center, call: PlanCall, language: str) -> str:
    """Return a call in the workspace of a center; see :func:`find_code`."""
    if language == PYTHON:
        return python_script(render_call(call), center.workspace_path)
    return render_command(call, center.workspace_path)


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


def verification_code(session: DashboardSession, language: str) -> str:
    """Return the code that does the same as the form that compares installations.

    Raises:
        InvalidPlan: The form is not complete.
    """
    form = session.verification_form
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


def package_code(session: DashboardSession, language: str) -> str:
    """Return the code that imports the uploaded package.

    It is named as it is called on the person's machine.

    Raises:
        InvalidPlan: No package was uploaded.
    """
    form = session.package
    if form.path is None:
        raise InvalidPlan(NO_FILE)
    installation, choices = session.dashboard.installation, form.choices(dry_run=False)
    call = package_import_call(installation, form.file_name, choices)
    return render_code(session.center, call, language)


def retry_code(session: DashboardSession, language: str) -> str:
    """Return the code that tries the failed records of the task in view again.

    It states what was mended once for many records.

    Raises:
        NotSupported: Records were mended one by one, which no single call states.
    """
    state, repair = session.repair, session.center.repair
    add_keys: dict[str, list[str]] = {}
    for field, key in state.new_keys:
        add_keys.setdefault(field, []).append(key)
    given = repair.combine(state.task_id, None, state.replacements, add_keys)
    if dict(given.mends if given else {}) != dict(state.mends):
        raise NotSupported(
            what="Records were mended one by one, which no single call states.",
            instead="Retry them here; or download the failed records, mend the file, "
            f"and call center.task({state.task_id}).retry(file).",
        )
    call = retry_call(state.task_id, state.replacements, add_keys)
    return render_code(session.center, call, language)


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
