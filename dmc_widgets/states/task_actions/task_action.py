"""What a person can do with a task: one value an action, without widgets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from ...model.task import Task
from ..dashboard_session import DashboardSession


def _ask_nothing(_task: Task) -> str:
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskAction:
    """An action on a task: a button on its page, and an item of its menu.

    Attributes:
        label: The text of the button; unique among the actions.
        is_offered: Returns True if the task can be acted on so now. It is called
            whenever the task changes, and must not read anything but the task.
        run: Acts. It has to return soon; what takes longer is a task of its own,
            which is shown by ``session.follow_task``. Its DmcErrors are shown.
        question: Returns what is asked before the action, as sentences that name what
            it does; an empty text for an action that needs no confirmation.
        style: The look of the button; ``link`` for what is seldom wanted.
    """

    label: str
    is_offered: Callable[[Task], bool]
    run: Callable[[DashboardSession, Task], None]
    question: Callable[[Task], str] = _ask_nothing
    style: Literal["", "primary", "link"] = ""
