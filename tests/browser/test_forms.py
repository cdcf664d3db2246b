"""The forms: names are whole, and differences are accepted or left."""

from __future__ import annotations

import json

from playwright.sync_api import expect

from dmc_widgets.center import Center
from tests.browser.person import BICYCLE, DEFINITION, SOURCE, Person

_LINES = """cell => {
  const text = document.createRange();
  text.selectNodeContents(cell);
  return text.getClientRects().length;
}"""


def test_names_are_not_broken_within_a_word(visitor: Person) -> None:
    visitor.opens("Export File", SOURCE)
    visitor.field("Entity Type").select_option(label=BICYCLE)
    visitor.goes_to("Fields")

    for name in ("frameNumber", "externalReferenceCode"):
        found = visitor.page.get_by_role("cell", name=name, exact=True)
        cell = found.locator("visible=true")
        expect(cell).to_be_visible()
        assert cell.evaluate(_LINES) == 1


CUSTOMER = {
    "externalReferenceCode": "CUSTOMER",
    "label": {"en_US": "Client"},
    "name": "Customer",
    "objectFields": [
        {
            "DBType": "String",
            "businessType": "Text",
            "label": {"en_US": "VAT Number"},
            "name": "vatNumber",
        }
    ],
    "pluralLabel": {"en_US": "Clients"},
    "scope": "company",
    "status": {"code": 0},
}


def test_person_merges_a_definition_and_leaves_its_label(
    visitor: Person, center: Center
) -> None:
    visitor.opens("Import File", SOURCE)
    visitor.field("Entity Type").select_option(label=DEFINITION)
    visitor.uploads("customer.json", json.dumps([CUSTOMER]).encode())
    visitor.goes_to("Target")
    visitor.field("Update Strategy").select_option(label="Merge Records")
    visitor.goes_to("Mapping")
    visitor.button("Compare with the Target").click()
    visitor.sees("Merge Records accepts the selected differences")
    label = "Select ObjectDefinition:Customer.label.en_US"
    visitor.page.get_by_label(label, exact=True).locator("visible=true").uncheck()
    visitor.runs_import()
    visitor.sees("1 updated")

    with center.installations.connect(SOURCE) as opened:
        stored = next(
            x for x in opened.read("ObjectDefinition") if x["name"] == "Customer"
        )
    names = [field["name"] for field in stored["objectFields"]]
    assert {"email", "vatNumber"} <= set(names)
    assert stored["label"]["en_US"] == "Customer"
