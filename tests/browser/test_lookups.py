"""Parents that a file names by a field of theirs, in a real Chromium."""

from __future__ import annotations

import json
import zipfile
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from dmc_widgets import ExportPlan, ImportPlan
from dmc_widgets.center import Center
from tests.browser.person import BICYCLE, SOURCE, Person

pytestmark = pytest.mark.browser

ERC = "externalReferenceCode"
OWNER = "r_bicycles_c_customerERC"
NOBODY = (
    "No entry of Customer has the name 'Nobody Here', by which "
    "'r_bicycles_c_customerERC' is looked up."
)
TWINS = (
    "2 entries of Customer have the name 'Twin Parent', so that it does not tell "
    "which one 'r_bicycles_c_customerERC' means."
)
BICYCLES = (
    "frameNumber;kind;model;Owner\n"
    "LK-1;road;A;Lone Parent\n"
    "LK-2;road;B;Nobody Here\n"
    "LK-3;road;C;Twin Parent\n"
    "LK-4;road;D;\n"
)


@pytest.fixture(scope="module", autouse=True)
def _customers(center: Center, tmp_path_factory: pytest.TempPathFactory) -> None:
    """One of a name of its own, and two who share theirs."""
    names = {"LONE": "Lone Parent", "TWIN-1": "Twin Parent", "TWIN-2": "Twin Parent"}
    file = tmp_path_factory.mktemp("customers") / "customers.json"
    file.write_text(
        json.dumps(
            [
                {ERC: erc, "name": name, "email": f"{erc}@example.com"}
                for erc, name in names.items()
            ]
        )
    )
    plan = ImportPlan(entity_type="Customer")
    task = center.tasks.wait(
        center.tasks.start_import(SOURCE, plan, file).id, timeout_s=60
    )
    assert task.counts.created == len(names)


def looks_owners_up(person: Person) -> None:
    """By the name of the customer, in the editor of the field."""
    person.button(f"Edit {OWNER}").click()
    dialog = person.page.get_by_role("dialog")
    person.field("Filled From").select_option(label="A field of the file")
    person.field("Field of the File").select_option("Owner")
    expect(dialog.get_by_role("row").nth(1)).to_contain_text('"Lone Parent"')
    person.field("The Parent Is Named By").select_option("Its\u00a0name")

    results = [row.get_by_role("cell").last for row in dialog.get_by_role("row").all()]
    expect(results[1]).to_have_text('name = "Lone Parent"')
    expect(results[4]).to_have_text("null")
    expect(dialog.get_by_text("The parent is found by its name.")).to_be_visible()
    person.button("Apply").click()
    expect(dialog).to_be_hidden()
    person.sees("looked up by name")


def row(person: Person, text: str) -> Locator:
    rows = person.page.get_by_role("row").filter(has_text=text)
    return rows.locator("visible=true")


def stored(center: Center) -> list[dict[str, Any]]:
    plan = ExportPlan(
        entity_type="Bicycle",
        fields=("frameNumber", OWNER),
        filter="startswith(frameNumber,'LK-')",
    )
    exported = center.tasks.wait(
        center.tasks.start_export(SOURCE, plan).id, timeout_s=60
    )
    with zipfile.ZipFile(center.tasks.file(exported.id)) as archive:
        found: list[dict[str, Any]] = json.loads(archive.read("export.json"))
    return found


def test_lookup_distinguishes_missing_from_ambiguous_parents(
    person: Person, center: Center
) -> None:
    """Before the import and after it; the others are linked."""
    person.opens("Import File", SOURCE)
    person.field("Entity Type").select_option(label=BICYCLE)
    person.uploads("lookups.csv", BICYCLES.encode())
    person.goes_to("Target")
    person.field("Stop the Import on Error").uncheck()
    person.goes_to("Mapping")
    looks_owners_up(person)

    person.button("Review Changes").click()
    person.sees("Of these, 2 would be created, 2 would fail.")
    expect(row(person, "Lone Parent")).to_contain_text("→ LONE")
    expect(row(person, "Nobody Here")).to_contain_text(NOBODY)
    expect(row(person, "Twin Parent")).to_contain_text(TWINS)

    person.button("Start Import").click()
    person.sees("The import is done, but 2 of 4 records failed.")
    person.button("Task Details").click()
    for text, code in ((NOBODY, "lookup-without-result"), (TWINS, "lookup-ambiguous")):
        expect(row(person, text)).to_contain_text(code, timeout=30_000)
    assert stored(center) == [
        {"frameNumber": "LK-1", OWNER: "LONE"},
        {"frameNumber": "LK-4", OWNER: ""},
    ]
