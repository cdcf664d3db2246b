"""Choosing two installations, and comparing what they hold."""

from __future__ import annotations

from ..dashboard_session import DashboardSession, require_no_problem
from ..dashboard_state import DashboardPage
from .migrations import open_pair_form


def open_verification_form(session: DashboardSession) -> None:
    """Open an empty verification form whose source is the current installation.

    Raises:
        InstallationError: It does not answer. The form is open, without a source.
    """
    session.verification_draft.begin()
    session.dashboard.page = DashboardPage.VERIFICATION
    open_pair_form(session, session.verification_form)


def start_verification(session: DashboardSession) -> None:
    """Start the verification that the form describes, and follow its task.

    A second click arrives when the page has moved on, and does nothing.

    Raises:
        InvalidPlan: The form is not complete.
        DmcError: The center refuses the verification.
    """
    if session.dashboard.page is not DashboardPage.VERIFICATION:
        return
    form = session.verification_form
    require_no_problem(form.problems)
    task = session.center.tasks.start_verification(form.target, form.plan())
    session.verification_draft.discard()
    session.follow_task(task.id)
