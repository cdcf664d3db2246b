"""Importing an uploaded package, all its files one after another."""

from __future__ import annotations

from pathlib import Path

from ...errors import InvalidPlan
from ..dashboard_session import DashboardSession
from ..import_state import NO_FILE


def read_package(session: DashboardSession, path: Path, name: str) -> bool:
    """Take an uploaded file as a package; return False if it is none."""
    description = session.center.files.describe_package(path)
    if description:
        session.package.show(path, name, description)
    return bool(description)


def start_package(session: DashboardSession, *, dry_run: bool = False) -> None:
    """Queue every file of the package, and show the progress of each.

    The page may be closed: a worker imports one file after another, each as a task of
    its own. While it does, nothing is started.

    Raises:
        InvalidPlan: No package was uploaded.
        DmcError: The package cannot be read, or the target does not answer.
    """
    form = session.package
    if form.path is None:
        raise InvalidPlan(NO_FILE)
    if form.is_at_work:
        return  # a second click
    steps = session.center.tasks.start_package_import(
        session.dashboard.installation, form.path, form.choices(dry_run=dry_run)
    )
    form.follow(tuple(steps))
