"""Failed records that wait for others: the repair of those may bring them in."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from typing import Final

from ....model.mend import NO_MEND, PackedMends
from ....model.task import Task
from ....objects.errors.entry_problem_types import EntryProblemType
from ....workspace import Workspace
from .mended_file import MendedRecords

MISSING_REFERENCES: Final = frozenset(
    {"lookup-without-result", EntryProblemType.NO_PARENT.code}
)
"""Problems that other records of the same round may solve."""


def with_waiting_records(
    workspace: Workspace, task: Task, mended: MendedRecords | None
) -> MendedRecords | None:
    """Return mended records, and with them the failed ones that wait for others.

    Who mends a parent does not have to name its children, too.

    Args:
        workspace: Holds the task.
        task: The task.
        mended: The records; None stands for all failed ones already.
    """
    if mended is None or not mended.mends:
        return mended
    waiting = workspace.outcomes.failures_with(task.id, MISSING_REFERENCES)
    unnamed = [(x, NO_MEND) for x in waiting if x not in mended.mends]
    if not unnamed:
        return mended
    mends = PackedMends.pack(chain(unnamed, mended.mends.items()))
    return replace(mended, mends=mends)
