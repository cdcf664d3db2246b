"""The dashboard as people use it: sample data, a real Chromium, Voilà."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from dmc_widgets import ExportPlan, ImportPlan
from dmc_widgets.center import Center
from dmc_widgets.model.task import TaskStatus
from tests.browser.person import (
    BICYCLE,
    CUSTOMER,
    DEFINITION,
    SOURCE,
    TARGET,
    Person,
)

pytestmark = pytest.mark.browser


def move(center: Center, *entities: str) -> None:
    """Bring what others point at into the target, without the page."""
    for entity in entities:
        exported = center.tasks.start_export(SOURCE, ExportPlan(entity_type=entity))
        exported = center.tasks.wait(exported.id, timeout_s=60)
        path = center.tasks.file(exported.id)
        plan = ImportPlan(entity_type=entity, name=f"Move {entity}")
        task = center.tasks.wait(
            center.tasks.start_import(TARGET, plan, path).id, timeout_s=60
        )
        assert task.status is TaskStatus.COMPLETED


def bicycle(number: int, **others: Any) -> dict[str, Any]:
    return {
        "externalReferenceCode": f"BROWSER-{number}",
        "frameNumber": f"BR-{number:04}",
        "kind": {"key": "road"},
        "model": f"Kranich {number}",
        **others,
    }


def opens_by_keyboard(person: Person) -> None:
    """New, then the first item of its menu; the form's first field has the focus."""
    keyboard = person.page.keyboard
    person.opens_page("Tasks")
    new = person.button("New")
    new.focus()
    keyboard.press("ArrowDown")
    menu = person.page.get_by_role("menu").locator("visible=true")
    expect(menu.get_by_role("menuitem", name="Export File")).to_be_focused()
    keyboard.press("b")
    expect(menu.get_by_role("menuitem", name="Backup")).to_be_focused()
    keyboard.press("Escape")
    expect(new).to_be_focused()
    keyboard.press("Enter")
    expect(menu.get_by_role("menuitem", name="Export File")).to_be_focused()
    keyboard.press("Enter")
    expect(person.field("Installation")).to_be_focused()


def exports(person: Person) -> zipfile.ZipFile:
    """Follow the export of the form that is open, and fetch its file."""
    person.button("Export").click()
    person.sees("Your file has been generated and is ready to download.")
    path = person.downloads("Download")
    person.button("Back to the List").click()
    return zipfile.ZipFile(path)


def test_message_stays_visible_on_a_scrolled_page(visitor: Person) -> None:
    """Who clicks at the foot of a long form sees at once what it lacks."""
    visitor.page.set_viewport_size({"width": 1280, "height": 400})
    visitor.opens("Import File", TARGET)
    visitor.field("Entity Type").select_option(label=DEFINITION)
    visitor.button("Review Changes").click()

    toast = visitor.page.locator(".dmc-toasts .dmc-alert")
    expect(toast).to_be_in_viewport(ratio=1, timeout=10_000)


def test_csv_file_shows_its_reading_options(visitor: Person) -> None:
    visitor.opens("Import File", TARGET)
    visitor.field("Entity Type").select_option(label=DEFINITION)
    visitor.uploads("names.csv", "name;label\nBaum;Größe\n".encode("cp1252"))

    encoding = visitor.field("Encoding")
    expect(encoding).to_have_attribute("placeholder", "Detected: Windows-1252")
    delimiter = visitor.field("Delimiter")
    expect(delimiter.locator("option:checked")).to_have_text("Detected: Semicolon")


def test_wrong_detection_can_be_corrected(visitor: Person) -> None:
    """Commas in every cell look like the delimiter; the mapping follows the choice."""
    visitor.opens("Import File", SOURCE)
    visitor.field("Entity Type").select_option(label=BICYCLE)
    visitor.uploads(
        "a.csv", b"frameNumber;model, year\nF-1;Pony, 2020\nF-2;Elbe, 2021\n"
    )
    delimiter = visitor.field("Delimiter")
    expect(delimiter.locator("option:checked")).to_have_text("Detected: Comma")

    delimiter.select_option(label="Semicolon")

    visitor.goes_to("Mapping")
    frame = visitor.field("Source File Field for frameNumber")
    expect(frame).to_have_value("frameNumber")


def maps_kinds(person: Person) -> None:
    """By the mouse: the source, then the one value that was not recognised."""
    person.button("Edit kind").click()
    dialog = person.page.get_by_role("dialog")
    expect(person.field("Filled From")).to_be_focused()
    person.field("Filled From").select_option(label="A field of the file")
    person.field("Field of the File").select_option("Art")
    person.field("Values").select_option(label="Translate them by a table")
    expect(dialog.get_by_text("1 of 3 values is not mapped.")).to_be_visible()
    expect(dialog.get_by_text("please check")).to_be_visible()
    person.field("Target value for MTB").select_option(label="mountain")
    expect(dialog.get_by_text("All 3 sampled values are mapped.")).to_be_visible()
    dialog.get_by_role("button", name="Apply").click()
    expect(dialog).to_be_hidden()
    expect(person.button("Edit kind")).to_be_focused()
    person.sees("3 values mapped")


def fills_by_keyboard(person: Person) -> None:
    """Enter opens the editor, Tab stays in it, Escape leaves; what was typed counts."""
    keyboard = person.page.keyboard
    person.button("Edit description").focus()
    keyboard.press("Enter")
    expect(person.field("Filled From")).to_be_focused()
    keyboard.press("Shift+Tab")
    expect(person.button("Apply")).to_be_focused()
    keyboard.press("Escape")
    expect(person.button("Edit description")).to_be_focused()
    keyboard.press("Enter")
    expect(person.field("Filled From")).to_be_focused()
    keyboard.type("The same")
    expect(person.field("Value")).to_be_visible()
    keyboard.press("Tab")
    keyboard.press("Tab")
    keyboard.type("import")
    expect(
        person.page.get_by_role("dialog").get_by_text('"import"').first
    ).to_be_visible()
    person.button("Apply").press("Enter")
    expect(person.button("Edit description")).to_be_focused()


def test_values_are_mapped_by_mouse_and_by_keyboard(
    visitor: Person, center: Center
) -> None:
    """And the import does what the editors said."""
    text = "frameNumber;Art;model\nVT-1;Road;A\nVT-2;MTB;B\nVT-3;Citty;C\n"
    visitor.opens("Import File", SOURCE)
    visitor.field("Entity Type").select_option(label=BICYCLE)
    visitor.uploads("kinds.csv", text.encode())
    visitor.goes_to("Mapping")
    maps_kinds(visitor)
    fills_by_keyboard(visitor)

    visitor.runs_import()
    visitor.sees("The import process completed successfully.")
    visitor.sees("3 created")

    fields = ("frameNumber", "kind", "description")
    found = "startswith(frameNumber,'VT-')"
    query = ExportPlan(entity_type="Bicycle", fields=fields, filter=found)
    exported = center.tasks.wait(
        center.tasks.start_export(SOURCE, query).id, timeout_s=60
    )
    with zipfile.ZipFile(center.tasks.file(exported.id)) as archive:
        items = json.loads(archive.read("export.json"))
    assert [(item["kind"]["key"], item["description"]) for item in items] == [
        ("road", "import"),
        ("mountain", "import"),
        ("city", "import"),
    ]


def test_definitions_are_exported(visitor: Person) -> None:
    opens_by_keyboard(visitor)
    visitor.field("Export File Format").select_option(label="JSON")
    visitor.field("Entity Type").select_option(label=DEFINITION)

    with exports(visitor) as archive:
        definitions = json.loads(archive.read("export.json"))

    names = {definition["name"] for definition in definitions}
    assert names == {"Bicycle", "Customer", "Repair"}


def filters_by(person: Person, number: int, *parts: str) -> None:
    """Add a condition: its field, its comparison and a value of a list."""
    person.button("Add Condition").click()
    for part, choice in zip(("Field", "Comparison", "Value"), parts, strict=True):
        found = person.field(f"{part} of condition {number}")
        found.select_option(label=choice)


def test_entries_are_exported_without_some_fields(
    visitor: Person, center: Center
) -> None:
    """What was left out stays out, in the file and in the template of it."""
    with center.installations.connect(SOURCE) as opened:
        # What other tests have added is not for cargo, and not electric either.
        added = opened.count("Bicycle") - 1200
    visitor.opens("Export File", SOURCE)
    visitor.field("Entity Type").select_option(label=BICYCLE)
    visitor.goes_to("Fields")
    every = visitor.page.get_by_label("Select all on this page")
    expect(every.locator("visible=true")).to_be_checked()
    visitor.field("Select weight").uncheck()
    visitor.field("Select creator").uncheck()
    assert every.locator("visible=true").evaluate("box => box.indeterminate")
    visitor.goes_to("Records")
    filters_by(visitor, 1, "Kind", "is", "Cargo")
    filters_by(visitor, 2, "Electric", "is", "No")
    visitor.sees(f"132 of {1200 + added:,} records match")
    visitor.field("How many conditions have to be met").select_option("any condition")
    visitor.sees(f"{890 + added} of {1200 + added:,} records match")
    visitor.button("Save as Template").click()
    visitor.field("Name").fill("Bicycles without weight")
    visitor.button("Save").click()
    visitor.sees("Template was created.")
    visitor.goes_to("Source")
    expect(visitor.field("Template")).to_have_value("Bicycles without weight")

    with exports(visitor) as archive, archive.open("export.csv") as file:
        lines = list(csv.reader(io.TextIOWrapper(file, "utf-8")))

    assert len(lines) == 891 + added
    assert "model" in lines[0]
    assert not {"weight", "creator.name"} & set(lines[0])
    visitor.opens_page("Templates")
    visitor.button("Bicycles without weight").click()
    visitor.goes_to("Records")
    expect(visitor.field("Value of condition 1")).to_have_value("cargo")
    visitor.goes_to("Fields")
    expect(visitor.field("Select weight")).not_to_be_checked()
    expect(visitor.field("Select model")).to_be_checked()


def imports_definitions(person: Person, content: bytes) -> None:
    """The file itself says what it holds."""
    person.opens("Import File", TARGET)
    person.uploads("objects.zip", content)
    person.sees("were taken from the file")
    person.goes_to("Target")
    chosen = person.field("Entity Type").locator("option:checked")
    expect(chosen).to_have_text(DEFINITION)
    expect(person.field("Name")).to_have_value("objects")
    person.runs_import()
    person.sees("The import process completed successfully.")
    person.sees("objects.zip")
    person.button("Close").click()


def imports_bicycle(
    person: Person, strategy: str, update_strategy: str, record: dict[str, Any]
) -> None:
    """The price has another name in the file."""
    person.opens("Import File", TARGET)
    person.field("Entity Type").select_option(label=BICYCLE)
    person.uploads("bicycles.jsonl", json.dumps(record).encode())
    person.goes_to("Mapping")
    person.field("Source File Field for price").select_option("cost")
    person.goes_to("Target")
    person.field("Import Strategy").select_option(label=strategy)
    sleeps = strategy == "Only Add New Records"
    expect(person.field("Update Strategy")).to_be_enabled(enabled=not sleeps)
    if not sleeps:
        person.field("Update Strategy").select_option(label=update_strategy)
    person.runs_import()
    person.sees("The import process completed successfully.")


def test_definitions_and_entries_are_imported_by_each_strategy(
    visitor: Person, center: Center
) -> None:
    """Into the empty target: the objects first, then entries of one of them."""
    move(center, "ObjectFolder", "ListTypeDefinition")
    plan = ExportPlan(entity_type="ObjectDefinition", format="JSONT")
    exported = center.tasks.wait(
        center.tasks.start_export(SOURCE, plan).id, timeout_s=60
    )
    imports_definitions(visitor, center.tasks.file(exported.id).read_bytes())

    overwrite, change = "Overwrite Records", "Update Changed Record Fields"
    for strategy, update_strategy, record, outcome in (
        ("Add or Update Records", overwrite, bicycle(1, cost=100), "1 created"),
        ("Only Add New Records", overwrite, bicycle(2, cost=200), "1 created"),
        ("Only Update Records", overwrite, bicycle(1, cost=150, gears=9), "1 updated"),
        ("Add or Update Records", change, bicycle(1, cost=175), "1 updated"),
        ("Add or Update Records", overwrite, bicycle(2, cost=250), "1 updated"),
    ):
        imports_bicycle(visitor, strategy, update_strategy, record)
        visitor.sees(outcome)
        visitor.button("Close").click()

    fields = ("frameNumber", "gears", "price")
    query = ExportPlan(entity_type="Bicycle", fields=fields)
    exported = center.tasks.wait(
        center.tasks.start_export(TARGET, query).id, timeout_s=60
    )
    with zipfile.ZipFile(center.tasks.file(exported.id)) as archive:
        found = json.loads(archive.read("export.json"))
    assert found == [
        {"frameNumber": "BR-0001", "gears": 9, "price": 175},
        {"frameNumber": "BR-0002", "gears": None, "price": 250},
    ]


def mends_the_bicycles(person: Person, file: Path) -> None:
    """A file mends the price, the table a model, and one line two kinds at once."""
    failed = json.loads(file.read_bytes())
    assert [each["errorRecord"] for each in failed] == [3, 4, 5]
    failed[0]["price"] = 13
    person.uploads("mended.json", json.dumps(failed).encode(), label="Mended File")
    person.sees("mended.json: 1 record mended, 2 as before.")
    person.field("New Value, Rennrad").fill("road")
    person.field("New Value, Rennrad").press("Enter")
    person.sees("2 records: kind becomes road.")
    expect(person.field("kind, 5")).to_have_value("road")
    person.field("model, 5").fill("Elbe & <Söhne>")
    person.field("model, 5").press("Enter")
    person.button("Check").click()
    person.sees("Checked: 3 records would come in, 0 would still fail.")


def test_invalid_records_stop_the_import_or_are_reported_and_mended(
    person: Person,
) -> None:
    """What failed is in the panel, the list, the details and the error report."""
    records = [bicycle(n, price="a lot" if n == 13 else n) for n in range(11, 16)]
    records[3]["kind"] = records[4]["kind"] = "Rennrad"
    for stop in (True, False):
        person.opens("Import File", SOURCE)
        person.field("Entity Type").select_option(label=BICYCLE)
        person.uploads("prices.json", json.dumps(records).encode())
        person.goes_to("Target")
        person.field("Stop the Import on Error").set_checked(stop)
        person.runs_import()
        person.sees("FAILED" if stop else "but 3 of 5 records failed.")
        report = person.downloads("Download Error Report")
        with report.open(newline="") as file:
            failed = list(csv.DictReader(file))
        numbers = [each["itemIndex"] for each in failed]
        assert numbers == (["3"] if stop else ["3", "4", "5"])
        assert (failed[0]["field"], failed[0]["value"]) == ("price", '"a lot"')
        person.button("Close").click()

    # A page that is opened anew finds both tasks, and opens them.
    expect(person.page).to_have_url(re.compile("#/tasks$"), timeout=30_000)
    person.page.reload()
    listed = person.page.get_by_role("row").filter(has_text="prices")
    expect(listed).to_have_count(2, timeout=120_000)
    expect(listed.nth(0)).to_contain_text("Partially Completed")
    expect(listed.nth(1)).to_contain_text("Failed")
    listed.nth(0).get_by_role("button", name="Actions for prices").click()
    with person.page.expect_download() as started:
        person.page.get_by_role("menuitem", name="Download Original File").click()
    assert json.loads(Path(started.value.path()).read_bytes()) == records
    person.page.get_by_role("link", name="prices").first.click()
    person.sees("Task Details")
    expect(person.field("price, 3")).to_have_attribute("aria-invalid", "true")

    mends_the_bicycles(person, person.downloads("Download Failed Records"))
    person.button("Retry Mended Records").click()

    person.sees("The import process completed successfully.")
    person.sees("Repair 1: 3 records came in, 0 records of the task still failed.")


# Those of a person have a detail; those of a script have none.
_COUNT_CLICKS = """() => {
  window.clicks = 0;
  addEventListener("click", (event) => { window.clicks += event.detail > 0; }, true);
}"""


def test_migration_dry_run_and_run(visitor: Person) -> None:
    """With what is needed and without a file; from list to list at most 6 actions."""
    visitor.opens_page("Migrate")
    visitor.field("From").select_option(label=SOURCE)
    visitor.field("To").select_option(label=TARGET)
    visitor.sees("Bring Along What Is Needed")
    visitor.button("Compare Definitions").click()
    visitor.sees("Differences")

    visitor.opens("Export", SOURCE)
    visitor.opens_page("Tasks")
    visitor.page.evaluate(_COUNT_CLICKS)
    visitor.opens_page("Migrate")
    visitor.page.get_by_role("checkbox", name="Repair").locator("visible=true").click()
    order = visitor.page.get_by_role("listitem").filter(has_text="needed by others")
    expect(order.filter(has_text="Customer").first).to_be_in_viewport(timeout=30_000)
    visitor.button("Dry Run").click()
    visitor.sees("The dry run is done. Nothing was written.")
    visitor.button("Migrate Now").click()
    visitor.sees("The migration completed successfully.")
    visitor.button("Close").click()
    expect(visitor.page).to_have_url(re.compile("#/tasks$"), timeout=30_000)
    assert visitor.page.evaluate("window.clicks") == 5
    visitor.page.get_by_role("link", name=re.compile(r"^Migration \d")).first.click()
    table = visitor.page.get_by_role("table", name="Entity Types")
    row = table.locator("visible=true").get_by_role("row").filter(has_text="Repair")
    expect(row).to_contain_text("2,500")


def test_entity_types_are_selected_by_keyboard(visitor: Person) -> None:
    """A search narrows what is ticked at once; the list is one stop of the Tab key."""
    visitor.opens_page("Migrate")
    visitor.sees("0 selected, 6 in all")
    search, keyboard = visitor.field("Search Entity Types"), visitor.page.keyboard
    search.fill("definition")
    visitor.sees("0 selected, 2 found")
    keyboard.press("Tab")
    keyboard.press("Space")
    visitor.sees("2 selected, 2 found")
    search.fill("")
    visitor.sees("2 selected, 6 in all")
    keyboard.press("Tab")
    keyboard.press("Tab")
    keyboard.press("End")
    keyboard.press("ArrowUp")
    keyboard.press("Space")
    visitor.sees("3 selected, 6 in all")
    name = "Select Customer"
    expect(
        visitor.page.get_by_label(name, exact=True).locator("visible=true")
    ).to_be_checked()
    keyboard.press("Tab")
    expect(visitor.button("Cancel")).to_be_focused()


# On how many lines each word of a cell stands.
_LINES_OF_WORDS = """cell => {
  const text = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT).nextNode();
  return [...text.data.matchAll(/\\S+/g)].map((word) => {
    const range = document.createRange();
    range.setStart(text, word.index);
    range.setEnd(text, word.index + word[0].length);
    return range.getClientRects().length;
  });
}"""


def test_words_are_not_broken_on_a_narrow_page(
    person: Person,
) -> None:
    """As in JupyterLab, between its side bars: cards stand below each other there."""
    person.page.add_style_tag(content=".dmc-page { max-width: 847px !important; }")
    person.opens("Export File", SOURCE)
    person.field("Entity Type").select_option(label=BICYCLE)

    person.goes_to("Fields")
    row = person.page.get_by_role("row").filter(has_text="frameNumber")
    label = row.get_by_role("cell", name="Frame Number").locator("visible=true")
    expect(label).to_be_visible()
    assert label.evaluate(_LINES_OF_WORDS) == [1, 1]
    person.goes_to("Source")
    source, file = person.page.locator(".dmc-columns:visible > *").all()
    below = source.evaluate("each => each.getBoundingClientRect().bottom")
    assert file.evaluate("each => each.getBoundingClientRect().top") >= below

    person.button("Cancel").click()
    person.opens("Import File", SOURCE)
    person.field("Entity Type").select_option(label=BICYCLE)
    person.goes_to("Mapping")
    name = person.page.get_by_text("r_bicycles_c_customerERC", exact=True)
    assert name.locator("visible=true").evaluate("x => x.getClientRects().length") == 1


def test_headings_of_the_cards_on_home_stand_at_one_height(person: Person) -> None:
    """Also where the text of one card alone has two lines."""
    person.opens_page("Home")
    person.page.set_viewport_size({"width": 1920, "height": 1000})
    headings = person.page.locator(".dmc-way strong").locator("visible=true")
    expect(headings).to_have_count(3)

    assert len({x["y"] for h in headings.all() if (x := h.bounding_box())}) == 1


WIDTHS = (1920, 1280, 420)


def test_pages_fit_their_width(person: Person, center: Center) -> None:
    """Nothing has to be scrolled sideways; the pictures are for people to look at."""
    center.tasks.start_export(SOURCE, ExportPlan(entity_type="Customer"))
    page = person.page
    person.opens("Import File", SOURCE)
    person.field("Entity Type").select_option(label=CUSTOMER)
    person.uploads(
        "customers.json", b'[{"name": "Zo\xc3\xab", "email": "z@example.com"}]'
    )
    for width in WIDTHS:
        require_fit(person, width, f"import-{width}")
    page.set_viewport_size({"width": 1280, "height": 1000})
    person.button("Cancel").click()
    person.opens_page("Tasks")
    title = page.get_by_role("heading", level=1).locator("visible=true")
    expect(title).to_be_in_viewport()
    frame = page.locator(".dmc-table-frame").locator("visible=true")
    for width in WIDTHS:
        require_fit(person, width, f"list-{width}")
        assert frame.evaluate("each => each.scrollWidth - each.clientWidth") == 0
        actions = page.locator(".dmc-table-more").locator("visible=true").first
        expect(actions).to_be_in_viewport(ratio=1)


def require_fit(person: Person, width: int, name: str) -> None:
    page = person.page
    page.set_viewport_size({"width": width, "height": 1000})
    page.screenshot(path=person.folder / f"{name}.png")
    wide = (
        "document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"
    )
    assert page.evaluate(wide) == 0
