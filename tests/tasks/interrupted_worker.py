"""Workers that die in the middle of their task, without processes."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from dmc_widgets.workspace import Failure, Workspace
from dmc_widgets.workspace.outcomes import OutcomeBatch
from dmc_widgets.workspace.workers import Worker


class Killed(BaseException):
    """Ends a worker as a kill does: nothing is recorded after it."""


class Interruption:
    """Ends the workers of a workspace after so many batches."""

    def __init__(self, workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
        self._left = 0
        self._before_outcomes = False
        self._add = workspace.outcomes.add
        monkeypatch.setattr(workspace.outcomes, "add", self._add_or_die)

    def arrange(self, batches: int, *, before_outcomes: bool = False) -> None:
        """Let a worker die around the outcomes of a batch, counted from now on."""
        self._left = batches
        self._before_outcomes = before_outcomes

    def _add_or_die(
        self,
        task_id: int,
        batch: OutcomeBatch,
        failures: Sequence[Failure],
        worker: Worker | None = None,
    ) -> None:
        self._left -= 1
        if self._left == 0 and self._before_outcomes:
            raise Killed
        self._add(task_id, batch, failures, worker)
        if self._left == 0:
            raise Killed
