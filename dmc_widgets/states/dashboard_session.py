"""What a person does on the page, carried out on a center.

The functions call the center and put what it says into states. They raise the
errors of the center; who calls them shows those to the person.

Finding out, beside the page, what became of tasks whose workers died.
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Thread

from ..center import Center
from ..errors import DmcError, FileError, InvalidPlan, UnknownName
from ..model.entity_type import EntityType
from ..model.plan import Action, ExportPlan
from ..model.preview import Preview
from ..model.reading_options import ReadingOptions
from ..model.task import Task, TaskStatus
from ..tasks.imports.file_head import FileHead
from ..tasks.imports.mapping_suggestions import Suggestion, suggest_mapping
from ..tasks.imports.preflight import empty_file_message
from .dashboard_state import DashboardPage, DashboardState
from .export_state import ExportState
from .import_state import NO_FILE, ImportState
from .mapping.field_mapping_state import FieldMappingState
from .migration_state import MigrationState
from .scope_state import build_site_finder
from .task_list_state import TaskListState
from .task_state import TaskState
from .template_list_state import TemplateListState

_RETRY_AFTER_S = 30.0


class BackgroundRecovery:
    """Lets the center recover tasks without making the page wait for it.

    Args:
        center: Of the tasks.
    """

    def __init__(self, center: Center) -> None:
        self._center = center
        self._tried: dict[int, float] = {}

    def begin(self, task: Task) -> None:
        """Recover a task that is inactive, unless that was tried a moment ago.

        What became of it shows in the task itself.
        """
        if task.status is not TaskStatus.INACTIVE:
            return
        now = time.monotonic()
        if now - self._tried.get(task.id, -_RETRY_AFTER_S) < _RETRY_AFTER_S:
            return
        self._tried[task.id] = now
        Thread(target=self._recover, args=(task.id,), daemon=True).start()

    def _recover(self, task_id: int) -> None:
        with suppress(DmcError):  # it stays inactive, which says enough
            self._center.recover(task_id)


def is_settled(task: Task) -> bool:
    """Return True for a task about which nothing more will become known."""
    return task.status.is_final and task.status is not TaskStatus.INACTIVE


PREFILLED_NOTICE = (
    "The entity type and the strategies were taken from the file. "
    "You may change them before you go on."
)

_NO_RECORDS = "No record was found in this file as it is read now."
_TASK_PAGES = {
    DashboardPage.TASK,
    DashboardPage.EXPORTING,
    DashboardPage.IMPORTING,
    DashboardPage.MIGRATING,
}


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file that came from the browser.

    Attributes:
        path: Where it lies.
        name: That it had in the browser. The one in *head* is that of the file
            in it, if it is a zip.
        head: What was read of it.
    """

    path: Path
    name: str
    head: FileHead


@dataclass(slots=True)
class DashboardSession:
    """One page of one person: a center, and the states of the forms.

    Attributes:
        center: Does the work.
        source: The file that the import form has read.
        unread: A table that could not be read yet: where it lies, and its name.
        recoveries: Finds out what became of tasks whose workers died.
    """

    center: Center
    dashboard: DashboardState = field(default_factory=DashboardState)
    export_form: ExportState = field(default_factory=ExportState)
    import_form: ImportState = field(default_factory=ImportState)
    field_editor: FieldMappingState = field(default_factory=FieldMappingState)
    migration_form: MigrationState = field(default_factory=MigrationState)
    tasks: TaskListState = field(default_factory=TaskListState)
    task: TaskState = field(default_factory=TaskState)
    templates: TemplateListState = field(default_factory=TemplateListState)
    source: UploadedFile | None = None
    unread: tuple[Path, str] | None = None
    recoveries: BackgroundRecovery = field(init=False)

    def __post_init__(self) -> None:
        self.recoveries = BackgroundRecovery(self.center)
        self.import_form.suggester = self._suggest
        self.field_editor.value_suggester = self.center.suggest_values
        find = build_site_finder(self.center, self.dashboard)
        self.export_form.find_sites = self.import_form.find_sites = find

    def begin(self) -> None:
        """Show what the workspace holds."""
        self.dashboard.installations = tuple(self.center.installations())
        if self.dashboard.installations:
            self.choose_installation(self.dashboard.installations[0].name)
        self.list_templates()
        self.list_tasks()

    def choose_installation(self, name: str) -> None:
        """Let both forms work on the installation called *name*."""
        self.dashboard.installation = name
        self.list_entity_types()

    def list_entity_types(self) -> None:
        """Ask the installation what may move; an import may have changed that.

        A choice that the installation does not know is taken back.
        """
        found = tuple(self.center.entity_types(self.dashboard.installation))
        for form in (self.export_form, self.import_form):
            form.entity_types = found
            if form.entity not in {each.key for each in found}:
                form.entity = ""

    def list_tasks(self) -> None:
        """Show the tasks as they are now."""
        action = Action(self.tasks.action) if self.tasks.action else None
        found = self.center.tasks(self.tasks.keyword.strip(), action)
        self.tasks.tasks = tuple(sorted(found, key=lambda each: -each.id))

    def list_templates(self) -> None:
        """Show the templates as they are now, in the order of their names."""
        found = sorted(self.center.templates(), key=lambda each: each.name.casefold())
        self.templates.templates = tuple(found)

    def open_task(self, task_id: int, page: DashboardPage = DashboardPage.TASK) -> None:
        """Attach the page to a task, running or finished."""
        self.task.task = self.center.task(task_id)
        self.dashboard.page = page

    def refresh(self) -> None:
        """Copy what the workspace knows now into the states in view.

        Of tasks in view whose worker died, what became of them is found out aside.
        """
        if self.dashboard.page is DashboardPage.LISTS:
            self.list_tasks()
            for task in self.tasks.tasks:
                self.recoveries.begin(task)
        shown = self.task.task
        if shown and self.dashboard.page in _TASK_PAGES and not is_settled(shown):
            self.task.task = self.center.task(shown.id)
            self.recoveries.begin(self.task.task)

    def show_lists(self) -> None:
        """Go back to the lists."""
        self.list_tasks()
        self.list_templates()
        self.dashboard.page = DashboardPage.LISTS

    def _suggest(
        self, entity_type: EntityType, fields: tuple[str, ...]
    ) -> tuple[Suggestion, ...]:
        try:
            if self.source is not None:
                return self.center.suggestions(entity_type, self.source.head)
        except DmcError:  # memory is a convenience; the names alone do as well
            pass
        return suggest_mapping(entity_type, fields)


def open_export_form(session: DashboardSession) -> None:
    """Open an empty export form."""
    session.list_entity_types()
    session.export_form.reset()
    session.dashboard.page = DashboardPage.EXPORT


def open_import_form(session: DashboardSession) -> None:
    """Open an empty import form."""
    session.list_entity_types()
    session.source = session.unread = None
    session.import_form.reset()
    session.dashboard.page = DashboardPage.IMPORT


def start_export(session: DashboardSession) -> None:
    """Start what the export form says, and follow it; a second click is none.

    Raises:
        InvalidPlan: The form is not complete.
        DmcError: The center refuses.
    """
    if session.dashboard.page is not DashboardPage.EXPORT:
        return
    form = session.export_form
    _require_no_problem(form.problems)
    task = session.center.start_export(session.dashboard.installation, form.plan())
    session.open_task(task.id, DashboardPage.EXPORTING)


def read_file(session: DashboardSession, path: Path, name: str) -> None:
    """Take in the head of an uploaded file, and what it says about itself.

    Raises:
        FileError: It cannot be read.
        NotSupported: It holds items of a class that is not moved.
    """
    form = session.import_form
    head = session.center.read_head(path, name, form.reading)
    stated = head.configuration
    notice = ""
    if stated is not None and stated.class_name and not form.template:
        notice = _prefill_from_file(session, head)
    session.source, session.unread = UploadedFile(path, name, head), None
    form.no_records = empty_file_message(head) if head.is_empty else ""
    form.notice = notice if head.records else form.no_records or _NO_RECORDS
    form.file_format, form.found = head.format, head.options
    form.sheets, form.warnings = head.workbook_sheets, head.warnings
    form.read(name, head.sources, head.records)


def read_upload(session: DashboardSession, path: Path, name: str) -> None:
    """Take in an uploaded file, or say why a table cannot be read as it was detected.

    A person may know better how a table was written, so that is no end.

    Raises:
        FileError: The file is no table, and cannot be read.
        NotSupported: It holds items of a class that is not moved.
    """
    form = session.import_form
    try:
        read_file(session, path, name)
    except FileError as exc:
        kind = session.center.recognise(path, name)
        if kind.format not in {"CSV", "XLSX"}:
            raise
        session.unread = (path, name)
        form.file_format, form.sheets = kind
        form.reading_fault = f"{exc} Choose how it is to be read."


def reread_file(session: DashboardSession, reading: ReadingOptions) -> None:
    """Read the head of the file as the person says now.

    Where it cannot be read like that the form says so, and everything stays as it
    was: the wrong choice is put right in the same place. What the person said of
    the mapping is kept.
    """
    form, source = session.import_form, session.source
    before, changes = form.reading, form.changes()
    form.reading, form.reading_fault = reading, ""
    place = (source.path, source.name) if source else session.unread
    if place is None:
        return
    try:
        read_file(session, *place)
    except FileError as exc:
        form.reading = before
        then = "The file is read as before." if source else "Choose something else."
        form.reading_fault = f"{exc} {then}"
    else:
        form.change(changes)


def _prefill_from_file(session: DashboardSession, head: FileHead) -> str:
    try:
        plan = session.center.plan_from_file(session.dashboard.installation, head)
    except UnknownName as exc:
        return f"{exc} The file names it; choose yourself where its records belong."
    session.import_form.load_plan(plan)
    return PREFILLED_NOTICE


def clear_file(session: DashboardSession) -> None:
    """The person took the file back."""
    session.source = session.unread = None
    session.import_form.forget_file()


def require_complete_import(session: DashboardSession) -> UploadedFile:
    """Say what the import form lacks, or return its file.

    Raises:
        InvalidPlan: Something is missing; the first thing is named.
    """
    session.import_form.tried = True
    _require_no_problem(session.import_form.problems)
    if session.source is None:
        raise InvalidPlan(NO_FILE)
    return session.source


def preview_import(session: DashboardSession, *, sample: bool = False) -> Preview:
    """Say what an import as the form has it would make of some records.

    Raises:
        InvalidPlan: The form is not complete.
        DmcError: The center refuses.
    """
    head = require_complete_import(session).head
    plan = session.import_form.plan()
    installation = session.dashboard.installation
    return session.center.preview_records(installation, plan, head, sample=sample)


def start_import(session: DashboardSession) -> None:
    """Start what the import form says, and follow it. The file moves along.

    A second click comes when the first has started the task, and does nothing.

    Raises:
        InvalidPlan: The form is not complete.
        DmcError: The center refuses.
    """
    if session.dashboard.page is not DashboardPage.PREVIEW:
        return
    source = require_complete_import(session)
    task = session.center.start_import(
        session.dashboard.installation,
        session.import_form.plan(),
        source.path,
        file_name=source.name,
        consume=True,
    )
    session.source = None
    session.import_form.reset()
    session.open_task(task.id, DashboardPage.IMPORTING)


def cancel_task(session: DashboardSession, task_id: int) -> None:
    """Ask a running task to stop."""
    task = session.center.cancel(task_id)
    if session.task.task and session.task.task.id == task_id:
        session.task.task = task
    session.list_tasks()


def apply_template(session: DashboardSession, name: str, action: Action) -> None:
    """Put a template's choices into its form; without a name only forget the name.

    Raises:
        UnknownName: The template, or its entity type, is not there.
    """
    form = session.export_form if action is Action.EXPORT else session.import_form
    if not name:
        form.template = ""
        return
    plan = session.center.template(name).plan
    installation = session.dashboard.installation
    found = session.center.entity_type(installation, plan.entity_type)
    plan = replace(plan, entity_type=found.key)
    if isinstance(plan, ExportPlan):
        session.export_form.load_plan(plan, name)
    else:
        session.import_form.load_plan(plan, name)


def open_template(session: DashboardSession, name: str) -> None:
    """Open the form that a template belongs to, with everything restored.

    Raises:
        UnknownName: The template, or its entity type, is not there.
    """
    action = session.center.template(name).plan.action
    if action is Action.EXPORT:
        open_export_form(session)
    else:
        open_import_form(session)
    apply_template(session, name, action)


def save_template(session: DashboardSession, name: str, action: Action) -> None:
    """Keep the choices of a form under *name*, and select it there.

    Raises:
        NameTaken: There is such a template already.
        InvalidPlan: The name is too long, or the form is not complete.
    """
    form = session.export_form if action is Action.EXPORT else session.import_form
    session.center.save_template(name.strip(), form.plan())
    session.list_templates()
    form.template = name.strip()
    session.dashboard.say("Template was created.")


def delete_selected_templates(session: DashboardSession) -> None:
    """Delete the ticked templates."""
    for name in session.templates.selected:
        session.center.delete_template(name)
    session.templates.selected = ()
    session.list_templates()


def _require_no_problem(problems: tuple[str, ...]) -> None:
    if problems:
        raise InvalidPlan(problems[0])
