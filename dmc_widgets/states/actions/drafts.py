"""Going on with a form that was begun earlier, and discarding it."""

from __future__ import annotations

from contextlib import suppress

from ...center.drafts import Draft
from ...errors import DmcError
from ...languages import gettext as _
from ...model.plan import Action
from ..dashboard_session import DashboardSession
from ..dashboard_state import DashboardPage
from ..drafts.drafted_forms import plan_of_draft, step_of_draft
from .exports import open_export_form
from .imports import open_import_form, restore_import


def open_draft(session: DashboardSession, number: int) -> None:
    """Open the form of a draft as it was left, at the same step.

    Raises:
        UnknownName: There is no such draft.
    """
    draft = session.center.drafts.get(number)
    session.draft.begin()
    session.export_draft.begin()
    with suppress(DmcError):  # an installation that is gone or silent: choose another
        session.select_installation(draft.installation)
    if draft.action == Action.EXPORT:
        _open_export(session, draft)
    else:
        _open_import(session, draft)


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
    is_import = number == session.draft.number
    is_export = number == session.export_draft.number
    if number:
        session.drafts.discard(number)
    if is_import:
        session.file = session.unread_table = None
        session.import_form.reset()
        session.import_path.begin()
        session.draft.discard()
    elif is_export:
        session.export_form.reset()
        session.export_path.begin()
        session.export_draft.discard()
    forms = {DashboardPage.IMPORT, DashboardPage.PREVIEW, DashboardPage.EXPORT}
    if (is_import or is_export) and session.dashboard.page in forms:
        session.show_lists()
