"""The session of one open dashboard: a center and the states of its forms.

What a person does on the page is in :mod:`.actions`; these functions take a session.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Unpack

from traitlets import dlink

from ..center import Center
from ..center.choices import WorkerChoices
from ..center.files import EntityTypeSuggestion, InstallationSuggestion
from ..center.mapping_editing import FileHead, Suggestion, suggest_mapping
from ..errors import DmcError, InvalidPlan
from ..model.entity_type import EntityType
from ..model.plan import Action
from ..model.task import Task, TaskStatus
from .background_work import BackgroundWork
from .comparing.task_comparison_state import TaskComparisonState
from .comparing.verification_state import VerificationState
from .dashboard_state import DashboardPage, DashboardState
from .drafts.draft_state import DraftListState, DraftState
from .drafts.drafted_forms import DraftedExport, DraftedForm, DraftedImport
from .drafts.drafted_pairs import DraftedMigration, DraftedVerification
from .export_state import ExportState
from .filtering.filter_builder_state import FilterBuilderState
from .filtering.match_count_state import MatchCountState
from .import_state import ImportState
from .installations import InstallationChecks
from .mapping.field_mapping_state import FieldMappingState
from .migration_state import MigrationState
from .navigation.home_state import HomeState, describe_absence
from .packages.package_state import PackageState
from .paths.export_path import ExportPath
from .paths.file_proposal import FileProposal
from .paths.import_path import ImportPath
from .paths.server_source import ServerSource
from .repair_state import RepairState
from .scope_state import build_site_finder
from .settings.notification_state import NotificationState
from .settings.prune_state import PruneState
from .task_list_state import TaskListState
from .task_state import TaskState
from .template_list_state import TemplateListState

_RETRY_AFTER_S = 30.0
_RUN_PAGES = {
    Action.EXPORT: DashboardPage.EXPORTING,
    Action.IMPORT: DashboardPage.IMPORTING,
    Action.MIGRATION: DashboardPage.MIGRATING,
}
_IMPORT_VIEWS = {DashboardPage.IMPORT, DashboardPage.PREVIEW}
TASK_PAGES = {DashboardPage.TASK, *_RUN_PAGES.values()}
"""The pages that show the task in view."""


class BackgroundRecovery:
    """Recovers tasks whose workers died, on threads of their own.

    Recovery asks the target of the task, which may take long; the page must not wait
    for it.

    Args:
        center: The center that holds the tasks.
    """

    def __init__(self, center: Center) -> None:
        self._center = center
        self._last_attempts: dict[int, float] = {}

    def start(self, task: Task) -> None:
        """Recover an inactive task, unless that was tried in the last 30 seconds.

        The result shows in the task itself.
        """
        if task.status is not TaskStatus.INACTIVE:
            return
        now = time.monotonic()
        if now - self._last_attempts.get(task.id, -_RETRY_AFTER_S) < _RETRY_AFTER_S:
            return
        self._last_attempts[task.id] = now
        Thread(target=self._recover, args=(task.id,), daemon=True).start()

    def _recover(self, task_id: int) -> None:
        with suppress(DmcError):  # the task stays inactive, which says enough
            self._center.tasks.recover(task_id)


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file that was uploaded from the browser.

    Attributes:
        path: The place of the file on this machine.
        name: The name of the file in the browser. The name in *head* is that of the
            packed file if this one is a zip archive.
        head: The first records, and what is known of the file.
    """

    path: Path
    name: str
    head: FileHead


@dataclass(slots=True)
class DashboardSession:
    """One page of one person: a center and the states of the forms.

    Attributes:
        center: The façade that does the work.
        file: The file that the import form has read.
        unread_table: The path and the name of a table that could not be read yet.
        background: Does what takes longer than a page may wait.
        pulses: Called at each refresh; pages add what they read by themselves.
        last_rename: The number of the rename of an installation that was shown last.
        recovery: Recovers tasks whose workers died.
    """

    center: Center
    dashboard: DashboardState = field(default_factory=DashboardState)
    export_form: ExportState = field(default_factory=ExportState)
    import_form: ImportState = field(default_factory=ImportState)
    package: PackageState = field(default_factory=PackageState)
    field_editor: FieldMappingState = field(default_factory=FieldMappingState)
    migration_form: MigrationState = field(default_factory=MigrationState)
    verification_form: VerificationState = field(default_factory=VerificationState)
    home: HomeState = field(default_factory=HomeState)
    tasks: TaskListState = field(default_factory=TaskListState)
    task: TaskState = field(default_factory=TaskState)
    repair: RepairState = field(default_factory=RepairState)
    templates: TemplateListState = field(default_factory=TemplateListState)
    file: UploadedFile | None = None
    unread_table: tuple[Path, str] | None = None
    notifications: NotificationState = field(default_factory=NotificationState)
    pruning: PruneState = field(default_factory=PruneState)
    comparison: TaskComparisonState = field(default_factory=TaskComparisonState)
    background: BackgroundWork = field(default_factory=BackgroundWork)
    pulses: list[Callable[[], object]] = field(default_factory=list)
    last_rename: int = 0
    recovery: BackgroundRecovery = field(init=False)
    import_path: ImportPath = field(init=False)
    filter_builder: FilterBuilderState = field(init=False)
    match_count: MatchCountState = field(init=False)
    export_path: ExportPath = field(init=False)
    proposal: FileProposal = field(init=False)
    source: ServerSource = field(init=False)
    drafts: DraftListState = field(init=False)
    draft: DraftState = field(init=False)
    installation_checks: InstallationChecks = field(init=False)
    drafted_export: DraftedExport = field(init=False)
    export_draft: DraftState = field(init=False)
    drafted_migration: DraftedMigration = field(init=False)
    migration_draft: DraftState = field(init=False)
    drafted_verification: DraftedVerification = field(init=False)
    verification_draft: DraftState = field(init=False)

    def __post_init__(self) -> None:
        self.recovery = BackgroundRecovery(self.center)
        self.installation_checks = InstallationChecks(self.center)
        self.import_form.suggester = self._suggest
        dlink((self.import_form, "entity_types"), (self.package, "entity_types"))
        self.import_path = ImportPath(
            self.import_form, self.package, self.dashboard, self.task
        )
        self.source = ServerSource(self.center)
        self.proposal = FileProposal(
            self.import_form,
            self.dashboard,
            self._suggest_entity_types,
            self._suggest_installation,
        )
        self.filter_builder = FilterBuilderState(self.export_form)
        self.match_count = MatchCountState(
            self.center, self.dashboard, self.export_form
        )
        self.pulses.append(self.match_count.refresh)
        self.export_path = ExportPath(
            self.export_form, self.match_count, self.dashboard, self.task
        )
        self.drafts = DraftListState(self.center)
        self.draft = self._build_draft(
            DraftedImport(self.import_form, self.import_path)
        )
        self.drafted_export = DraftedExport(self.export_form, self.export_path)
        self.export_draft = self._build_draft(self.drafted_export)
        self.drafted_migration = DraftedMigration(self.migration_form)
        self.migration_draft = self._build_draft(self.drafted_migration)
        self.drafted_verification = DraftedVerification(self.verification_form)
        self.verification_draft = self._build_draft(self.drafted_verification)
        self.field_editor.value_suggester = self.center.mappings.suggest_values
        find_sites = build_site_finder(self.center, self.dashboard)
        self.export_form.find_sites = self.import_form.find_sites = find_sites

    def _build_draft(self, form: DraftedForm) -> DraftState:
        return DraftState(self.center, form, self.dashboard, self.drafts)

    @property
    def form_drafts(self) -> tuple[DraftState, ...]:
        """The drafts of all forms."""
        pairs = (self.migration_draft, self.verification_draft)
        return (self.draft, self.export_draft, *pairs)

    def load(self) -> None:
        """Load installations, templates and tasks of the workspace into the states.

        No installation is asked for anything yet: the first one may not answer, and
        its tasks are to be seen nevertheless.
        """
        renames = self.center.installations.renames()
        self.last_rename = renames[-1].number if renames else 0
        self.dashboard.installations = tuple(self.center.installations.list())
        if self.dashboard.installations:
            self.dashboard.installation = self.dashboard.installations[0].name
        self.load_templates()
        self.load_notifications()
        self.load_tasks()

    def select_installation(self, name: str) -> None:
        """Let the export form and the import form work on an installation.

        Raises:
            InstallationError: It does not answer; no entity type can be chosen.
        """
        self.change_installation(name)
        self.load_entity_types()

    def change_installation(self, name: str) -> None:
        """Let the two forms work on an installation, without asking it for anything.

        A form that is not in view would lose choices that it has there only: it is
        left as a draft of the installation before, and is empty.
        """
        if name != self.dashboard.installation and self.drafts.is_kept:
            if self.dashboard.page not in _IMPORT_VIEWS:
                self.leave_import()
            if self.dashboard.page is not DashboardPage.EXPORT:
                self.leave_export()
        self.dashboard.installation = name

    def leave_import(self) -> None:
        """Leave the draft of the import for later, and empty the form."""
        self.draft.begin()
        self.empty_import()
        self.draft.forget_changes()

    def leave_export(self) -> None:
        """Leave the draft of the export for later, and empty the form."""
        self.export_draft.begin()
        self.empty_export()
        self.export_draft.forget_changes()

    def empty_import(self) -> None:
        """Clear the import form, its file, and its steps."""
        self.file = self.unread_table = None
        self.proposal.clear()
        self.import_form.reset()
        self.import_path.begin()
        self.package.clear()

    def empty_export(self) -> None:
        """Clear the export form and its steps."""
        self.export_form.reset()
        self.export_path.begin()
        self.filter_builder.show_text(is_text=False)

    def load_entity_types(self) -> None:
        """Load the entity types of the installation; an import may have changed them.

        The choice of an entity type that the installation does not have is cleared.

        Raises:
            InstallationError: It does not answer; no entity type can be chosen.
        """
        try:
            found = self.center.installations.entity_types(self.dashboard.installation)
        except DmcError:
            self._offer_entity_types(())
            raise
        self._offer_entity_types(tuple(found))

    def _offer_entity_types(self, entity_types: tuple[EntityType, ...]) -> None:
        keys = {entity_type.key for entity_type in entity_types}
        for form in (self.export_form, self.import_form):
            form.entity_types = entity_types
            if form.entity not in keys:
                form.entity = ""
        self.proposal.list_again()

    def load_tasks(self) -> None:
        """Load the tasks on the page of the task list that is in view."""
        self.tasks.load(self.center)

    def load_templates(self) -> None:
        """Load the templates, sorted by name."""
        templates = self.center.templates.list()
        self.templates.templates = tuple(
            sorted(templates, key=lambda template: template.name.casefold())
        )

    def load_notifications(self) -> None:
        """Load the notifications by name."""
        self.notifications.notifications = tuple(self.center.notifications.list())

    def open_task(self, task_id: int, page: DashboardPage = DashboardPage.TASK) -> None:
        """Attach the page to a task, running or finished."""
        self.task.asked = ""
        self.task.task = self.center.tasks.get(task_id)
        self.dashboard.show_view(page, f"tasks/{task_id}")

    def follow_task(self, task_id: int) -> None:
        """Attach the page to a task that was just started, in the panel of its kind."""
        action = self.center.tasks.get(task_id).action
        self.open_task(task_id, _RUN_PAGES.get(action, DashboardPage.TASK))

    def cancel_task(self, task_id: int) -> None:
        """End a task that is running or paused."""
        self._show_changed(self.center.tasks.cancel(task_id))

    def pause_task(self, task_id: int) -> None:
        """Ask a running task to pause."""
        self._show_changed(self.center.tasks.pause(task_id))

    def resume_task(self, task_id: int, **choices: Unpack[WorkerChoices]) -> None:
        """Go on with a task that was interrupted, and follow it.

        Args:
            task_id: The id of the task.
            choices: Other workers for an import that several have begun.
        """
        self._show_changed(self.center.tasks.resume(task_id, **choices))
        self.follow_task(task_id)

    def _show_changed(self, task: Task) -> None:
        """Show a task that a button has changed, and the list with it."""
        if self.task.task and self.task.task.id == task.id:
            self.task.task = task
        self.load_tasks()

    def refresh(self) -> None:
        """Copy the current state of the workspace into the states in view.

        Tasks in view whose workers died are recovered in the background.
        """
        self.background.take()
        self.source.poll()
        for pulse in self.pulses:
            pulse()
        for draft in self.form_drafts:
            draft.save_when_due()
        if self.dashboard.page is DashboardPage.HOME:
            self.home.load(self.center)
            self.drafts.load()
            for task in self.home.latest:
                self.recovery.start(task)
        if self.dashboard.page is DashboardPage.LISTS:
            self.load_tasks()
            for task in self.tasks.tasks:
                self.recovery.start(task)
        if self.dashboard.page is DashboardPage.IMPORT:
            self.package.refresh(self.center.tasks.get)
        current = self.task.task
        if current and self.dashboard.page in TASK_PAGES and not is_settled(current):
            self.task.task = self.center.tasks.get(current.id)
            self.recovery.start(self.task.task)

    def show_lists(self) -> None:
        """Go to the list of tasks."""
        self.load_tasks()
        self.load_templates()
        self.dashboard.page = DashboardPage.LISTS

    def report_return(self, since: float) -> None:
        """Report which tasks have ended while the page saw nothing.

        Args:
            since: From when on, in seconds since 1970.
        """
        self.refresh()
        text = describe_absence(self.center, since)
        if text:
            self.dashboard.report_success(text)

    def go(self, address: str, *names: str) -> None:
        """Open the page at an address, such as ``tasks/42``."""
        self.dashboard.go(address, *names)

    def _suggest(
        self, entity_type: EntityType, fields: tuple[str, ...]
    ) -> tuple[Suggestion, ...]:
        try:
            if self.file is not None:
                return self.center.mappings.suggestions(entity_type, self.file.head)
        except DmcError:  # earlier mappings are a convenience; the names alone will do
            pass
        return suggest_mapping(entity_type, fields)

    def _suggest_entity_types(self) -> tuple[EntityTypeSuggestion, ...]:
        types = self.import_form.entity_types
        if self.file is None or not types:
            return ()
        return self.center.files.suggest_entity_types(types, self.file.head)

    def _suggest_installation(self) -> InstallationSuggestion | None:
        head = self.file.head if self.file else None
        return self.center.files.suggest_installation(head) if head else None


def is_settled(task: Task) -> bool:
    """Return True for a task whose state will not change any more."""
    return task.status.is_final and task.status is not TaskStatus.INACTIVE


def require_no_problem(problems: tuple[str, ...]) -> None:
    """Refuse an incomplete form with its first problem.

    Raises:
        InvalidPlan: There is a problem.
    """
    if problems:
        raise InvalidPlan(problems[0])
