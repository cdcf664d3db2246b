"""What a person does on the migration page, carried out on a center."""

from __future__ import annotations

from ...errors import InvalidPlan
from ..dashboard_session import DashboardSession
from ..dashboard_state import DashboardPage


def open_migration_form(session: DashboardSession) -> None:
    """Open an empty migration form, from the installation that was worked on."""
    form, installation = session.migration_form, session.dashboard.installation
    form.reset()
    select_source(session, installation)
    others = [installation.name for installation in session.dashboard.installations]
    form.target = next((other for other in others if other != installation), "")
    session.dashboard.page = DashboardPage.MIGRATION


def select_source(session: DashboardSession, name: str) -> None:
    """Take from the installation called *name*, and list what may move.

    Raises:
        InstallationError: It does not answer; the choice is taken back.
    """
    form = session.migration_form
    form.source, form.entity_types = "", ()
    if name:
        form.entity_types = tuple(session.center.entity_types(name))
        form.source = name


def compare_definitions(session: DashboardSession) -> None:
    """Show how the definitions of source and target differ.

    Raises:
        InstallationError: One of them does not answer.
    """
    form = session.migration_form
    if form.can_compare:
        found = session.center.differences(form.source, form.target)
        form.differences = tuple(found)


def start_migration(session: DashboardSession, *, dry_run: bool = False) -> None:
    """Start what the migration form says, and follow it; a second click is none.

    Raises:
        InvalidPlan: The form is not complete.
        DmcError: The center refuses.
    """
    if session.dashboard.page is not DashboardPage.MIGRATION:
        return
    form = session.migration_form
    if form.problems:
        raise InvalidPlan(form.problems[0])
    task = session.center.start_migration(form.target, form.plan(dry_run=dry_run))
    session.open_task(task.id, DashboardPage.MIGRATING)
