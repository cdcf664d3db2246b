"""What can be done with a task, from its page and from the list; and its panels."""

from __future__ import annotations

import pytest

from dmc_widgets.center import Center
from dmc_widgets.model.plan import ExportPlan
from dmc_widgets.model.task import Task
from dmc_widgets.states import task_actions
from dmc_widgets.states.dashboard_session import DashboardSession
from dmc_widgets.states.dashboard_state import DashboardPage
from dmc_widgets.states.task_actions import TaskAction
from dmc_widgets.widgets.dashboard import Dashboard
from dmc_widgets.widgets.parts import task_buttons
from dmc_widgets.widgets.parts.guard import Guard

BICYCLE = "com.liferay.object.rest.dto.v1_0.ObjectEntry#C_Bicycle"


@pytest.fixture
def task(center: Center) -> Task:
    """A finished task."""
    plan = ExportPlan(entity_type=BICYCLE)
    return center.tasks.wait(center.tasks.start_export("Sample source", plan).id)


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The tasks that were erased, by an action that asks first."""
    erased: list[int] = []

    def erase(_session: DashboardSession, task: Task) -> None:
        erased.append(task.id)

    action = TaskAction(
        label="Erase",
        is_offered=lambda task: task.status.is_final,
        run=erase,
        question=lambda task: f"Erase <{task.id}>?",
    )
    actions = (*task_actions.TASK_ACTIONS, action)
    monkeypatch.setattr(task_actions, "TASK_ACTIONS", actions)
    monkeypatch.setattr(task_buttons, "TASK_ACTIONS", actions)
    return erased


@pytest.fixture
def opened(center: Center, done: list[int]) -> Dashboard:
    assert done == []
    session = DashboardSession(center)
    session.load()
    return Dashboard(session, Guard(session.dashboard))


def is_visible(widget: object) -> bool:
    return widget.layout.display is None  # type: ignore[attr-defined]


def test_a_registered_action_is_on_the_page_of_a_task_and_in_its_menu(
    opened: Dashboard, task: Task
) -> None:
    opened.session.open_task(task.id)

    offered = [
        label
        for label, button in opened.task_actions.buttons.items()
        if is_visible(button)
    ]
    assert offered == ["Run Again", "Erase"]
    opened.session.show_lists()
    row = opened.task_list.table.page["rows"][0]
    labels = ["Download File", "Run Again", "Erase"]
    assert row["menu"] == [(label, label) for label in labels]


def test_an_action_with_a_question_runs_once_confirmed(
    opened: Dashboard, task: Task, done: list[int]
) -> None:
    opened.session.open_task(task.id)
    opened.task_actions.buttons["Erase"].click()

    assert is_visible(opened.question)
    assert f"Erase &lt;{task.id}&gt;?" in opened.question.text.value
    assert done == []
    opened.question.confirm.click()
    assert done == [task.id]
    assert not is_visible(opened.question)


def test_a_declined_action_does_nothing(
    opened: Dashboard, task: Task, done: list[int]
) -> None:
    opened.session.open_task(task.id)
    opened.task_actions.buttons["Erase"].click()
    opened.question.decline.click()

    assert (done, is_visible(opened.question)) == ([], False)


def test_a_question_from_the_list_is_asked_on_the_page_of_the_task(
    opened: Dashboard, task: Task, done: list[int]
) -> None:
    """A question that is left behind is not asked of the next task."""
    opened.session.show_lists()
    opened.task_list.table.simulate_message(
        {"kind": "action", "key": str(task.id), "action": "Erase"}
    )

    assert opened.session.dashboard.page is DashboardPage.TASK
    assert is_visible(opened.question)
    opened.session.show_lists()
    assert not is_visible(opened.question)
    opened.session.open_task(task.id)
    assert not is_visible(opened.question)
    assert done == []


def test_panels_are_shown_only_with_a_task(opened: Dashboard, task: Task) -> None:
    """A task without failed records has no table of them."""
    opened.session.show_lists()
    assert not is_visible(opened.task_panels)
    opened.session.open_task(task.id)
    assert is_visible(opened.task_panels)
    failures = [
        panel
        for kind, panel in opened.task_panels.panels.items()
        if kind.title == "Failed Records"
    ]
    assert failures
    assert not any(map(is_visible, failures))
