"""The settings: who gets messages, and what old tasks keep."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dmc_widgets import open_center
from dmc_widgets.center import Center
from dmc_widgets.model.plan import ExportPlan
from dmc_widgets.states.dashboard_session import DashboardSession
from dmc_widgets.states.settings.notification_state import NotificationState
from dmc_widgets.widgets.dashboard import Dashboard
from dmc_widgets.widgets.parts.guard import Guard
from dmc_widgets.widgets.settings import SettingsPage
from dmc_widgets.workspace import Workspace

# Apprise loads its services when they are named; one imports what Python will drop.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr':DeprecationWarning")

ADDRESS = "json://127.0.0.1:9/secret-token"


@pytest.fixture
def center(tmp_path: Path) -> Iterator[Center]:
    """A center without sample data, because nothing is imported."""
    workspace = Workspace(tmp_path / "workspace")
    workspace.save_setting("furnished", "yes")
    workspace.close()
    with open_center(tmp_path / "workspace") as opened:
        opened.installations.add("Empty", f"sqlite:///{tmp_path / 'empty.db'}")
        yield opened


@pytest.fixture
def page(center: Center) -> Dashboard:
    session = DashboardSession(center)
    session.load()
    return Dashboard(session, Guard(session.dashboard))


@pytest.fixture
def settings(page: Dashboard) -> SettingsPage:
    settings: SettingsPage = page.settings
    return settings


def wait(page: Dashboard, is_done: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not is_done() and time.monotonic() < end:
        page.tick()
        time.sleep(0.02)
    assert is_done()


def message(page: Dashboard) -> str:
    shown = page.session.dashboard.message
    return shown.text if shown else ""


def test_notification_is_added_tested_and_removed(
    page: Dashboard,
    settings: SettingsPage,
    center: Center,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its address leaves the page at once, and is nowhere in what the page shows."""
    monkeypatch.setenv("DMC_NOTIFY_OPS_CHAT", ADDRESS)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    card = settings.notifications
    form = card.form
    form.opener.click()
    form.name.value, form.after.value = "Ops chat", "90"
    form.address.value, form.only_failed.value = ADDRESS, True
    form.add.click()

    assert (form.layout.display, form.address.value) == ("none", "")
    (row,) = card.table.page["rows"]
    assert row["service"] == "json://127.0.0.1"
    assert (row["tasks"], row["after"]) == ("Not completed", "1 min 30 s")
    assert "secret-token" not in f"{card.table.page}{message(page)}{form.error.value}"

    menu = {"kind": "action", "key": "Ops chat"}
    card.table.simulate_message({**menu, "action": "Send Test Message"})
    wait(page, lambda: bool(message(page)))
    assert message(page) == "The service of Ops chat did not take the message."

    card.table.simulate_message({**menu, "action": "Remove"})
    assert [x.name for x in center.notifications.list()] == ["Ops chat"]
    card.confirmation.decline.click()
    assert card.confirmation.layout.display == "none"
    card.table.simulate_message({**menu, "action": "Remove"})
    card.confirmation.confirm.click()
    assert (center.notifications.list(), card.table.page["rows"]) == ([], [])


@pytest.mark.parametrize(
    ("name", "address", "problem"),
    [
        ("", ADDRESS, "Please give the notification a name."),
        ("Ops", "nowhere", "The address of the notification is of no known kind."),
    ],
)
def test_what_is_wrong_stands_beside_the_form(
    settings: SettingsPage, name: str, address: str, problem: str
) -> None:
    form = settings.notifications.form
    form.opener.click()
    form.name.value, form.address.value = name, address
    form.add.click()

    assert problem in form.error.value
    assert form.layout.display is None


@pytest.mark.parametrize(
    ("after", "seconds"),
    [("60", 60.0), ("1,5", 1.5), ("", 0.0), ("-1", None), ("inf", None), ("x", None)],
)
def test_seconds_are_numbers(after: str, seconds: float | None) -> None:
    state = NotificationState(name="Ops", after=after)

    assert state.after_s == seconds
    assert bool(state.problems) is (seconds is None)


def test_old_tasks_are_shown_and_then_removed(
    page: Dashboard, settings: SettingsPage, center: Center
) -> None:
    """Nothing goes that was not shown: neither later tasks, nor by other choices."""
    task = center.tasks.wait(
        center.tasks.start_export("Empty", ExportPlan(entity_type="ObjectFolder")).id
    )
    card = settings.pruning
    card.look.click()
    wait(page, lambda: not card.look.disabled)
    assert "There is nothing to remove." in card.summary.value
    assert card.question.layout.display == "none"

    card.older_than.value = "0s"
    assert card.summary.layout.display == "none"
    card.look.click()
    wait(page, lambda: not card.look.disabled)
    assert "Would be removed: 1 task, " in card.summary.value
    assert [row["key"] for row in card.table.page["rows"]] == [str(task.id)]
    assert not center.tasks.get(task.id).pruned

    later = center.tasks.wait(center.tasks.run_again(task.id).id)
    card.remove.click()
    wait(page, lambda: not card.look.disabled)
    assert "Removed: 1 task, " in card.summary.value
    assert card.table.layout.display == "none"
    assert center.tasks.get(task.id).pruned
    assert not center.tasks.get(later.id).pruned


def test_an_age_of_another_form_is_refused(
    page: Dashboard, settings: SettingsPage
) -> None:
    settings.pruning.older_than.value = "long ago"
    settings.pruning.look.click()

    assert message(page).startswith("'long ago' is neither a time nor an age.")
    assert not page.session.background.is_busy
