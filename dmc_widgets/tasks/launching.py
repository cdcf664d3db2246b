"""Starting the worker of a task."""

from __future__ import annotations

import subprocess
import sys

from ..model.task import Task
from ..private_files import append_private, make_private_folder
from ..workspace import Workspace
from ..workspace.files import translated_oserrors
from .files import log_path
from .liveness import identify

# Children stay here until they end, so that their exit status is collected.
_children: list[subprocess.Popen[bytes]] = []


def launch(workspace: Workspace, task: Task) -> None:
    """Start the worker of a queued task and return at once.

    Raises:
        WorkspaceError: The process, its log or the room for its last words could not
            be made.
    """
    collect_children()
    log = log_path(workspace, task)
    with translated_oserrors(log.parent):
        make_private_folder(log.parent)
        workspace.last_words(task.id).reserve()
        with append_private(log) as output:
            child = subprocess.Popen(
                [
                    sys.executable,
                    "-P",  # nothing in the current folder may pose as a module
                    "-m",
                    "dmc_widgets.tasks.worker",
                    str(workspace.path),
                    str(task.id),
                ],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
    _children.append(child)
    workspace.tasks.assign(task.id, identify(child.pid))


def collect_children() -> None:
    """Let go of workers that have ended, so that the system forgets them."""
    _children[:] = [child for child in _children if child.poll() is None]
