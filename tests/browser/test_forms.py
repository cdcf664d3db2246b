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


def test_names_are_not_broken_within_a_word(person: Person) -> None:
    person.opens("Export File", SOURCE)
    person.field("Entity Type").select_option(label=BICYCLE)

    for name in ("frameNumber", "externalReferenceCode"):
        found = person.page.get_by_role("cell", name=name, exact=True)
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
    person: Person, center: Center
) -> None:
    person.opens("Import File", SOURCE)
    person.field("Entity Type").select_option(label=DEFINITION)
    person.uploads("customer.json", json.dumps([CUSTOMER]).encode())
    person.field("Update Strategy").select_option(label="Merge Records")
    person.button("Compare with the Target").click()
    person.sees("Merge Records accepts the selected differences")
    label = "Select ObjectDefinition:Customer.label.en_US"
    person.page.get_by_label(label, exact=True).locator("visible=true").uncheck()
    person.runs_import()
    person.sees("1 updated")

    with center.installations.connect(SOURCE) as opened:
        stored = next(
            x for x in opened.read("ObjectDefinition") if x["name"] == "Customer"
        )
    names = [field["name"] for field in stored["objectFields"]]
    assert {"email", "vatNumber"} <= set(names)
    assert stored["label"]["en_US"] == "Customer"
