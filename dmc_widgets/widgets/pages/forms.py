"""The forms as pages: each with the choice of its installation above it."""

from __future__ import annotations

from typing import ClassVar

from ...errors import UnknownName
from ...states.actions.drafts import open_draft
from ...states.actions.exports import open_export_form
from ...states.actions.imports import open_import_form
from ...states.actions.migrations import open_migration_form
from ...states.actions.verifications import open_verification_form
from ...states.dashboard_session import DashboardSession
from ...states.dashboard_state import DashboardPage
from ...states.drafts.draft_state import DraftState
from ..forms.export_form import ExportForm
from ..forms.import_form import ImportForm
from ..forms.installation_picker import InstallationPicker
from ..forms.migration_form import MigrationForm
from ..forms.preview_panel import PreviewPanel
from ..forms.verification_form import VerificationForm
from ..parts.form_inputs import call_on_change, set_visible
from ..parts.guard import Guard
from .views import ViewStack

_MAX_DIGITS = 16


class DraftPage(ViewStack):
    """A form that is kept as a draft, whose number stands in the address.

    Attributes:
        view: The view of the form.
        path: The address of an empty form.
    """

    view: ClassVar[DashboardPage]
    path: ClassVar[str]

    @property
    def draft(self) -> DraftState:
        """The draft of the form."""
        raise NotImplementedError

    def open_page(self, parts: tuple[str, ...]) -> None:
        """Show the form as it was left, or the draft of a number.

        Raises:
            UnknownName: There is no such draft.
        """
        if parts:
            self._open_draft(parts[0])
            return
        if not self.is_open:  # the preview of an import is a view of its page
            if self._is_unused():
                self.open_new()
            self.session.dashboard.page = self.view
        self._show_number()

    def open_new(self) -> None:
        """Open an empty form."""
        raise NotImplementedError

    def _is_unused(self) -> bool:
        raise NotImplementedError

    def _follow_number(self) -> None:
        call_on_change(self.draft, "number", self._show_number)

    def _open_draft(self, name: str) -> None:
        if not (name.isascii() and name.isdigit() and len(name) < _MAX_DIGITS):
            raise UnknownName(kind="draft", name=name)
        if int(name) != self.draft.number:
            open_draft(self.session, int(name))
        elif not self.is_open:
            self.session.dashboard.page = self.view

    def _show_number(self) -> None:
        """Give the form in view the address of its draft."""
        number = self.draft.number
        if self.is_open:
            address = f"{self.path}/{number}" if number else self.path
            self.session.dashboard.replace_address(address)


class ExportPage(DraftPage):
    """The export form.

    Attributes:
        picker: The choice of the installation.
    """

    view, path = DashboardPage.EXPORT, "export"

    def __init__(self, session: DashboardSession, guard: Guard) -> None:
        session.center.tasks.prepare_workers()
        form = ExportForm(session, guard)
        self.picker = form.picker
        views = {DashboardPage.EXPORT: form}
        super().__init__(session, views, {DashboardPage.EXPORT: form.picker.choice})
        self._follow_number()

    @property
    def draft(self) -> DraftState:
        """The draft of the form."""
        return self.session.export_draft

    def open_new(self) -> None:
        """Open an empty form."""
        open_export_form(self.session)

    def _is_unused(self) -> bool:
        return not self.session.export_form.entity_types


class ImportPage(DraftPage):
    """The steps of the import, of which the preview is the last."""

    view, path = DashboardPage.IMPORT, "import"

    def __init__(self, session: DashboardSession, guard: Guard) -> None:
        session.center.tasks.prepare_workers()
        preview = PreviewPanel(session, guard)
        form = ImportForm(session, guard, preview)
        self.picker = form.picker
        views = {DashboardPage.IMPORT: form, DashboardPage.PREVIEW: preview}
        super().__init__(session, views, views)
        self._follow_number()

    @property
    def draft(self) -> DraftState:
        """The draft of the form."""
        return self.session.draft

    def open_new(self) -> None:
        """Open an empty form."""
        open_import_form(self.session)

    def _is_unused(self) -> bool:
        return not self.session.import_form.entity_types


class MigrationPage(DraftPage):
    """The migration form.

    Attributes:
        picker: Adds an installation; the form itself selects two.
    """

    view, path = DashboardPage.MIGRATION, "migrate"

    def __init__(self, session: DashboardSession, guard: Guard) -> None:
        session.center.tasks.prepare_workers()
        self.picker = InstallationPicker(session, guard)
        set_visible(self.picker.row, False)
        form = MigrationForm(session, guard, self.picker.add.opener)
        super().__init__(
            session, {self.view: form}, {self.view: form.source}, above=[self.picker]
        )
        self._follow_number()

    @property
    def draft(self) -> DraftState:
        """The draft of the form."""
        return self.session.migration_draft

    def open_new(self) -> None:
        """Open an empty form."""
        open_migration_form(self.session)

    def _is_unused(self) -> bool:
        return not (self.session.migration_form.source or self.draft.number)


class VerificationPage(DraftPage):
    """The form that compares what two installations hold.

    Attributes:
        picker: Adds an installation; the form itself selects two.
    """

    view, path = DashboardPage.VERIFICATION, "verify"

    def __init__(self, session: DashboardSession, guard: Guard) -> None:
        self.picker = InstallationPicker(session, guard)
        set_visible(self.picker.row, False)
        form = VerificationForm(session, guard, self.picker.add.opener)
        super().__init__(
            session, {self.view: form}, {self.view: form.source}, above=[self.picker]
        )
        self._follow_number()

    @property
    def draft(self) -> DraftState:
        """The draft of the form."""
        return self.session.verification_draft

    def open_new(self) -> None:
        """Open an empty form."""
        open_verification_form(self.session)

    def _is_unused(self) -> bool:
        return not (self.session.verification_form.source or self.draft.number)
