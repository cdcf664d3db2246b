"""Files whose names are meant to do harm, from the page to the disk and back."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from dmc_widgets.center import Center
from dmc_widgets.languages import isolate
from tests.browser.person import CUSTOMER, SOURCE, Person

pytestmark = pytest.mark.browser

NAMES = [
    "<img src=x onerror=document.title='harmed'>.json",
    "..\\..\\..\\harmed.json",
    "a\"'`onmouseover=alert(1) x='.json",
    "$(touch harmed);{0}%s.json",
    "\u202enosj.json",
    "-o.json",
]
ATTACK = "</dd><script>document.title='harmed'</script><img src=x onerror=alert(1)>"

_OF_SERVER = re.compile(r"[0-9a-f]{64}\.json|dashboard-[0-9]+\.[a-z]+\.json")
"""Files of the server's own: named for the digest of a secret, or for its port."""


def test_hostile_file_names_are_only_text(
    person: Person, center: Center, workspace: Path
) -> None:
    """They are shown as they are, and never name a file in the workspace."""
    page = person.page
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    person.opens("Import File", SOURCE)
    person.field("Entity Type").select_option(label=CUSTOMER)
    record = {"name": ATTACK, "email": ATTACK, ATTACK: ATTACK}
    for name in NAMES:
        person.uploads(name, json.dumps([record]).encode())
        person.sees("fields filled")
        if name != NAMES[-1]:
            person.button(f"Clear {isolate(name)}").click()
            person.sees("or drop it here")
    person.goes_to("Target")
    person.field("Name").fill(ATTACK)
    person.runs_import()
    person.sees("The import process completed successfully.")
    person.button("Close").click()
    person.opens_page("Tasks")
    page.get_by_role("link", name=ATTACK, exact=True).first.click()
    person.sees("Task Details")

    expect(page).not_to_have_title("harmed")
    with page.expect_download() as started:
        person.button("Download Original File").click()
    assert started.value.suggested_filename == NAMES[-1]
    files = {path.name for path in workspace.rglob("*")}
    files = {name for name in files if not _OF_SERVER.fullmatch(name)}
    assert not any("harmed" in name or "json" in name for name in files), files
    assert center.tasks.get(1).original_file == NAMES[-1]
