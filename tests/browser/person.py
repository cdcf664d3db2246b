"""Somebody in front of the dashboard, with names from the sample data."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import FilePayload, Locator, Page, expect

BICYCLE = "Bicycle (v1.0 - Liferay Object REST)"
CUSTOMER = "Customer (v1.0 - Liferay Object REST)"
DEFINITION = "ObjectDefinition (v1.0 - Liferay Object Admin REST)"
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

    def opens(self, form: str, installation: str) -> None:
        self.button("New").click()
        self.button(form).click()
        self.field("Installation").select_option(label=installation)
        place = "source.db" if installation == SOURCE else "target.db"
        # The lists of the form follow the installation, and so does its address.
        self.sees(place)

    def sees(self, text: str) -> None:
        shown = self.page.get_by_text(text).locator("visible=true").first
        expect(shown).to_be_visible(timeout=30_000)

    def uploads(self, name: str, content: bytes, label: str = "") -> None:
        file = FilePayload(name=name, mimeType="application/json", buffer=content)
        # Others, for mapping files, wait out of sight.
        every = self.page.locator("input[type=file]")
        chosen = self.page.get_by_label(label) if label else every.first
        chosen.set_input_files(file)
        expect(self.button(f"Clear {name}")).to_be_visible(timeout=30_000)

    def downloads(self, name: str) -> Path:
        with self.page.expect_download() as started:
            self.button(name).click()
        path = self.folder / started.value.suggested_filename
        started.value.save_as(path)
        return path

    def runs_import(self) -> None:
        self.button("Next").click()
        self.sees("Long values are cut here")
        self.button("Start Import").click()
