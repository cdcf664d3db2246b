"""Going on with a form that was begun earlier, and discarding it."""

from __future__ import annotations

from contextlib import suppress

from ...errors import DmcError
from ...languages import gettext as _
from ...languages import lazy
from ..dashboard_session import DashboardSession
from ..dashboard_state import DashboardPage
from ..drafts.draft_state import plan_of_draft, step_of_draft
from .imports import open_import_form, restore_import

FILE_GONE = lazy(
    "The file of this draft is gone. Choose it again; all else is as it was."
)


def open_draft(session: DashboardSession, number: int) -> None:
    """Open the import form as it was left, at the same step.

    Raises:
        UnknownName: There is no such draft.
    """
    draft = session.center.drafts.get(number)
    session.draft.begin()
    with suppress(DmcError):  # an installation that is gone or silent: choose another
        session.select_installation(draft.installation)
    open_import_form(session)
    session.draft.adopt(draft)
    path = draft.path
    restore_import(session, plan_of_draft(draft), path, draft.file_name)
    if path is None and draft.file_name:
        session.import_form.notice = _(FILE_GONE)
    session.import_path.open_step(step_of_draft(draft))
    session.draft.adopt(draft)  # opening it changes nothing
    session.dashboard.page = DashboardPage.IMPORT


def discard_draft(session: DashboardSession, number: int = 0) -> None:
    """Discard a draft; without a number that of the form, which is left then."""
    is_open = number in {0, session.draft.number}
    session.draft.discard(number)
    if is_open:
        session.file = session.unread_table = None
        session.import_form.reset()
        session.import_path.begin()
        session.draft.discard()
        session.show_lists()
