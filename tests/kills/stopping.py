"""Tasks that somebody pauses or cancels at any moment, and resumes."""

from __future__ import annotations

import subprocess
import sys
import time

from dmc_widgets.center import Center
from dmc_widgets.model.task import Task, TaskStatus
from dmc_widgets.workspace import Workspace
from tests.kills.killing import ROOT, Ended, Moment
from tests.kills.resuming import UNDISTURBED, Resumption


class StopResumption(Resumption):
    """Pauses or cancels tasks, and resumes them; see :class:`.Resumption`.

    The point of a moment is ``pause`` or ``cancel``.
    """

    def _kill(self, workspace: Workspace, name: str, moment: Moment) -> Ended:
        task = self._job.add(workspace, name)
        tasks = Center(workspace).tasks
        order = [sys.executable, "-m", *UNDISTURBED, str(workspace.path), str(task.id)]
        worker = subprocess.Popen(order, cwd=ROOT)
        while workspace.tasks.get(task.id).status is TaskStatus.QUEUED:
            time.sleep(0.005)
        time.sleep(moment.delay_ms / 1000)
        getattr(tasks, moment.point)(task.id)
        worker.wait(timeout=600)
        stopped = {TaskStatus.PAUSED, TaskStatus.CANCELLED}
        return Ended(task, was_killed=tasks.get(task.id).status in stopped)

    def _resume(self, workspace: Workspace, task: Task) -> Task:
        tasks = Center(workspace).tasks
        return tasks.wait(tasks.resume(task.id))
