"""What people set for the workspace: who gets messages, and what old tasks keep."""

from __future__ import annotations

from ...center.history import parse_time
from ...center.prune import PruneReport
from ...languages import gettext as _
from ...objects.fields.encrypted import Secret
from ..dashboard_session import DashboardSession, require_no_problem


def add_notification(session: DashboardSession, address: Secret) -> None:
    """Add the notification that the form describes.

    Raises:
        InvalidPlan: The form is not complete.
        NameTaken: The name is taken.
        NotSupported: Apprise is missing or does not know the address, or there is no
            keyring to store it in.
    """
    state = session.notifications
    require_no_problem(state.problems)
    added = session.center.notifications.add(
        state.name.strip(),
        address,
        after_s=state.after_s or 0.0,
        only_failed=state.only_failed,
    )
    session.load_notifications()
    state.reset()
    session.dashboard.report_success(
        _("{name} was added: {service}").format(name=added.name, service=added.service)
    )


def remove_notification(session: DashboardSession, name: str) -> None:
    """Remove a notification.

    Raises:
        UnknownName: Somebody else has removed it.
    """
    session.center.notifications.remove(name)
    session.load_notifications()
    session.dashboard.report_success(_("{name} was removed.").format(name=name))


def send_test_message(session: DashboardSession, name: str) -> None:
    """Send a message at once, while the page stays usable.

    Raises:
        NotSupported: The page is busy.
    """
    dashboard = session.dashboard

    def report(is_taken: bool) -> None:
        if is_taken:
            dashboard.report_success(
                _("A message was sent to {name}.").format(name=name)
            )
        else:
            dashboard.report_error(
                _("The service of {name} did not take the message.").format(name=name)
            )

    session.background.start(lambda: session.center.notifications.test(name), report)


def find_prunable(session: DashboardSession) -> None:
    """Look for what old tasks have left, and show what would be removed.

    Raises:
        InvalidPlan: The age is of another form.
        NotSupported: The page is busy.
    """
    state, center = session.pruning, session.center
    before, backups = parse_time(state.older_than), state.backups
    chosen = state.older_than, state.backups

    def show(report: PruneReport) -> None:
        if chosen == (state.older_than, state.backups):
            state.before, state.removed, state.report = before, None, report

    session.background.start(
        lambda: center.prune(before, backups=backups, dry_run=True), show
    )


def remove_prunable(session: DashboardSession) -> None:
    """Remove what was shown, and nothing of tasks that ended later.

    Raises:
        NotSupported: The page is busy.
    """
    state, center = session.pruning, session.center
    if not state.can_remove:
        return
    before, backups = state.before, state.backups

    def show(removed: PruneReport) -> None:
        state.report, state.removed = None, removed
        session.load_tasks()

    session.background.start(lambda: center.prune(before, backups=backups), show)
