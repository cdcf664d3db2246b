"""What stops a task, and goes on with it, in the forms; and what is said of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dmc_widgets.center import Center, launching, resuming
from dmc_widgets.model.error_limit import ErrorLimit
from dmc_widgets.model.run_options import RunOptions
from dmc_widgets.model.task import Counts, Task
from dmc_widgets.states.dashboard_session import DashboardSession
from dmc_widgets.states.dashboard_state import DashboardPage
from dmc_widgets.states.import_state import ImportState
from dmc_widgets.states.migration_state import MigrationState
from dmc_widgets.states.policy_state import PolicyState
from dmc_widgets.tasks.worker.runner import run_task
from dmc_widgets.widgets.dashboard import Dashboard
from dmc_widgets.widgets.parts.form_inputs import link_traits
from dmc_widgets.widgets.parts.guard import Guard
from dmc_widgets.widgets.parts.policy_inputs import build_policy_inputs
from dmc_widgets.widgets.task_panels.history import HistoryPanel
from dmc_widgets.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    opened = Workspace(tmp_path / "workspace")
    opened.save_setting("furnished", "yes")
    yield opened
    opened.close()


@pytest.fixture
def page(workspace: Workspace) -> Dashboard:
    session = DashboardSession(Center(workspace))
    return Dashboard(session, Guard(session.dashboard))


@pytest.fixture
def queued(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Task:
    """An import that waits for its worker; resumed ones run in this process."""
    monkeypatch.setattr(launching, "launch_worker", lambda *_: None)
    monkeypatch.setattr(
        resuming, "launch_worker", lambda workspace, task: run_task(workspace, task.id)
    )
    file = tmp_path / "folders.jsonl"
    names = [f'{{"name": "F{n}", "label": {{"en_US": "F{n}"}}}}' for n in (1, 2)]
    file.write_text("\n".join(names), encoding="utf-8")
    center = Center(workspace)
    center.installations.add("Target", f"sqlite:///{tmp_path / 'target.db'}")
    plan = center.files.plan_from_file(
        "Target", center.files.read_head(file), "ObjectFolder"
    )
    return center.tasks.start_import("Target", plan, file)


def offered(page: Dashboard) -> list[str]:
    buttons = page.task_actions.buttons.items()
    return [label for label, button in buttons if button.layout.display is None]


def status(page: Dashboard) -> str:
    page.tick()
    task = page.session.task.task
    assert task is not None
    return task.status.value


def history(page: Dashboard) -> list[str]:
    panel = page.task_panels.panels[HistoryPanel]
    assert isinstance(panel, HistoryPanel)
    panel.fold(False)
    return [row["event"] for row in panel.table.page["rows"]]


def test_task_is_paused_and_goes_on_from_its_page(
    page: Dashboard, workspace: Workspace, queued: Task
) -> None:
    """Each step is in the history of the page, the latest first."""
    page.session.open_task(queued.id)
    assert offered(page) == ["Cancel", "Pause"]
    page.task_actions.buttons["Pause"].click()
    run_task(workspace, queued.id)

    assert status(page) == "Paused"
    assert "Paused before the first record" in _headline(page)
    assert offered(page) == ["Cancel", "Resume"]
    page.task_actions.buttons["Resume"].click()

    assert status(page) == "Completed"
    assert workspace.tasks.get(queued.id).counts == Counts(created=2)
    assert history(page) == [
        *("Completed", "Running", "Resume", "Queued"),
        *("Paused", "Running", "Pause", "File", "Queued"),
    ]


def test_paused_task_is_cancelled_from_its_page(
    page: Dashboard, workspace: Workspace, queued: Task
) -> None:
    page.session.open_task(queued.id)
    page.task_actions.buttons["Pause"].click()
    run_task(workspace, queued.id)
    assert status(page) == "Paused"
    page.task_actions.buttons["Cancel"].click()

    assert status(page) == "Cancelled"
    assert history(page)[:2] == ["Cancelled", "Cancel"]


def _headline(page: Dashboard) -> str:
    return str(page.pages[DashboardPage.TASK].progress.status.value)


@pytest.mark.parametrize("kind", [ImportState, MigrationState])
def test_error_limit_counts_where_the_run_continues_on_errors(
    kind: type[PolicyState],
) -> None:
    state = kind()
    inputs = build_policy_inputs(state, "Stop on Error")
    link_traits(state, inputs)
    inputs["error_limit"].value = "50, 2%"
    assert inputs["error_limit"].disabled
    assert inputs["undo_at_limit"].disabled
    assert state.options.error_limit is None

    inputs["stop_on_error"].value = False
    inputs["undo_at_limit"].value = True
    assert not inputs["error_limit"].disabled
    limit = ErrorLimit(records=50, percent=2.0, undo=True)
    assert state.options.error_limit == limit

    inputs["error_limit"].value = "many"
    assert state.limit_problem.startswith("The error limit 'many' is neither a number")

    copy = kind()
    copy.load_options(RunOptions(error_limit=limit))
    assert (copy.error_limit, copy.undo_at_limit) == ("50,2%", True)


def test_a_cluster_is_chosen_where_the_run_continues_on_errors() -> None:
    state = ImportState()
    inputs = build_policy_inputs(state, "Stop on Error")
    link_traits(state, inputs)
    inputs["cluster"].value = "https://example.com"
    assert inputs["cluster"].disabled
    assert (state.options.cluster, state.cluster_problem) == ("", "")

    inputs["stop_on_error"].value = False
    assert not inputs["cluster"].disabled
    assert state.cluster_problem == (
        "'https://example.com' is not the address of a Dask scheduler. Give one such "
        "as tcp://10.0.0.5:8786, or local."
    )
    inputs["cluster"].value = " local "
    assert (state.options.cluster, state.cluster_problem) == ("local", "")
    assert inputs["cluster"].layout.display is None
    copy = ImportState()
    copy.load_options(RunOptions(cluster="tcp://10.0.0.5:8786", workers=3))
    assert (copy.cluster, copy.workers) == ("tcp://10.0.0.5:8786", 3)
