"""Two installations are compared from a form, and the report is on the task's page."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dmc_widgets.center import Center
from dmc_widgets.model.plan import Action, Selection, VerificationPlan
from dmc_widgets.model.task import Task, TaskStatus
from dmc_widgets.states.comparing.verification_state import VerificationState
from dmc_widgets.states.dashboard_state import DashboardPage
from dmc_widgets.states.toolkit.calls import verification_code
from dmc_widgets.widgets.dashboard import Dashboard
from dmc_widgets.widgets.task_panels.verification import VerificationPanel
from tests.widgets.test_export_form import BICYCLE

FOLDER = "com.liferay.object.admin.rest.dto.v1_0.ObjectFolder"


@pytest.mark.parametrize(
    ("traits", "problems"),
    [
        ({}, ("Please select the installation that states what is expected.",)),
        ({"source": "A"}, ("Please select the installation to verify.",)),
        (
            {"source": "A", "target": "A"},
            (
                "Source and target are the same installation. "
                "Please select another one.",
            ),
        ),
        ({"source": "A", "target": "B"}, ()),
    ],
)
def test_first_missing_choice_is_the_problem(
    traits: dict[str, str], problems: tuple[str, ...]
) -> None:
    """Nothing has to be selected: everything is compared then."""
    assert VerificationState(**traits).problems == problems


def test_choices_make_a_plan() -> None:
    state = VerificationState(source="A", target="B", name="Friday", sites="Guest, n,")

    assert state.plan() == VerificationPlan(
        source="A", selection=Selection(sites=("Guest", "n")), name="Friday"
    )


def test_two_installations_are_compared(
    page: Dashboard, finish: Callable[[], Task]
) -> None:
    """What only the source has is missing in the target, by name."""
    page.task_list.new.choose("verification")
    form = page.pages[DashboardPage.VERIFICATION]
    assert (form.source.value, form.target.value) == ("Sample source", "Sample target")
    form.types.selected = (FOLDER,)
    form.verify.click()
    task = finish()

    assert (task.action, task.status) == (
        Action.VERIFICATION,
        TaskStatus.PARTIALLY_COMPLETED,
    )
    assert page.session.dashboard.page is DashboardPage.TASK
    panel = page.task_panels.panels[VerificationPanel]
    assert isinstance(panel, VerificationPanel)
    (row,) = panel.counts.page["rows"]
    assert (row["part"], row["missing"]) == ("Object Folder", "1")
    (missing,) = panel.table.page["rows"]
    assert missing["code"] == "BICYCLE-WORKSHOP"
    assert missing["state"] == ("Missing", "danger")


def test_entries_are_compared_by_fields_of_choice(
    page: Dashboard, finish: Callable[[], Task]
) -> None:
    """The plan, the code of the form, and the page of the task say by which."""
    page.task_list.new.choose("verification")
    form = page.pages[DashboardPage.VERIFICATION]
    form.types.selected = (BICYCLE,)
    form.match.entity.value = BICYCLE
    form.match.fields.value = ("model",)
    form.types.selected = (BICYCLE, FOLDER)  # the choice of its fields stays
    code = verification_code(page.session, "command")
    assert "--match" in code
    assert "Bicycle=model" in code
    form.verify.click()

    task = finish()
    assert isinstance(task.plan, VerificationPlan)
    assert task.plan.match == (("C_Bicycle", ("model",)),)
    details = page.pages[DashboardPage.TASK].details.value
    assert "<bdi>Bicycle by model</bdi>" in details


def test_verification_without_a_target_is_refused(
    page: Dashboard, center: Center
) -> None:
    before = len(center.tasks.list())
    page.task_list.new.choose("verification")
    form = page.pages[DashboardPage.VERIFICATION]
    form.target.value = ""
    form.verify.click()

    message = page.session.dashboard.message
    assert message is not None
    assert message.text == "Please select the installation to verify."
    assert len(center.tasks.list()) == before
    form.cancel.click()
    assert page.session.dashboard.page is DashboardPage.LISTS
