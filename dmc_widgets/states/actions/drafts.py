"""Going on with a form that was begun earlier, and discarding it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress

from ...center.drafts import Draft
from ...errors import DmcError
from ...languages import gettext as _
from ...model.plan import Action
from ..dashboard_session import DashboardSession
from ..dashboard_state import DashboardPage
from ..drafts.draft_state import DraftState
from ..drafts.drafted_forms import plan_of_draft, step_of_draft
from ..drafts.drafted_pairs import DraftedPair
from .exports import open_export_form
from .imports import open_import_form, restore_import
from .migrations import select_source


def open_draft(session: DashboardSession, number: int) -> None:
    """Open the form of a draft as it was left, at the same step.

    Raises:
        UnknownName: There is no such draft.
    """
    for state in session.form_drafts:
        state.save()
    draft = session.center.drafts.get(number)
    if draft.action == Action.MIGRATION:
        _open_pair(session, draft, session.drafted_migration, session.migration_draft)
    elif draft.action == Action.VERIFICATION:
        drafted = session.drafted_verification
        _open_pair(session, draft, drafted, session.verification_draft)
    else:
        _open_single(session, draft)


def _open_single(session: DashboardSession, draft: Draft) -> None:
    """Open the form of an import or export, which share their installation.

    The form is emptied before its installation changes, which would change its draft.
    """
    if draft.action == Action.EXPORT:
        session.leave_export()
    else:
        session.leave_import()
    with suppress(DmcError):  # an installation that is gone or silent: choose another
        session.select_installation(draft.installation)
    if draft.action == Action.EXPORT:
        _open_export(session, draft)
    else:
        _open_import(session, draft)


def _open_pair(
    session: DashboardSession, draft: Draft, drafted: DraftedPair, state: DraftState
) -> None:
    """Open a form over two installations, also where they are gone or silent."""
    state.begin()
    drafted.form.reset()
    state.adopt(draft)
    session.dashboard.page = drafted.view
    try:
        select_source(session, drafted.form, draft.values.get("source", ""))
    except DmcError as exc:  # the choices are there nevertheless
        session.dashboard.report_error(str(exc))
    target = draft.values.get("target", "")
    names = {installation.name for installation in session.dashboard.installations}
    drafted.form.target = target if target in names else ""
    drafted.restore(draft)
    state.adopt(draft)  # opening it changes nothing


def _open_export(session: DashboardSession, draft: Draft) -> None:
    with suppress(DmcError):  # the page says so where a choice is missing
        open_export_form(session)
    session.export_draft.adopt(draft)
    session.drafted_export.restore(draft)
    session.export_draft.adopt(draft)  # opening it changes nothing
    session.dashboard.page = DashboardPage.EXPORT


def _open_import(session: DashboardSession, draft: Draft) -> None:
    open_import_form(session)
    session.draft.adopt(draft)
    path = draft.path
    restore_import(session, plan_of_draft(draft), path, draft.file_name)
    if path is None and draft.file_name:
        session.import_form.notice = _(
            "The file of this draft is gone. Choose it again; all else is as it was."
        )
    session.import_path.open_step(step_of_draft(draft, session.import_path))
    session.draft.adopt(draft)  # opening it changes nothing
    session.dashboard.page = DashboardPage.IMPORT


def discard_draft(session: DashboardSession, number: int = 0) -> None:
    """Discard a draft; without a number that of the import form.

    A form that is open with it is emptied, and left if it is in view.
    """
    number = number or session.draft.number
    if number:
        session.drafts.discard(number)
    for state, empty, views in _list_forms(session):
        if state.number == number:
            empty()
            state.discard()
            if session.dashboard.page in views:
                session.show_lists()
            return


def _list_forms(
    session: DashboardSession,
) -> Iterator[tuple[DraftState, Callable[[], None], set[DashboardPage]]]:
    """List the draft of each form, what empties the form, and its views."""
    views = {DashboardPage.IMPORT, DashboardPage.PREVIEW}
    yield session.draft, session.empty_import, views
    yield session.export_draft, session.empty_export, {DashboardPage.EXPORT}
    migration, verification = session.migration_form, session.verification_form
    yield session.migration_draft, migration.reset, {DashboardPage.MIGRATION}
    yield session.verification_draft, verification.reset, {DashboardPage.VERIFICATION}
