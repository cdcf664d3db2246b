"""The action that tries the failed records of a task again, as they were mended."""

from __future__ import annotations

from ...languages import lazy
from ..actions.repairs import can_mend, retry_failures
from .task_action import TaskAction

RETRY = TaskAction(
    label=lazy("Retry"), is_offered=can_mend, run=retry_failures, style="primary"
)
