"""The Friday evening by form alone: what a person sees and presses, with real kills.

By command line it is in ``tests/cli/test_friday_evening.py``. More entries:
``DMC_EVENING_ENTRIES=20000``; a picture of every step: ``DMC_EVENING_PICTURES=FOLDER``.
"""

from __future__ import annotations

import logging
import os
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from dmc_widgets.center import Center
from dmc_widgets.installations.secret_store import PASSWORD
from dmc_widgets.model.plan import Action
from dmc_widgets.model.task import TaskStatus
from tests.browser.person import Person
from tests.cli.evening import (
    count_entries,
    document_differences,
    fill_production,
    fill_staging,
    held,
)
from tests.kills.killed_server import ServerProcess
from tests.sandbox.conftest import SETTINGS

pytestmark = pytest.mark.browser

NUMBER = int(os.environ.get("DMC_EVENING_ENTRIES", "400"))
CLIENTS = NUMBER * 3 // 4
RECORDS = NUMBER + 3
"""With a picklist and two definitions."""
CREATED = NUMBER - 102
UNKNOWN = min(CLIENTS, 1_000)
"""The first batch of clients."""
PICTURES = os.environ.get("DMC_EVENING_PICTURES", "")
_PATIENCE_MS = 60_000 + NUMBER * 30
_log = logging.getLogger(__name__)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keep the password in the environment: there may be no keyring here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(PASSWORD, SETTINGS.password)
        yield tmp_path_factory.mktemp("evening")


def sees(person: Person, text: str) -> None:
    shown = person.page.get_by_text(text).locator("visible=true").first
    expect(shown).to_be_visible(timeout=_PATIENCE_MS)


def has_done(person: Person, step: str) -> None:
    """Log the time of a step, and take pictures of it if they are asked for."""
    _log.info("%s", step)
    for width in (1920, 1280) if PICTURES else ():
        Path(PICTURES).mkdir(exist_ok=True)
        person.page.set_viewport_size({"width": width, "height": 2400})
        person.page.wait_for_timeout(400)
        person.page.screenshot(path=Path(PICTURES) / f"{step}-{width}.png")


def table(person: Person, name: str) -> Locator:
    return person.page.get_by_role("table", name=name, exact=True).locator(
        "visible=true"
    )


def sees_outcomes(person: Person, outcomes: str) -> None:
    legend = person.page.get_by_role("list", name="Records by outcome")
    shown = legend.locator("visible=true")
    expect(shown).to_have_text(outcomes, timeout=_PATIENCE_MS)


def connects(person: Person, name: str, url: str) -> None:
    """Add an installation from the form that is open."""
    person.button("Add Installation").click()
    person.field("Installation Name").fill(name)
    person.field("Address").fill(url)
    person.field("User").fill(SETTINGS.user)
    person.field("Password").fill(SETTINGS.password)
    has_done(person, f"01-connect-{name}")
    person.button("Connect").click()
    person.sees(f"{name} was added.")


def compares(person: Person) -> None:
    person.field("From").select_option(label="Staging")
    person.field("To").select_option(label="Production")
    person.button("Compare Definitions").click()
    sees(person, "4 differences are listed below the settings.")
    paths = table(person, "Differences").locator("td.dmc-table-path")
    expect(paths).to_have_text(
        [
            "ListTypeDefinition:Levels.listTypeEntries.legacy",
            "ListTypeDefinition:Levels.listTypeEntries.vip",
            "ObjectDefinition:Client.objectFields.phone",
            "ObjectDefinition:Client.objectFields.vatNumber",
        ]
    )
    has_done(person, "02-compared")


def chooses(person: Person) -> None:
    """Everything but folders, merged; what only production has is not ticked."""
    for name in ("Picklist", "Object Definition", "Client", "Order"):
        box = person.page.get_by_role("checkbox", name=f"Select {name}", exact=True)
        box.locator("visible=true").check()
    person.field("Stop the Migration on Error").uncheck()
    person.field("Update Strategy").select_option(label="Merge Records")
    person.field("Back Up First").check()
    for name, is_accepted in (("vip", True), ("legacy", False)):
        path = f"Select ListTypeDefinition:Levels.listTypeEntries.{name}"
        expect(person.field(path)).to_be_checked(checked=is_accepted)
    has_done(person, "03-chosen")


def rehearses(person: Person) -> None:
    person.button("Dry Run").click()
    sees(person, f"The dry run is done, but 2 of {RECORDS:,} records would fail.")
    sees_outcomes(person, f"{CREATED:,} created102 updated1 unchanged2 failed")
    sees(person, "100 records would change name of Client")
    email = table(person, "Failed Records").get_by_role("row").nth(1)
    expect(email).to_contain_text('An entry has the value "c7@example.com"')
    has_done(person, "04-rehearsed")


def migrates_until_killed(person: Person) -> None:
    person.button("Migrate Now").click()
    sees(
        person,
        f"Production: It went away while {UNKNOWN:,} records were written; what became "
        "of them is not known. Try again later.",
    )
    sees_outcomes(person, f"2 updated1 unchanged{UNKNOWN:,} unknown")
    sees(person, "Backup 3 was made before anything was written (104 records).")
    has_done(person, "05-killed")


def loses_the_worker(person: Person, center: Center) -> None:
    """Resume too early, while production is still down; then the worker is killed."""
    person.button("Resume").click()
    while center.tasks.get(2).status is not TaskStatus.RUNNING:
        time.sleep(0.02)
    os.kill(center._workspace.tasks.worker(2).pid, signal.SIGKILL)
    sees(person, "The worker process ended before the task did.")
    has_done(person, "06-worker-killed")


def resumes(person: Person) -> None:
    person.button("Resume").click()
    sees(person, f"The migration is done, but 2 of {RECORDS:,} records failed.")
    sees_outcomes(person, f"{CREATED:,} created102 updated1 unchanged2 failed")
    sees(person, "Backup 3 was made before anything was written (104 records).")
    has_done(person, "07-resumed")


def mends_the_address(person: Person) -> None:
    """Give the client another address; its order, which failed with it, comes along."""
    person.field("Entity Type").select_option(label="C_Client")
    address = person.field("email, 7")
    expect(address).to_have_attribute("aria-invalid", "true")
    address.fill("c7b@example.com")
    address.press("Enter")
    sees(person, "1 record is to be retried.")
    has_done(person, "08-mended")
    person.button("Retry Mended Records").click()
    sees(person, "The migration completed successfully.")
    sees_outcomes(person, f"{CREATED + 2:,} created102 updated1 unchanged")
    has_done(person, "09-repaired")


def verifies(person: Person) -> None:
    person.button("Verify").click()
    sees(person, "Everything is as expected.")
    sees(person, f"{RECORDS:,} items are in Production as expected.")
    has_done(person, "10-verified")


def undoes(person: Person) -> None:
    """Find the migration in the list, and take it back."""
    person.opens_page("Tasks")
    row = person.page.get_by_role("row").filter(has_text="Migration ")
    has_done(person, "11-listed")
    row.filter(has_text="Completed").get_by_role("link").first.click()
    person.button("Undo").click()
    sees(person, f"{CREATED + 2:,} created items are deleted and 102 updated ones")
    has_done(person, "12-asked")
    person.button("Undo").first.click()
    sees(person, "The task was taken back.")
    has_done(person, "13-undone")


def test_production_survives_the_evening_by_form_alone(
    person: Person, center: Center, tmp_path: Path
) -> None:
    """Nothing is lost, nothing is doubled, and in the end nothing has happened."""
    staging, production = tmp_path / "staging.db", tmp_path / "production.db"
    fill_staging(staging, NUMBER)
    fill_production(production)
    untouched = Path(shutil.copy(production, tmp_path / "untouched.db"))
    before, wanted = held(production), held(staging)
    source, victim = ServerProcess(staging), ServerProcess(production)
    with ExitStack() as stack:
        stack.callback(source.kill)
        stack.callback(victim.kill)
        source.start()
        victim.start(dies=True)  # not before the migration writes entries
        person.opens_page("Migrate")
        connects(person, "Staging", source.url)
        connects(person, "Production", victim.url)
        compares(person)
        chooses(person)
        rehearses(person)
        assert held(production) == before
        migrates_until_killed(person)
        assert victim.is_dead
        assert count_entries(production) < NUMBER
        loses_the_worker(person, center)
        victim.start()
        resumes(person)
        mends_the_address(person)
        after = held(production)
        assert after["C_Client"].keys() == wanted["C_Client"].keys() | {"OWN"}
        assert after["C_Order"] == wanted["C_Order"]
        assert after["C_Client"]["C150"]["vatNumber"] == "VAT150"
        verifies(person)
        undoes(person)
        kinds = [task.action for task in center.tasks.list()]
        assert kinds.count(Action.BACKUP) == 1
    assert held(production) == before
    assert document_differences(production, untouched) == []
