"""Comparing two installations, and applying single differences."""

from __future__ import annotations

from ...center import TaskHandle
from ...objects.comparison.differences import Difference
from ..comparing.comparison_state import ComparisonState
from ..dashboard_session import DashboardSession

_Found = tuple[list[Difference], dict[str, int], dict[str, int]]


def compare_installations(session: DashboardSession, state: ComparisonState) -> None:
    """Compare what two installations define and hold, while the page stays usable.

    Raises:
        NotSupported: The page is busy.
    """
    if not state.can_compare:
        return
    source, target, center = state.source, state.target, session.center

    def compare() -> _Found:
        return (
            center.differences.between(source, target),
            center.installations.entry_counts(source),
            center.installations.entry_counts(target),
        )

    def show(found: _Found) -> None:
        if (state.source, state.target) == (source, target):
            differences, *counts = found
            state.take(tuple(differences))
            state.take_counts(*counts)

    session.background.start(compare, show)
    state.differences, state.is_comparing = None, True


def apply_differences(
    session: DashboardSession,
    state: ComparisonState,
    *,
    allow_deletions: bool = False,
    dry_run: bool = False,
) -> None:
    """Start the task that makes the target like the source, and follow it.

    Args:
        session: The session.
        state: The differences that are accepted.
        allow_deletions: What only the target has may be deleted where it is accepted.
        dry_run: Write nothing.

    Raises:
        NotSupported: The page is busy.
    """
    source, target, paths = state.source, state.target, state.accepted
    if not paths:
        return

    def start() -> TaskHandle:
        return session.center.differences.apply(
            source,
            target,
            paths,
            allow_deletions=allow_deletions,
            dry_run=dry_run,
            wait=False,
        )

    session.background.start(start, lambda handle: session.follow_task(handle.id))
