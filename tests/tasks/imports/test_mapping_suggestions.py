"""Headers as people write them, and the fields that they are taken for, or not."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from dmc_widgets.center import Center
from dmc_widgets.model.entity_type import (
    OBJECT_DEFINITION,
    OBJECT_ENTRY,
    EntityType,
    Field,
)
from dmc_widgets.model.mapping import FieldMapping, Mapping
from dmc_widgets.model.plan import ImportPlan
from dmc_widgets.model.value_conversion import NumberFormat
from dmc_widgets.tasks.imports.mapping_suggestions import Suggestion, suggest_mapping

CASE = "same name but for case and punctuation"
LABEL = "same as the label"
NAME = "same name"

FIELDS = {
    "externalReferenceCode": "External Reference Code",
    "active": "Active",
    "addressLine1": "Address Line 1",
    "addressLine2": "Address Line 2",
    "billingAddress": "Billing Address",
    "birthday": "Birthday",
    "city": "City",
    "contractNumber": "Contract",
    "country": "Country",
    "customerDescription": "Beschreibung",
    "emailAddress": "E-Mail",
    "endDate": "End Date",
    "firstName": "Vorname",
    "groesse": "Größe (cm)",
    "lastName": "Nachname",
    "name": "Name",
    "orderDate": "Order Date",
    "postalCode": "Postleitzahl",
    "price": "Price",
    "quantity": "Quantité",
    "r_owner_c_personERC": "Owner",
    "r_owner_c_personId": "Owner",
    "startDate": "Start Date",
    "status": "Status",
    "strasse": "Straße",
    "telephone": "Numéro de téléphone",
    "vat": "VAT",
}


def entity_type(*fields: Field, open_: bool = False) -> EntityType:
    return EntityType(
        name="C_Customer",
        label="Customer",
        class_name=OBJECT_DEFINITION if open_ else OBJECT_ENTRY,
        fields=fields,
        open=open_,
    )


CUSTOMER = entity_type(
    *(Field(name=name, label=label) for name, label in FIELDS.items()),
    Field(name="dateCreated", label="Create Date", read_only=True),
    Field(name="id", label="ID", read_only=True),
)


@pytest.mark.parametrize(
    ("source", "target", "reason"),
    [
        ("name", "name", NAME),
        ("externalReferenceCode", "externalReferenceCode", NAME),
        ("r_owner_c_personERC", "r_owner_c_personERC", NAME),
        ("Name", "name", LABEL),
        ("Vorname", "firstName", LABEL),
        (" Nachname ", "lastName", LABEL),
        ("E-Mail", "emailAddress", LABEL),
        ("Größe (cm)", "groesse", LABEL),
        ("Straße", "strasse", LABEL),
        ("Quantité", "quantity", LABEL),
        ("Numéro de téléphone", "telephone", LABEL),
        ("External Reference Code", "externalReferenceCode", LABEL),
        ("VAT", "vat", LABEL),
        ("NAME", "name", CASE),
        ("first_name", "firstName", CASE),
        ("First Name", "firstName", CASE),
        ("last-name", "lastName", CASE),
        ("LastName", "lastName", CASE),
        ("START_DATE", "startDate", CASE),
        ("start date:", "startDate", CASE),
        ("email.address ", "emailAddress", CASE),
        ("eMail", "emailAddress", CASE),
        ("Größe", "groesse", CASE),
        ("GROESSE (CM)", "groesse", CASE),
        ("Grosse (cm)", "groesse", CASE),
        ("STRASSE", "strasse", CASE),
        ("quantite", "quantity", CASE),
        ("numero_de_telephone", "telephone", CASE),
        ("external-reference-code", "externalReferenceCode", CASE),
        ("address_line_2", "addressLine2", CASE),
        ("Téléphone", "telephone", CASE),
        ("E-Mail Adress", "emailAddress", "91 % similar to the name"),
        ("Fist Name", "firstName", "88 % similar to the name"),
        ("Beschriebung", "customerDescription", "91 % similar to the label"),
        ("Postleizahl", "postalCode", "91 % similar to the label"),
        ("contract_numbr", "contractNumber", "92 % similar to the name"),
        ("Biling Address", "billingAddress", "92 % similar to the name"),
        ("numero de telefon", "", ""),
        ("prize", "", ""),
        ("state", "", ""),
        ("cite", "", ""),
        ("county", "", ""),
        ("Contact", "", ""),
        ("inactive", "", ""),
        ("birthdate", "", ""),
        ("order data", "", ""),
        ("mailing address", "", ""),
        ("address line 3", "", ""),
        ("vet", "", ""),
        ("names", "", ""),
        ("dateCreated", "", ""),
        ("Owner", "", ""),
        ("externalReferenceCod", "", ""),
        ("r_owner_c_persnId", "", ""),
        ("id", "", ""),
        ("ID", "", ""),
        ("status.key", "", ""),
        ("first.Name", "", ""),
        ("", "", ""),
        ("---", "", ""),
    ],
)
def test_header_is_matched_with_a_field(source: str, target: str, reason: str) -> None:
    """What looks alike but means something else is not suggested."""
    found = suggest_mapping(CUSTOMER, [source])

    expected = [(source, target, reason)] if target else []
    assert [(each.source, each.target, each.reason) for each in found] == expected


def test_most_certain_rule_wins() -> None:
    """Each source and each target is used once; the order is that of the file."""
    sources = ["first_name", "Fist Name", "Vorname", "E-Mail Adress", "lastName"]

    found = suggest_mapping(CUSTOMER, sources)

    assert [(each.source, each.target, each.doubtful) for each in found] == [
        ("Vorname", "firstName", False),
        ("E-Mail Adress", "emailAddress", True),
        ("lastName", "lastName", False),
    ]
    assert [round(each.score, 2) for each in found] == [0.95, 0.82, 1.0]


@pytest.mark.parametrize(
    "sources",
    [["last_name", "LAST NAME", "last-name"], ["last-name", "last_name", "LAST NAME"]],
)
def test_equal_scores_are_decided_by_name(sources: list[str]) -> None:
    assert suggest_mapping(CUSTOMER, sources) == (
        Suggestion("LAST NAME", "lastName", 0.93, CASE),
    )


def test_earlier_mapping_wins_over_the_same_name() -> None:
    """The latest wins; fields that the file or the type lacks are passed over."""
    remembered = [
        FieldMapping("Titel", "name"),
        FieldMapping("name", "city"),
        FieldMapping("city", "city"),
        FieldMapping("gone", "country"),
        FieldMapping("price", "gone"),
        FieldMapping("price", "dateCreated"),
    ]

    found = suggest_mapping(CUSTOMER, ["name", "Titel", "city", "price"], remembered)

    assert found == (
        Suggestion("name", "city", 1.0, "used before"),
        Suggestion("Titel", "name", 1.0, "used before"),
        Suggestion("price", "price", 1.0, NAME),
    )


def test_open_entity_type_keeps_unlisted_names() -> None:
    """So that no part of a definition is lost."""
    definition = entity_type(
        Field(name="id", read_only=True), Field(name="name"), open_=True
    )

    found = suggest_mapping(definition, ["id", "Name", "zebra", "a.b"])

    assert [(each.source, each.target) for each in found] == [
        ("Name", "Name"),
        ("zebra", "zebra"),
        ("a.b", "a.b"),
    ]


def test_dotted_column_matches_by_exact_name_only() -> None:
    """The reader has built what belongs to a nested value already."""
    type_ = entity_type(Field(name="a.b"), Field(name="status", parts=("key", "name")))

    found = suggest_mapping(type_, ["a.b", "status", "status.key", "status.name"])

    assert [(each.source, each.target) for each in found] == [
        ("a.b", "a.b"),
        ("status", "status"),
    ]


def test_fields_of_all_records_of_the_head_are_offered(
    center: Center, tmp_path: Path
) -> None:
    """Not those of the first only, as Liferay does."""
    path = tmp_path / "tickets.json"
    path.write_text(json.dumps([{"Title": "Leak"}, {"PRIORITY": 2}, {"x": 1}]))
    head = center.files.read_head(path)
    ticket = center.installations.entity_type("target", "Ticket")

    assert head.fields == ("Title", "PRIORITY", "x")
    assert center.mappings.suggestions(ticket, head) == (
        Suggestion("Title", "title", 0.95, LABEL),
        Suggestion("PRIORITY", "priority", 0.93, CASE),
    )
    assert center.mappings.suggest(ticket, head) == Mapping(
        (FieldMapping("Title", "title"), FieldMapping("PRIORITY", "priority"))
    )


def test_a_started_import_is_remembered_for_its_entity_type(
    center: Center, tmp_path: Path
) -> None:
    """Under the full key, whatever the plan calls it."""
    path = tmp_path / "tickets.json"
    path.write_text(json.dumps([{"subject": "Leak"}]))
    pairs = (FieldMapping("subject", "title"),)
    plan = ImportPlan(entity_type="Ticket", mapping=Mapping(pairs))

    center.tasks.wait(center.tasks.start_import("target", plan, path).id)

    ticket = center.installations.entity_type("target", "Ticket")
    assert center.mappings.suggestions(ticket, center.files.read_head(path)) == (
        Suggestion("subject", "title", 1.0, "used before"),
    )


def test_earlier_import_decides_how_a_source_is_read(
    center: Center, tmp_path: Path
) -> None:
    """Next month's file is written like the one before, and mapped like it."""
    path = tmp_path / "tickets.json"
    path.write_text(json.dumps([{"subject": "Leak", "priority": "1.000"}]))
    pairs = (
        FieldMapping("subject", "title"),
        FieldMapping("priority", "priority", format=NumberFormat(",", ".")),
    )
    plan = ImportPlan(entity_type="Ticket", mapping=Mapping(pairs))

    center.tasks.wait(center.tasks.start_import("target", plan, path).id)

    ticket, head = (
        center.installations.entity_type("target", "Ticket"),
        center.files.read_head(path),
    )
    assert center.mappings.suggest(ticket, head) == Mapping(pairs)
    reasons = [
        suggestion.reason for suggestion in center.mappings.suggestions(ticket, head)
    ]
    assert reasons == ["used before", "used before"]


def test_labels_in_other_languages_ask_to_be_checked() -> None:
    """Of a label that two fields share none is taken."""
    type_ = entity_type(
        Field(
            name="name",
            label="Name",
            other_labels=(("de_DE", "Kundenname"), ("de_CH", "Bezeichnung")),
        ),
        Field(name="phone", other_labels=(("de_DE", "Telefon"),)),
        Field(name="fax", other_labels=(("de_DE", "Telefon"),)),
    )

    found = suggest_mapping(type_, ["kundenname", "Telefon"])

    assert [(x.source, x.target, x.reason, x.doubtful) for x in found] == [
        ("kundenname", "name", "same as the label in another language", True)
    ]


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("emial", "email"),
        ("nmae", ""),
        ("emali", "email"),
        ("Item E-Mail", "email"),
        ("Name of Item", ""),
        ("item_phone", "phone"),
        ("phnoe", "phone"),
        ("mobile", ""),
    ],
)
def test_likely_names_ask_to_be_checked(source: str, target: str) -> None:
    """Two swapped letters, or the name of the entity type beside that of the field."""
    type_ = entity_type(
        Field(name="email", label="E-Mail"), Field(name="name"), Field(name="phone")
    )
    type_ = replace(type_, name="C_Item", delegate="C_Item")

    found = suggest_mapping(type_, [source])

    assert [x.target for x in found] == ([target] if target else [])
    assert all(x.doubtful for x in found)
