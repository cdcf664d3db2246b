"""Choosing what a migration moves, comparing definitions, and starting it."""

from __future__ import annotations

from ...errors import UnknownName
from ...model.task import Task
from ...objects.comparison.differences import Difference
from ..comparing.installation_pair_state import InstallationPairState
from ..dashboard_session import DashboardSession, require_no_problem
from ..dashboard_state import DashboardPage


def open_migration_form(session: DashboardSession) -> None:
    """Open an empty migration form whose source is the current installation.

    Raises:
        InstallationError: It does not answer. The form is open, without a source.
    """
    session.migration_draft.begin()
    session.dashboard.page = DashboardPage.MIGRATION
    open_pair_form(session, session.migration_form)


def open_pair_form(session: DashboardSession, form: InstallationPairState) -> None:
    """Empty a form, and select the current installation and the first other one."""
    source = session.dashboard.installation
    form.reset()
    names = [installation.name for installation in session.dashboard.installations]
    form.target = next((name for name in names if name != source), "")
    select_source(session, form, source)


def select_source(
    session: DashboardSession, form: InstallationPairState, name: str
) -> None:
    """Select the installation to read from, and load its entity types.

    Raises:
        InstallationError: The installation does not answer; no source is selected.
    """
    form.source, form.entity_types = "", ()
    if name:
        form.entity_types = tuple(session.center.installations.entity_types(name))
        form.source = name


def compare_definitions(session: DashboardSession) -> None:
    """Compare the definitions of source and target, while the page stays usable.

    The poller of the page shows the differences, or why one of the two did not answer.

    Raises:
        NotSupported: The page is busy.
    """
    form = session.migration_form
    source, target = form.source, form.target
    if not form.can_compare:
        return

    def show(differences: list[Difference]) -> None:
        if (form.source, form.target) == (source, target):
            form.differences = tuple(differences)

    session.background.start(
        lambda: session.center.installations.differences(source, target), show
    )
    form.differences, form.is_comparing = None, True


def find_rehearsal(session: DashboardSession) -> Task | None:
    """Return the dry run that was started last from the form, or None."""
    rehearsal = session.migration_form.rehearsal
    if not rehearsal:
        return None
    try:
        return session.center.tasks.get(rehearsal[0])
    except UnknownName:  # somebody has deleted it
        return None


def end_rehearsed_draft(session: DashboardSession, number: int) -> None:
    """Discard the drafts whose choices a dry run has shown, and that were run now."""
    session.migration_draft.save()
    for draft in session.center.drafts.list():
        if draft.values.get("rehearsal") != number:
            continue
        if draft.id == session.migration_draft.number:
            session.migration_draft.discard()
        else:
            session.drafts.discard(draft.id)


def start_migration(session: DashboardSession, *, dry_run: bool = False) -> None:
    """Start the migration that the form describes, and follow its task.

    A second click arrives when the page has moved on, and does nothing.

    Raises:
        InvalidPlan: The form is not complete.
        DmcError: The center refuses the migration.
    """
    if session.dashboard.page is not DashboardPage.MIGRATION:
        return
    form = session.migration_form
    require_no_problem(form.problems)
    plan = form.plan(dry_run=dry_run)
    task = session.center.tasks.start_migration(form.target, plan)
    if dry_run:
        form.rehearsal = (task.id, form.target, plan)
    else:
        session.migration_draft.discard()
    session.open_task(task.id, DashboardPage.MIGRATING)
