"""Acting on a task: at once, or after the question of the action was confirmed."""

from __future__ import annotations

from ..dashboard_session import TASK_PAGES, DashboardSession
from ..task_actions import find_task_action


def request_action(session: DashboardSession, task_id: int, label: str) -> None:
    """Run an action on a task; one that has a question opens the task and asks it.

    An action that the task does not offer any more does nothing: the page may be a
    little older than the task.

    Raises:
        DmcError: The center refuses the action.
    """
    task = session.center.tasks.get(task_id)
    action = find_task_action(label)
    if action is None or not action.is_offered(task):
        return
    if not action.question(task):
        action.run(session, task)
        return
    if session.dashboard.page not in TASK_PAGES:
        session.open_task(task_id)
    session.task.asked = label


def confirm_action(session: DashboardSession) -> None:
    """Run the action whose question is shown.

    Raises:
        DmcError: The center refuses the action.
    """
    task, action = session.task.task, find_task_action(session.task.asked)
    session.task.asked = ""
    if task is None or action is None:
        return
    task = session.center.tasks.get(task.id)
    if action.is_offered(task):
        action.run(session, task)


def decline_action(session: DashboardSession) -> None:
    """Take the question away, and do nothing."""
    session.task.asked = ""
