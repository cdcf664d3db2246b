"""Parts of definitions and picklists in an embedded installation and over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.installations import connect
from dmc_widgets.installations.addresses import parse_address
from dmc_widgets.installations.connect_options import ConnectOptions
from dmc_widgets.installations.liferay import open_liferay
from dmc_widgets.model.access import Access
from dmc_widgets.model.plan import ImportPlan
from dmc_widgets.model.strategies import ErrorStrategy, Policy
from dmc_widgets.objects.fields.encrypted import Secret
from dmc_widgets.ports import Batch, Installation, Item, Query
from dmc_widgets.tasks.checkers import create_checker
from dmc_widgets.tasks.installation_access import find_entity_type
from tests.installations.databases import KINDS, new_place
from tests.sandbox.conftest import SETTINGS, run_sandbox

ADD = Policy(import_strategy="INSERT", error_strategy=ErrorStrategy.CONTINUE)
PUT = Policy(error_strategy=ErrorStrategy.CONTINUE)
PATCH = Policy(update_strategy="PARTIAL_UPDATE", error_strategy=ErrorStrategy.CONTINUE)

NUMBERS = count()

PARENT = {"objectDefinitionExternalReferenceCode": "CRATE"}
COLUMN = {"objectFieldName": "weight", "priority": 0, "size": 6}
PARTS: dict[str, list[Item]] = {
    "ListTypeEntry": [
        {
            "key": key,
            "listTypeDefinitionExternalReferenceCode": "WOODS",
            "name": key.capitalize(),
            "name_i18n": {"en-US": key.capitalize()},
        }
        for key in ("oak", "pine")
    ],
    "ObjectField": [
        {
            **PARENT,
            "DBType": "Integer",
            "businessType": "Integer",
            "label": {"en_US": "Weight"},
            "name": "weight",
            "required": False,
        },
        {
            **PARENT,
            "DBType": "String",
            "businessType": "Picklist",
            "label": {"en_US": "Wood"},
            "listTypeDefinitionExternalReferenceCode": "WOODS",
            "name": "wood",
            "required": False,
        },
    ],
    "ObjectRelationship": [
        {
            "deletionType": "cascade",
            "externalReferenceCode": "CRATE_TO_APPLES",
            "label": {"en_US": "Apples"},
            "name": "apples",
            "objectDefinitionExternalReferenceCode1": "CRATE",
            "objectDefinitionExternalReferenceCode2": "APPLE",
            "type": "oneToMany",
        },
        {
            "deletionType": "prevent",
            "label": {"en_US": "Owner"},
            "name": "owner",
            "objectDefinitionExternalReferenceCode1": "L_USER",
            "objectDefinitionExternalReferenceCode2": "CRATE",
            "type": "oneToMany",
        },
    ],
    "ObjectLayout": [
        {
            **PARENT,
            "defaultObjectLayout": True,
            "name": {"en_US": "Main"},
            "objectLayoutTabs": [
                {
                    "name": {"en_US": "First"},
                    "objectLayoutBoxes": [
                        {
                            "collapsable": False,
                            "name": {"en_US": "Box"},
                            "objectLayoutRows": [
                                {"objectLayoutColumns": [COLUMN], "priority": 0}
                            ],
                            "priority": 0,
                            "type": "regular",
                        }
                    ],
                    "priority": 0,
                },
                {
                    "name": {"en_US": "Apples"},
                    "objectLayoutBoxes": [],
                    "objectRelationshipExternalReferenceCode": "CRATE_TO_APPLES",
                    "priority": 0,
                },
            ],
        }
    ],
    "ObjectView": [
        {
            **PARENT,
            "defaultObjectView": True,
            "name": {"en_US": "All"},
            "objectViewColumns": [
                {"label": {"en_US": "W"}, "objectFieldName": "weight", "priority": 0}
            ],
        }
    ],
    "ObjectAction": [
        {
            **PARENT,
            "active": True,
            "externalReferenceCode": "CRATE_NOTIFY",
            "label": {"en_US": "Notify"},
            "name": "notify",
            "objectActionExecutorKey": "notification",
            "objectActionTriggerKey": "onAfterAdd",
            "parameters": {"notificationTemplateExternalReferenceCode": "MAIL"},
        }
    ],
    "ObjectValidationRule": [
        {
            **PARENT,
            "active": True,
            "engine": "ddm",
            "errorLabel": {"en_US": "Too heavy"},
            "externalReferenceCode": "CRATE_WEIGHT",
            "name": {"en_US": "Weight"},
            "script": "weight < 30",
        }
    ],
}
"""In the order in which a package holds them."""


def definition(code: str) -> Item:
    """Return a published definition with one field."""
    title = {"businessType": "Text", "label": {"en_US": "Title"}, "name": "title"}
    name = code.capitalize()
    return {
        "externalReferenceCode": code,
        "label": {"en_US": name},
        "name": name,
        "objectFields": [title],
        "pluralLabel": {"en_US": f"{name}s"},
        "scope": "company",
        "status": {"code": 0},
    }


def write(
    installation: Installation, kind: str, items: list[Item], policy: Policy = ADD
) -> list[Any]:
    """Write items; return the outcome of each, or Liferay's text of its failure."""
    entity_type = find_entity_type(installation.entity_types(), kind)
    task = f"{kind} {next(NUMBERS)}"
    batch = Batch(task=task, number=1, items=items, policy=policy)
    return [
        outcome.problem.as_liferay if outcome.problem else outcome.kind.value
        for outcome in installation.write(entity_type, batch)
    ]


def read(installation: Installation, kind: str, **query: Any) -> list[Item]:
    """Read items without what has no value."""
    entity_type = find_entity_type(installation.entity_types(), kind)
    return [
        {name: value for name, value in item.items() if value is not None}
        for item in installation.read(entity_type, Query(**query))
    ]


def new_parts(items: list[Item]) -> list[Item]:
    """Return the parts that the definitions did not have from the start."""
    return [item for item in items if item.get("name") != "title"]


def fill(installation: Installation) -> Installation:
    """Add two objects and a picklist without entries."""
    woods = {"externalReferenceCode": "WOODS", "name": "Woods"}
    assert write(installation, "ListTypeDefinition", [woods]) == ["created"]
    definitions = [definition("CRATE"), definition("APPLE")]
    assert set(write(installation, "ObjectDefinition", definitions)) == {"created"}
    return installation


@pytest.fixture(params=[*KINDS, "server"])
def installation(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Installation]:
    """An installation in each database, and a server that is reached over HTTP."""
    if request.param != "server":
        with new_place(request.param, tmp_path / "crates.db") as place:
            opened = connect(place.url)
            yield fill(opened)
            opened.close()
        return
    with run_sandbox(tmp_path / "sandbox.db") as sandbox:
        access = Access(user=SETTINGS.user)
        options = ConnectOptions(access=access, secret=Secret(SETTINGS.password))
        server = open_liferay(parse_address(sandbox.url), options)
        yield fill(server)
        server.close()


def test_parts_are_written_once_and_travel(
    installation: Installation, tmp_path: Path
) -> None:
    """All kinds are added, a second time unchanged, and equal elsewhere."""
    first = {kind: write(installation, kind, items) for kind, items in PARTS.items()}
    again = {
        kind: write(installation, kind, list(items)) for kind, items in PARTS.items()
    }
    other = fill(connect(f"sqlite:///{tmp_path / 'other.db'}"))
    exported = {kind: read(installation, kind) for kind in PARTS}
    moved = {kind: write(other, kind, items, PUT) for kind, items in exported.items()}

    assert {x for outcomes in first.values() for x in outcomes} == {"created"}
    assert {x for outcomes in again.values() for x in outcomes} == {"unchanged"}
    assert {
        outcome
        for kind, outcomes in moved.items()
        for item, outcome in zip(exported[kind], outcomes, strict=True)
        if item.get("name") != "title"  # which both had before
    } == {"created"}
    assert [new_parts(read(other, kind)) for kind in PARTS] == [
        new_parts(exported[kind]) for kind in PARTS
    ]
    other.close()


def test_preview_says_what_an_import_does(installation: Installation) -> None:
    """A part that is there with what the installation adds to it is unchanged."""
    weight, wood = PARTS["ObjectField"]
    write(installation, "ObjectField", [weight])
    types = installation.entity_types()
    entity_type = find_entity_type(types, "ObjectField")
    plan = ImportPlan(entity_type=entity_type, policy=ADD)
    checker = create_checker(installation, types, entity_type, plan)

    expected = checker.predict_outcomes([weight, wood, weight | {"required": True}])

    assert [outcome.kind for outcome in expected] == ["unchanged", "created", "failed"]
    outcomes = write(installation, "ObjectField", [weight, wood])
    assert outcomes == ["unchanged", "created"]


def test_parts_are_updated_by_their_keys(installation: Installation) -> None:
    """A field is patched and replaced; an equal one of another strategy stays."""
    weight, _ = PARTS["ObjectField"]
    change = {**PARENT, "label": {"en_US": "Mass"}, "name": "weight"}
    write(installation, "ObjectField", [weight])

    patched = write(installation, "ObjectField", [change], PATCH)
    refused = write(installation, "ObjectField", [weight], ADD)
    replaced = write(installation, "ObjectField", [dict(weight)], PUT)
    (field,) = read(installation, "ObjectField", filter="name eq 'weight'")

    assert (patched, refused) == (["updated"], ["Duplicate name weight"])
    assert (replaced, field["label"]) == (["updated"], {"en_US": "Weight"})


def test_what_breaks_a_definition_is_refused(installation: Installation) -> None:
    """A missing definition is named; a batch goes on after a refused part."""
    weight, _ = PARTS["ObjectField"]

    outcomes = write(
        installation,
        "ObjectField",
        [
            weight | {"objectDefinitionExternalReferenceCode": "GONE"},
            weight | {"name": "Weight"},
            weight,
        ],
    )

    assert outcomes == [
        "No ObjectDefinition exists with the external reference code GONE",
        "The first character of a name must be a lower case letter",
        "created",
    ]


def test_parts_are_fetched_by_the_keys_of_their_outcomes(
    installation: Installation,
) -> None:
    """The key joins the code of the definition and the name of the part."""
    write(installation, "ObjectField", PARTS["ObjectField"])
    entity_type = find_entity_type(installation.entity_types(), "ObjectField")

    fetched = installation.fetch(entity_type, ["CRATE/weight", "CRATE/none", "GONE/a"])

    assert list(fetched) == ["CRATE/weight"]
    assert fetched["CRATE/weight"]["objectDefinitionExternalReferenceCode"] == "CRATE"


def test_relationship_of_a_liferay_object_makes_a_field(
    installation: Installation,
) -> None:
    """No definition ``L_USER`` is in the installation, and none is needed."""
    write(installation, "ObjectRelationship", PARTS["ObjectRelationship"])

    (crate,) = read(
        installation, "ObjectDefinition", filter="externalReferenceCode eq 'CRATE'"
    )[:1]

    names = [field["name"] for field in crate["objectFields"]]
    assert "r_owner_userId" in names
