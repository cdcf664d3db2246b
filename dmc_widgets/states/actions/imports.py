"""Reading a file for the import form, previewing the import, and starting it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ...center.mapping_editing import FileHead, empty_file_message
from ...center.reruns import plan_as_new
from ...errors import FileError, InvalidPlan, UnknownName
from ...formats import FORMATS
from ...languages import gettext as _
from ...languages import lazy
from ...model.plan import ImportPlan
from ...model.preview import Preview
from ...model.reading_options import ReadingOptions
from ..dashboard_session import DashboardSession, UploadedFile, require_no_problem
from ..dashboard_state import DashboardPage
from ..import_state import NO_FILE
from ..paths.import_path import MAPPING
from .packages import read_package

PREFILLED_NOTICE = lazy(
    "The entity type and the strategies were taken from the file. "
    "You may change them before you go on."
)
_NO_RECORDS = lazy("No record was found in this file as it is read now.")


def open_import_form(session: DashboardSession) -> None:
    """Open an empty import form.

    Raises:
        InstallationError: The current installation does not answer. The form is open,
            so that another one can be selected.
    """
    session.leave_import()
    session.source.load()
    session.dashboard.page = DashboardPage.IMPORT
    session.load_entity_types()


def read_file(session: DashboardSession, path: Path, name: str) -> None:
    """Read the head of an uploaded file, and the choices that the file states.

    Raises:
        FileError: The file cannot be read.
        NotSupported: The file holds items of a class that cannot be imported.
    """
    form = session.import_form
    head = session.center.files.read_head(path, name, form.reading)
    configuration = head.configuration
    notice = ""
    if configuration is not None and configuration.class_name and not form.template:
        notice = _prefill_from_file(session, head)
    session.file, session.unread_table = UploadedFile(path, name, head), None
    form.no_records = empty_file_message(head) if head.is_empty else ""
    form.notice = notice if head.records else form.no_records or _(_NO_RECORDS)
    form.file_format, form.detected_reading = head.format, head.options
    installation = session.dashboard.installation
    earlier = session.center.files.describe_earlier_import(installation, path)
    form.sheets, form.warnings = head.workbook_sheets, (*earlier, *head.warnings)
    form.read(name, head.sources, head.records)
    session.proposal.read_file()


def read_upload(session: DashboardSession, path: Path, name: str) -> None:
    """Read an uploaded file, or report why a table cannot be read as detected.

    A table that cannot be read is not refused: the person may know better than the
    detection how it was written. A package of several files has a panel of its own.

    Raises:
        FileError: The file is not a table, and cannot be read.
        NotSupported: The file holds items of a class that cannot be imported.
    """
    form = session.import_form
    path = session.draft.keep_upload(path)
    try:
        read_file(session, path, name)
    except FileError as exc:
        if read_package(session, path, name):
            return
        kind = session.center.files.recognise(path, name)
        if not FORMATS[kind.format].info.is_table:
            raise
        session.unread_table = (path, name)
        form.file_format, form.sheets = kind
        form.reading_problem = _("{exc} Choose how it is to be read.").format(exc=exc)


def reread_file(session: DashboardSession, reading: ReadingOptions) -> None:
    """Read the head of the file again, with other options.

    If that fails the form says why and everything stays as it was: the wrong choice
    is put right in the same place. Changes that the person made to the mapping are
    applied again.
    """
    form, file = session.import_form, session.file
    previous, changes = form.reading, form.mapping_changes()
    form.reading, form.reading_problem = reading, ""
    place = (file.path, file.name) if file else session.unread_table
    if place is None:
        return
    try:
        read_file(session, *place)
    except FileError as exc:
        form.reading = previous
        advice = (
            _("The file is read as before.") if file else _("Choose something else.")
        )
        form.reading_problem = f"{exc} {advice}"
    else:
        form.apply_mapping_changes(changes)


def clear_file(session: DashboardSession) -> None:
    """Take the file out of the import form."""
    session.draft.drop_file()
    session.file = session.unread_table = None
    session.import_form.clear_file()
    session.proposal.clear()
    session.package.clear()


def require_complete_import(session: DashboardSession) -> UploadedFile:
    """Return the file of a complete import form; from now on gaps show as errors.

    Raises:
        InvalidPlan: Something is missing; the first thing is named.
    """
    session.import_form.shows_gaps = True
    require_no_problem(session.import_form.problems)
    if session.file is None:
        raise InvalidPlan(NO_FILE)
    return session.file


def preview_import(session: DashboardSession, *, sample: bool = False) -> Preview:
    """Preview what the import of the form would make of some records.

    Args:
        session: The session of the form.
        sample: Take records from all over the file instead of the first ones.

    Raises:
        InvalidPlan: The form is not complete.
        DmcError: The center refuses the import.
    """
    head = require_complete_import(session).head
    plan = session.import_form.plan()
    installation = session.dashboard.installation
    return session.center.files.preview_records(installation, plan, head, sample=sample)


def compare_file(session: DashboardSession) -> None:
    """Load the differences between the documents of the file and the target.

    Raises:
        InvalidPlan: The form is not complete.
        InstallationError: The target does not answer.
    """
    form = session.import_form
    head = require_complete_import(session).head
    installation = session.dashboard.installation
    differences = session.center.differences.of_plan(installation, form.plan(), head)
    form.differences = tuple(differences)


def start_import(session: DashboardSession, *, dry_run: bool = False) -> None:
    """Start the import that the form describes, and follow its task.

    The uploaded file moves into the task; after a dry run it stays, and so does the
    form. A second click arrives when the page has moved on, and does nothing.

    Raises:
        InvalidPlan: The form is not complete.
        DmcError: The center refuses the import.
    """
    if session.dashboard.page is not DashboardPage.PREVIEW:
        return
    file = require_complete_import(session)
    task = session.center.tasks.start_import(
        session.dashboard.installation,
        replace(session.import_form.plan(), dry_run=dry_run),
        file.path,
        file_name=file.name,
        consume=not dry_run and session.center.files.is_upload(file.path),
    )
    if not dry_run:
        session.draft.discard()
        session.empty_import()
        session.draft.forget_changes()
    session.open_task(task.id, DashboardPage.IMPORTING)


def restore_import(
    session: DashboardSession, plan: ImportPlan | None, path: Path | None, name: str
) -> None:
    """Fill the import form, which was just opened, with a plan and with a file.

    What the file states gives way to the plan.

    Raises:
        FileError: The file cannot be read.
    """
    form = session.import_form
    if plan is not None:
        form.load_plan(plan)
        form.name = plan.name
    if path is not None:
        read_file(session, path, name)
        if plan is not None:
            form.load_plan(plan)
            form.name = plan.name


def change_import(session: DashboardSession, step: str = MAPPING) -> None:
    """Open the form with the choices and the file of the import in view.

    What is started from there is a new task. After a dry run the form still is as it
    was left.

    Raises:
        DmcError: The file of the task was pruned, or cannot be read.
    """
    task = session.task.task
    if task is None or not isinstance(task.plan, ImportPlan):
        return
    if session.file is None:
        path = session.center.tasks.file(task.id)
        session.leave_import()
        session.source.load()
        session.select_installation(task.installation)
        restore_import(session, _new_plan(task.plan), path, task.original_file)
        session.draft.refer_to(path)
    session.import_path.open_step(step)
    session.dashboard.page = DashboardPage.IMPORT


def _new_plan(plan: ImportPlan) -> ImportPlan:
    fresh = plan_as_new(plan)
    return replace(fresh, dry_run=False) if isinstance(fresh, ImportPlan) else plan


def _prefill_from_file(session: DashboardSession, head: FileHead) -> str:
    """Load the plan that the file states, and return a notice about it."""
    try:
        plan = session.center.files.plan_from_file(session.dashboard.installation, head)
    except UnknownName as exc:
        return _(
            "{exc} The file names it; choose yourself where its records belong."
        ).format(exc=exc)
    session.import_form.load_plan(plan)
    return _(PREFILLED_NOTICE)
