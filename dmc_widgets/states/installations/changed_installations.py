"""Installations that somebody has added, removed or renamed on another page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from traitlets import HasTraits

from ...center.installations import Rename
from ...errors import UnknownName
from ..comparing.installation_pair_state import InstallationPairState
from ..dashboard_session import DashboardSession
from ..migration_state import MigrationState
from ..navigation.addresses import format_address, parse_address

_NAMES_IN_ADDRESSES = {"objects": 2, "compare": 3}
"""How many parts of an address may name installations, by its first part."""


def follow_installations(session: DashboardSession) -> None:
    """Take over the installations as they are now; what names a renamed one follows.

    Choices are kept: another name is not another installation.
    """
    found = tuple(session.center.installations.list())
    dashboard = session.dashboard
    if found == dashboard.installations:
        return
    renames = session.center.installations.renames(session.last_rename)
    names = combine_renames(renames)
    if renames:
        session.last_rename = renames[-1].number
    forms = (session.migration_form, session.verification_form)
    sides = [(form, read_sides(form, names)) for form in forms]
    installation = names.get(dashboard.installation, dashboard.installation)
    dashboard.installations = found
    dashboard.installation = installation
    for form, changed in sides:
        _set_pair(form, changed)
    if names:
        _show_new_names(session, names)


def combine_renames(renames: Iterable[Rename]) -> dict[str, str]:
    """Return the names of now by those from before the first rename."""
    names: dict[str, str] = {}
    for rename in renames:
        for first, latest in names.items():
            if latest == rename.old:
                names[first] = rename.new
        names.setdefault(rename.old, rename.new)
    return names


def read_sides(form: Any, names: Mapping[str, str]) -> dict[str, str]:
    """Return source and target of a form under their names of now, if they changed."""
    sides = {side: getattr(form, side) for side in ("source", "target")}
    return {side: names[name] for side, name in sides.items() if name in names}


def rename_sides(form: HasTraits, sides: Mapping[str, str], *kept: str) -> None:
    """Rename source and target of a form, without what another choice would clear.

    Args:
        form: The state of the form.
        sides: The new names.
        kept: The traits that stay as they are.
    """
    before = {name: getattr(form, name) for name in kept}
    for name, value in {**sides, **before}.items():
        setattr(form, name, value)


def _set_pair(form: InstallationPairState, sides: Mapping[str, str]) -> None:
    if not sides:
        return
    if not isinstance(form, MigrationState):
        rename_sides(form, sides)
        return
    is_rehearsed = form.is_rehearsed
    rename_sides(form, sides, "differences", "merge_choices")
    if is_rehearsed:
        form.rehearsal = (form.rehearsal[0], form.target, form.plan(dry_run=True))


def _show_new_names(session: DashboardSession, names: dict[str, str]) -> None:
    """Let the pages and the address follow."""
    chosen = session.tasks.installation
    session.tasks.installation = names.get(chosen, chosen)
    session.dashboard.renamed = names
    session.load_templates()
    session.load_tasks()
    task = session.task.task
    if task is not None:
        try:
            session.task.task = session.center.tasks.get(task.id)
        except UnknownName:  # it is gone
            session.task.task = None
    parts = parse_address(session.dashboard.address) or ("",)
    number = _NAMES_IN_ADDRESSES.get(parts[0], 0)
    renamed = [names.get(part, part) for part in parts[1:number]]
    if [*parts[1:number]] != renamed:
        address = format_address(parts[0], *renamed, *parts[number:])
        session.dashboard.replace_address(address)
