"""Records that an import tries again at its end; they do not stop it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from ...model.outcome import Outcome, Problem
from ...workspace import Failure, Workspace

PARENT_COMES_LATER: Final = "parent-comes-later"
"""The code of a record whose parent comes later in the same file."""

_PAGE: Final = 500


def is_refused(item: object) -> bool:
    """Return True for the problem of a record that is not tried again by itself."""
    return isinstance(item, Problem) and item.code != PARENT_COMES_LATER


def is_postponed(outcome: Outcome) -> bool:
    """Return True for the outcome of a record that is tried again at the end."""
    problem = outcome.problem
    return problem is not None and problem.code == PARENT_COMES_LATER


def first_failure(failures: Iterable[Failure]) -> Failure | None:
    """Return the first failure that is a reason to stop; None without one."""
    return next((x for x in failures if x.problem.code != PARENT_COMES_LATER), None)


def find_postponed(workspace: Workspace, task_id: int) -> list[int]:
    """Return the numbers of the records of a task that are to be tried again."""
    numbers: list[int] = []
    offset = 0
    while page := workspace.outcomes.failures(task_id, offset, _PAGE):
        numbers += [x.index for x in page if x.problem.code == PARENT_COMES_LATER]
        offset += len(page)
    return numbers
