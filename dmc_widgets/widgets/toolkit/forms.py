"""The forms of the dashboard, each alone: from the choices to the end of the task."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets as ipw
from traitlets import Instance, Int, Tuple, Unicode, observe, validate

from ...center import TaskHandle
from ...errors import DmcError
from ...languages import gettext as _
from ...model.plan import ExportPlan, ImportPlan, MigrationPlan
from ...states.actions.exports import open_export_form
from ...states.actions.imports import open_import_form
from ...states.actions.migrations import open_migration_form
from ...states.dashboard_session import DashboardSession
from ...states.dashboard_state import DashboardPage
from ...states.toolkit.sources import CenterLike, find_center, find_entity_type
from ..forms.export_form import ExportForm as ExportPage
from ..forms.import_form import ImportForm as ImportPage
from ..forms.installation_picker import AddInstallation
from ..forms.migration_form import MigrationForm as MigrationPage
from ..forms.preview_panel import PreviewPanel
from ..forms.task_pages import (
    EXPORT_RUN,
    IMPORT_RUN,
    MIGRATION_RUN,
    RunPanel,
    RunPanelTexts,
    TaskPage,
)
from ..parts.form_inputs import call_on_change, choice_field, set_visible
from ..parts.task_buttons import ActionQuestion, TaskActionBar
from ..task_panels import TaskPanels
from .base import PublicWidget, repr_names

Submit = Callable[[TaskHandle], object]


class FormWidget(PublicWidget):
    """What the forms share: the choices, then the task that they have started.

    Args:
        center: The center, or the folder of its workspace; None for the default one.
        installation: The name of the installation that the form works on at first.

    Attributes:
        value: The number of the task that was started last; 0 for none.
        task: That task; None for none.
        plan: The plan that the choices make; None while something is missing.
        problems: What is missing, as sentences.
        installation: The name of the installation that the form works on.

    Raises:
        TypeError: Something else was given.
        UnknownName: There is no such installation.
    """

    value = Int()
    task = Instance(TaskHandle, allow_none=True)
    plan: Any = Instance(object, allow_none=True)
    problems = Tuple()
    installation = Unicode()

    def __init__(self, center: CenterLike = None, installation: str = "") -> None:
        super().__init__()
        self._submits: list[Submit] = []
        opened = find_center(center)
        self._own(opened)
        self._session = self._build_session(opened.center, DashboardPage.LISTS)
        self._session.load_templates()
        names = [x.name for x in self._session.dashboard.installations]
        self._names = InstallationChoice(names)
        self.installation = installation or next(iter(names), "")
        self._session.dashboard.installation = self.installation
        self._pages = self._build_pages()
        panels = TaskPanels(self._session, self._guard)
        question = ActionQuestion(self._session, self._guard)
        self._show([question, *self._build_head(), *self._pages.values(), panels])
        self._wire()
        self._poll(self.refresh)

    def on_submit(self, callback: Submit) -> None:
        """Call a function with each task that the form starts, a dry run included."""
        self._submits.append(callback)

    def refresh(self) -> None:
        """Show the task as it is now; the page does this by itself while it is open."""
        self._session.refresh()

    def restart(self) -> None:
        """Show an empty form."""
        self._guard.run(self._open)

    def __repr__(self) -> str:
        return repr_names(self, "installation", "plan", "value")

    def _wire(self) -> None:
        session = self._session
        call_on_change(session.dashboard, "page", self._show_page)
        call_on_change(session.dashboard, "installations", self._list_names)
        call_on_change(session.task, "task", self._take_task)
        form = self._state(session)
        call_on_change(form, form.trait_names(), self._take_plan)
        self.restart()
        self._take_plan()

    def _list_names(self) -> None:
        names = [x.name for x in self._session.dashboard.installations]
        self._names.choice.set_options((name, name) for name in names)

    def _build_head(self) -> list[ipw.Widget]:
        """Build what stands above the form: the choice of the installation."""
        self._names.choice.selected = self.installation
        call_on_change(self._names.choice, "selected", self._select_installation)
        return [self._names]

    def _select_installation(self) -> None:
        self.installation = self._names.choice.selected

    def _show_page(self) -> None:
        page = self._session.dashboard.page
        if page not in self._pages:
            self._open_again()
            return
        for name, widget in self._pages.items():
            set_visible(widget, name is page)
        set_visible(self._names, page is next(iter(self._pages)))

    def _open_again(self) -> None:
        self._guard.run(self._open)

    def _take_task(self) -> None:
        task = self._session.task.task
        if task is None:
            return
        is_new = task.id != self.value
        self.value, self.task = task.id, self._session.center.task(task.id)
        if is_new:
            for submit in self._submits:
                self._guard.run(submit, self.task)

    def _take_plan(self) -> None:
        form = self._state(self._session)
        self.problems = tuple(form.problems)
        try:
            self.plan = None if self.problems else form.plan()
        except DmcError:  # a choice that cannot be read yet
            self.plan = None

    @validate("installation")
    def _require_installation(self, proposal: Any) -> str:
        name: str = proposal["value"]
        if name:
            self._session.center.installations[name]
        return name

    @observe("installation")
    def _follow_installation(self, change: Any) -> None:
        self._names.choice.selected = change["new"]
        if change["old"]:
            self._guard.run(self._session.select_installation, change["new"])

    def _build_pages(self) -> dict[DashboardPage, Any]:
        """Build the pages: the form first, then what follows it."""
        raise NotImplementedError

    def _state(self, session: DashboardSession) -> Any:
        """Return the state of the form."""
        raise NotImplementedError

    def _open(self) -> None:
        """Open an empty form."""
        raise NotImplementedError

    def _build_run(self, texts: RunPanelTexts) -> dict[DashboardPage, Any]:
        """Build the pages of the task: while it runs, and its details."""
        session, guard = self._session, self._guard
        actions = TaskActionBar(session, guard)
        return {
            texts.page: RunPanel(session, guard, actions, texts),
            DashboardPage.TASK: TaskPage(session, guard, actions),
        }


class InstallationChoice(ipw.HBox):
    """The choice among the installations of a center, by their names."""

    def __init__(self, names: list[str]) -> None:
        self.choice = choice_field(_("Installation"), [(name, name) for name in names])
        super().__init__([self.choice])


class EntityFormWidget(FormWidget):
    """What the forms for one entity type share.

    Args:
        center: The center, or the folder of its workspace; None for the default one.
        installation: The name of the installation that the form works on at first.
        entity: The entity type that is chosen at first, by its name, label or key.

    Raises:
        UnknownName: There is no such installation or entity type.
    """

    def __init__(
        self, center: CenterLike = None, installation: str = "", entity: str = ""
    ) -> None:
        super().__init__(center, installation)
        if entity:
            form = self._state(self._session)
            form.entity = find_entity_type(form.entity_types, entity).key


class ExportForm(EntityFormWidget):
    """The export form: choose, export, download.

    >>> form = ExportForm(center, "Sample source", entity="Bicycle")
    >>> form.on_submit(lambda task: print(task.id))
    >>> form.plan.fields

    Args:
        center: The center, or the folder of its workspace; None for the default one.
        installation: The name of the installation that the form works on at first.
        entity: The entity type that is chosen at first, by its name, label or key.

    Attributes:
        value: The number of the task that was started last; 0 for none.
        task: That task; None for none.
        plan: The :class:`~dmc_widgets.ExportPlan`; None while something is missing.
        problems: What is missing, as sentences.
        installation: The name of the installation that the form works on.
    """

    plan = Instance(ExportPlan, allow_none=True)

    def _build_pages(self) -> dict[DashboardPage, Any]:
        form = ExportPage(self._session, self._guard)
        set_visible(form.picker, False)  # this widget has a choice of its own above
        return {DashboardPage.EXPORT: form, **self._build_run(EXPORT_RUN)}

    def _state(self, session: DashboardSession) -> Any:
        return session.export_form

    def _open(self) -> None:
        open_export_form(self._session)


class ImportForm(EntityFormWidget):
    """The import form: upload, map, preview, import, mend.

    >>> form = ImportForm(center, "Sample target", entity="Bicycle")
    >>> form.on_submit(lambda task: print(task.id))

    Args:
        center: The center, or the folder of its workspace; None for the default one.
        installation: The name of the installation that the form works on at first.
        entity: The entity type that is chosen at first, by its name, label or key.

    Attributes:
        value: The number of the task that was started last; 0 for none.
        task: That task; None for none.
        plan: The :class:`~dmc_widgets.ImportPlan`; None while something is missing.
        problems: What is missing, as sentences.
        installation: The name of the installation that the form works on.
    """

    plan = Instance(ImportPlan, allow_none=True)

    def _build_pages(self) -> dict[DashboardPage, Any]:
        preview = PreviewPanel(self._session, self._guard)
        form = ImportPage(self._session, self._guard, preview)
        set_visible(form.picker, False)  # this widget has a choice of its own above
        return {
            DashboardPage.IMPORT: form,
            DashboardPage.PREVIEW: preview,
            **self._build_run(IMPORT_RUN),
        }

    def _state(self, session: DashboardSession) -> Any:
        return session.import_form

    def _open(self) -> None:
        open_import_form(self._session)


class MigrationForm(FormWidget):
    """The migration form: choose, compare, dry run, migrate.

    >>> form = MigrationForm(center, "Sample source", target="Sample target")
    >>> form.on_submit(lambda task: print(task.id))

    Args:
        center: The center, or the folder of its workspace; None for the default one.
        source: The name of the installation to take from at first.
        target: The name of the installation to bring into at first.

    Attributes:
        value: The number of the task that was started last; 0 for none.
        task: That task; None for none.
        plan: The :class:`~dmc_widgets.MigrationPlan`; None while something is missing.
        problems: What is missing, as sentences.
        installation: The name of the installation that the form takes from at first.
    """

    plan = Instance(MigrationPlan, allow_none=True)

    def __init__(
        self, center: CenterLike = None, source: str = "", target: str = ""
    ) -> None:
        super().__init__(center, source)
        if target:
            self._session.center.installations[target]
            self._session.migration_form.target = target

    def _build_pages(self) -> dict[DashboardPage, Any]:
        self._add = AddInstallation(self._session, self._guard)
        form = MigrationPage(self._session, self._guard, self._add.opener)
        return {DashboardPage.MIGRATION: form, **self._build_run(MIGRATION_RUN)}

    def _build_head(self) -> list[ipw.Widget]:
        return [self._add]  # the form has its own choice of both installations

    def _state(self, session: DashboardSession) -> Any:
        return session.migration_form

    def _open(self) -> None:
        open_migration_form(self._session)
