"""Pruning: what tasks that ended long ago have left is removed."""

from __future__ import annotations

from ..model.roles import Role
from ..tasks.pruning import PruneReport, prune_workspace
from ..workspace import Workspace
from .history import parse_time

__all__ = ["PruneReport", "prune"]


def prune(
    workspace: Workspace, older_than: str, *, backups: bool, dry_run: bool
) -> PruneReport:
    """Remove what ended tasks have left; see :meth:`Center.prune`."""
    workspace.permissions.require(Role.ADMINISTER)
    return prune_workspace(
        workspace, parse_time(older_than), backups=backups, dry_run=dry_run
    )
