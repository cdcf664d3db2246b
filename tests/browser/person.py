"""Somebody in front of the dashboard, with names from the sample data."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import FilePayload, Locator, Page, ViewportSize, expect

from dmc_widgets.languages import isolate

BICYCLE = "Bicycle (v1.0 - Liferay Object REST)"
CUSTOMER = "Customer (v1.0 - Liferay Object REST)"
DEFINITION = "ObjectDefinition (v1.0 - Liferay Object Admin REST)"
# Where the title of a page is not the word in the navigation.
HEADINGS = {"Migrate": "Migration", "Verify": "Verification"}
# Beside the navigation there are 1,280 pixels.
WINDOW = ViewportSize(width=1492, height=900)
SOURCE, TARGET = "Sample source", "Sample target"


class Person:
    """Does what a person does, in the words that stand on the page."""

    def __init__(self, page: Page, folder: Path) -> None:
        self.page = page
        self.folder = folder

    def field(self, label: str) -> Locator:
        return self.page.get_by_label(label, exact=True).locator("visible=true")

    def button(self, name: str) -> Locator:
        found = self.page.get_by_role("button", name=name, exact=True)
        return found.locator("visible=true")

    def opens_page(self, page: str) -> None:
        """By the navigation, from any page; a form that is opened is empty."""
        pages = self.page.get_by_role("navigation", name="Pages")
        link = pages.get_by_role("link", name=page, exact=True)
        if not link.is_visible():  # on a narrow page
            self.button("Menu").click()
        link.click()
        name = HEADINGS.get(page, page)
        title = self.page.get_by_role("heading", level=1, name=name, exact=True)
        expect(title.locator("visible=true")).to_be_visible(timeout=30_000)

    def opens(self, form: str, installation: str) -> None:
        self.opens_page(form.removesuffix(" File"))
        if form == "Import File":
            self.goes_to("Target")
        self.field("Installation").select_option(label=installation)
        place = "source.db" if installation == SOURCE else "target.db"
        # The lists of the form follow the installation, and so does its address.
        self.sees(place)

    def goes_to(self, step: str) -> None:
        """Open a step of the import or the export that is open."""
        steps = self.page.get_by_role("navigation", name="Steps of the")
        buttons = steps.locator("visible=true").get_by_role("button")
        found = buttons.filter(has_text=step)
        found.click()
        expect(found).to_have_attribute("aria-current", "step", timeout=30_000)

    def returns_to_the_lists(self) -> None:
        """From wherever the person is, in a window of the first size."""
        self.page.set_viewport_size(WINDOW)
        self.page.keyboard.press("Escape")  # closes a menu or a dialog
        self.opens_page("Tasks")

    def sees(self, text: str) -> None:
        shown = self.page.get_by_text(text).locator("visible=true").first
        expect(shown).to_be_visible(timeout=30_000)

    def uploads(self, name: str, content: bytes, label: str = "") -> None:
        file = FilePayload(name=name, mimeType="application/json", buffer=content)
        if not label:
            self.goes_to("File")
        # Others, for mapping files and mended records, wait out of sight.
        seen = self.page.locator("input[type=file]").locator("visible=true")
        chosen = self.page.get_by_label(label) if label else seen
        chosen.set_input_files(file)
        expect(self.button(f"Clear {isolate(name)}")).to_be_visible(timeout=30_000)

    def downloads(self, name: str) -> Path:
        with self.page.expect_download() as started:
            self.button(name).click()
        path = self.folder / started.value.suggested_filename
        started.value.save_as(path)
        return path

    def runs_import(self) -> None:
        self.button("Review Changes").click()
        self.sees("Long values are cut here")
        self.button("Start Import").click()
