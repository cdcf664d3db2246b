"""How the names of fields stand in the table of the export form."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.person import BICYCLE, SOURCE, Person

_LINES = """cell => {
  const text = document.createRange();
  text.selectNodeContents(cell);
  return text.getClientRects().length;
}"""


def test_names_are_not_broken_within_a_word(person: Person) -> None:
    person.opens("Export File", SOURCE)
    person.field("Entity Type").select_option(label=BICYCLE)

    for name in ("frameNumber", "externalReferenceCode"):
        found = person.page.get_by_role("cell", name=name, exact=True)
        cell = found.locator("visible=true")
        expect(cell).to_be_visible()
        assert cell.evaluate(_LINES) == 1
