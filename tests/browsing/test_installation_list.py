"""The list of installations: what is said of each, and what can be done to it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dmc_widgets import open_center
from dmc_widgets.center import Center
from dmc_widgets.model.access import Access
from dmc_widgets.states.dashboard_session import DashboardSession
from dmc_widgets.widgets.installations import InstallationList
from dmc_widgets.widgets.parts.guard import Guard


@pytest.fixture(scope="module")
def center(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Center]:
    with open_center(tmp_path_factory.mktemp("workspace")) as opened:
        yield opened


@pytest.fixture
def session(center: Center) -> DashboardSession:
    session = DashboardSession(center)
    session.load()
    return session


@pytest.fixture
def page(session: DashboardSession) -> InstallationList:
    return InstallationList(session, Guard(session.dashboard), lambda _name: None)


def _await(page: InstallationList, is_done: Callable[[], object]) -> None:
    end = time.monotonic() + 60
    while not is_done():
        assert time.monotonic() < end, page.checks.checks
        page.tick()
        time.sleep(0.01)


def test_an_installation_is_described_in_words(page: InstallationList) -> None:
    """Its kind, its file and its folder, and no address."""
    text = page.rows["Sample source"].text.value
    assert "Embedded Database · source.db · " in text
    assert "sqlite:" not in text


def test_installations_are_asked_in_the_background(page: InstallationList) -> None:
    """Each says for itself whether it answers."""
    page.ask()
    assert page.checks.checks["Sample source"].status == "asking"

    _await(page, lambda: page.checks.checks["Sample target"].status != "asking")
    _await(page, lambda: page.checks.checks["Sample source"].status != "asking")
    _await(page, lambda: page.checks.uses)
    text = page.rows["Sample source"].text.value
    assert "Reachable" in text
    assert "3 objects" in text
    assert "no tasks yet" in text


def test_one_that_does_not_answer_says_why(
    page: InstallationList, session: DashboardSession, tmp_path: Path
) -> None:
    """The others are not held up by it."""
    folder = tmp_path / "gone"
    folder.mkdir()
    session.center.installations.add("Gone", f"sqlite:///{folder / 'x.db'}")
    (folder / "x.db").write_text("no database")
    session.dashboard.installations = tuple(session.center.installations.list())

    _await(page, lambda: page.checks.checks["Gone"].status == "failed")
    assert "Not Reachable" in page.rows["Gone"].text.value
    session.center.installations.remove("Gone")


def test_editing_shows_the_user_and_no_secret(
    page: InstallationList, session: DashboardSession
) -> None:
    """What is stored stays unless another secret is typed."""
    page.add.edit(
        session.dashboard.installations[0].__class__(
            "Live", "https://x.example.com", Access(user="ada", at_once=2)
        )
    )
    form = page.add
    assert (form.name.value, form.name.disabled) == ("Live", False)
    assert (form.sign_in.user.value, form.sign_in.secret.value) == ("ada", "")
    assert form.sign_in.credentials(form.url.value) == (
        Access(user="ada", at_once=2),
        "",
    )
    assert form.connect.description == "Save"


def test_an_edited_installation_has_the_new_address(
    page: InstallationList, session: DashboardSession, tmp_path: Path
) -> None:
    """Its name, its templates and its tasks stay."""
    session.center.installations.add("Moved", f"sqlite:///{tmp_path / 'old.db'}")
    session.dashboard.installations = tuple(session.center.installations.list())
    page.rows["Moved"].buttons["Edit"].click()
    page.add.url.value = f"sqlite:///{tmp_path / 'new.db'}"
    page.add.connect.click()

    assert "new.db" in page.rows["Moved"].text.value
    assert session.dashboard.message is not None
    assert session.dashboard.message.text == "Moved was changed."
    session.center.installations.remove("Moved")


def test_edited_name_is_the_name_everywhere_without_connecting_again(
    page: InstallationList, session: DashboardSession, tmp_path: Path
) -> None:
    """A server that does not answer can be renamed, too."""
    folder = tmp_path / "gone"
    folder.mkdir()
    session.center.installations.add("Before", f"sqlite:///{folder / 'x.db'}")
    session.dashboard.installations = tuple(session.center.installations.list())
    session.dashboard.installation = session.migration_form.target = "Before"
    (folder / "x.db").write_text("no database")
    page.rows["Before"].buttons["Edit"].click()
    page.add.name.value = "Sample source"
    page.add.connect.click()
    assert "already exists" in page.add.error.value
    page.add.name.value = " After "
    page.add.connect.click()

    assert (page.add.error.value, "Before" in page.rows) == ("", False)
    assert "After" in page.rows["After"].text.value
    assert session.dashboard.message is not None
    assert session.dashboard.message.text == "Before is now After."
    assert session.dashboard.installation == "After"
    assert session.migration_form.target == "After"
    session.center.installations.remove("After")


def test_removing_asks_and_says_what_it_means(
    page: InstallationList, session: DashboardSession, tmp_path: Path
) -> None:
    """Only the name goes; the database stays."""
    session.center.installations.add("Old", f"sqlite:///{tmp_path / 'old.db'}")
    session.dashboard.installations = tuple(session.center.installations.list())
    page.rows["Old"].buttons["Remove"].click()
    assert "no task names it" in page.question.question.value

    page.question.confirm.click()
    assert "Old" not in page.rows
    assert (tmp_path / "old.db").exists()


def test_an_installation_is_backed_up_without_a_run(
    page: InstallationList, session: DashboardSession
) -> None:
    """The task of the backup comes into view."""
    page.rows["Sample target"].buttons["Back Up"].click()

    def is_shown() -> bool:
        session.refresh()
        return session.task.task is not None

    _await(page, is_shown)
    assert session.task.task is not None
    assert session.task.task.name.startswith("Backup of Sample target ")
    session.center.task(session.task.task).wait()
