"""The base of the center's parts: the workspace, and opening its installations."""

from __future__ import annotations

import inspect
from typing import Any

from ..errors import NotSupported
from ..model.coercion import require_whole_number
from ..model.representation import html_table
from ..model.task import Task
from ..ports import Installation
from ..tasks.installation_access import open_connection
from ..workspace import Workspace


class CenterPart:
    """One part of the center, over the workspace that all parts share.

    Args:
        workspace: Holds connections, templates and tasks. The center closes it.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {str(self._workspace.path)!r}>"

    def _repr_html_(self) -> str:
        """Show what can be called, each with what it does."""
        rows = [
            (
                f"{name}()",
                (inspect.getdoc(getattr(self, name)) or "").partition("\n")[0],
            )
            for name in dir(self)
            if not name.startswith("_") and callable(getattr(self, name))
        ]
        return html_table(type(self).__name__, ("Call", "What it does"), rows)

    def _open(self, installation: str) -> Installation:
        return open_connection(self._workspace.connections.get(installation))


def require_records(task: Task) -> None:
    """Refuse what needs the outcomes or the journal of a task that was pruned.

    Raises:
        NotSupported: They were removed.
    """
    if task.pruned:
        raise NotSupported(
            what=f"The outcomes and the journal of task {task.id} were pruned on "
            f"{task.pruned[:10]}.",
            instead="Its counts and its history are what is left.",
        )


def task_id_of(task: Task | int) -> int:
    """Return the id of a task that is given as a value or by its id.

    Raises:
        InvalidPlan: It is neither.
    """
    task_id: Any = getattr(task, "id", task)
    require_whole_number(task_id, "task")
    return int(task_id)
