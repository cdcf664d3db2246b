"""The registry of document kinds."""

from __future__ import annotations

import pytest

from dmc_widgets.objects.documents.document_kind import DocumentKind
from dmc_widgets.objects.documents.kinds import (
    DOCUMENT_KINDS,
    KINDS_BY_CLASS,
    KINDS_BY_NAME,
    parse_stored_document,
)
from dmc_widgets.objects.documents.references import REFERENCE_PROPERTIES

each_kind = pytest.mark.parametrize(
    "kind", DOCUMENT_KINDS, ids=lambda kind: str(kind.name)
)


def test_kinds_move_in_the_order_of_their_references() -> None:
    """Folders and picklists come before the definitions that refer to them."""
    assert [kind.name for kind in DOCUMENT_KINDS] == [
        "ObjectFolder",
        "ListTypeDefinition",
        "ObjectDefinition",
    ]


def test_each_kind_has_names_and_paths_of_its_own() -> None:
    assert len(KINDS_BY_NAME) == len(KINDS_BY_CLASS) == len(DOCUMENT_KINDS)
    assert [kind.path for kind in DOCUMENT_KINDS] == [
        "/o/object-admin/v1.0/object-folders",
        "/o/headless-admin-list-type/v1.0/list-type-definitions",
        "/o/object-admin/v1.0/object-definitions",
    ]


@each_kind
def test_tables_of_a_kind_name_listed_properties_only(kind: DocumentKind) -> None:
    """A misspelled property in one of them would silently have no effect."""
    listed = {name for names in kind.properties.values() for name in names.split()}

    assert kind.required <= listed
    assert kind.shape.keys() <= listed
    assert kind.alternatives.keys() <= listed
    assert {parts.name for parts in kind.part_lists} <= listed
    assert kind.read_only - listed <= {"actions"}


@each_kind
def test_reference_property_leads_to_its_kind(kind: DocumentKind) -> None:
    properties = {
        name for name, target in REFERENCE_PROPERTIES.items() if target == kind.name
    }

    assert properties == set(kind.referenced_by)


@pytest.mark.parametrize(
    ("kind", "erc", "expected"),
    [
        pytest.param("ObjectDefinition", "L_USER", True, id="definition-of-liferay"),
        pytest.param("ObjectDefinition", "USER", False, id="definition-of-people"),
        pytest.param("ObjectFolder", "default", True, id="default-folder"),
        pytest.param("ObjectFolder", "L_FOLDER", False, id="folder-with-the-prefix"),
        pytest.param("ListTypeDefinition", "L_COLORS", False, id="picklist"),
    ],
)
def test_builtin_document_is_recognised_by_its_code(
    kind: str, erc: str, expected: bool
) -> None:
    assert KINDS_BY_NAME[kind].is_builtin(erc) is expected


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("ObjectFolder", "Desk"),
        ("ObjectDefinition", "Desk"),
        ("ListTypeDefinition", "D"),
    ],
)
def test_document_without_a_unique_name_is_identified_by_its_code(
    kind: str, name: str
) -> None:
    item = {"externalReferenceCode": "D", "name": "Desk", "id": 7, "objectFields": []}

    assert parse_stored_document(kind, item).name == name


def test_exported_document_has_its_dates_and_its_id() -> None:
    kind = KINDS_BY_NAME["ObjectFolder"]
    folder = kind.parse({"externalReferenceCode": "D", "name": "Desk", "id": 1})

    assert kind.export(folder, 7, 0, 86_400_000) == {
        "externalReferenceCode": "D",
        "name": "Desk",
        "dateCreated": "1970-01-01T00:00:00Z",
        "dateModified": "1970-01-02T00:00:00Z",
        "id": 7,
    }
