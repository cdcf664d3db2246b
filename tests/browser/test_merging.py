"""A person compares a file with the target and leaves what it should not change."""

from __future__ import annotations

import json

from dmc_widgets.center import Center
from tests.browser.person import DEFINITION, SOURCE, Person

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
