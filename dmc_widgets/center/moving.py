"""Starting tasks that move many entity types at once."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import replace
from typing import TypeVar

from ..errors import InvalidPlan
from ..model.migration import Selection
from ..model.plan import MigrationPlan, PackagePlan
from ..model.task import Task
from ..ports import Installation
from ..tasks.beforehand import look_beforehand
from ..tasks.comparing import documents_of
from ..tasks.entities import resolve
from ..tasks.sameness import require_two
from ..tasks.selecting import Selected, select
from ..tasks.sites import require_sites
from ..tasks.targets import Target
from .starting import Starting

_P = TypeVar("_P", MigrationPlan, PackagePlan)


class Moving(Starting):
    """From one installation into another, or into a package."""

    def start_migration(self, target: str, plan: MigrationPlan) -> Task:
        """Start a migration in a process of its own and return its task at once.

        Args:
            target: The name of the installation to bring into.
            plan: What to take, from where, and by which rules.

        Raises:
            RequestError: The plan asks for something that is not there.
            InstallationError: One of the installations does not answer.
            WorkspaceError: The task could not be recorded or started.
        """
        if plan.source == target:
            reason = f"{target} is source and target. Choose another installation."
            raise InvalidPlan(reason)
        with (
            closing(self._open(plan.source)) as source,
            closing(self._open(target)) as installation,
        ):
            chosen, selected = _selected(source, plan.chosen)
            Target(installation).require(selected)
            there, here = documents_of(source), documents_of(installation)
        known = self._workspace.connections.get
        require_two(known(plan.source), known(target), there, here)
        look_beforehand(plan, selected, there, here)
        name, kind = plan.name.strip(), "Dry Run" if plan.dry_run else "Migration"
        if name and plan.dry_run:  # nobody should take it for the run in a list
            name = f"{name} ({kind})"
        plan = replace(plan, chosen=chosen, name=name)
        return self._start(target, _named(plan, kind))

    def start_package(self, installation: str, plan: PackagePlan) -> Task:
        """Start the export of a package and return its task at once.

        Raises:
            RequestError: The plan asks for something that is not there.
            InstallationError: The installation does not answer.
            WorkspaceError: The task could not be recorded or started.
        """
        with closing(self._open(installation)) as source:
            chosen, _ = _selected(source, plan.chosen)
        return self._start(
            installation, _named(replace(plan, chosen=chosen), "Package")
        )


def _selected(source: Installation, chosen: Selection) -> tuple[Selection, Selected]:
    """Fill in full keys, and refuse what the source does not have."""
    selected = select(source, chosen)
    require_sites(source, selected, chosen.sites)
    types = source.entity_types()
    keys = tuple(resolve(types, name).key for name in chosen.entity_types)
    filters = tuple((resolve(types, name).key, text) for name, text in chosen.filters)
    return replace(chosen, entity_types=keys, filters=filters), selected


def _named(plan: _P, kind: str) -> _P:
    """Give the task a name where it has none."""
    stamp = time.time_ns() // 1_000_000
    return replace(plan, name=plan.name.strip() or f"{kind} {stamp}")
