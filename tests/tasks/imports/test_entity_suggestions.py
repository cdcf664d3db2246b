"""Which entity type the records of a file belong to, and why."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from dmc_widgets.model.entity_type import OBJECT_ENTRY, EntityType, Field
from dmc_widgets.tasks.imports.entity_suggestions import (
    EarlierUse,
    suggest_entity_types,
)
from dmc_widgets.tasks.imports.file_head import read_head

BICYCLE_KEY = f"{OBJECT_ENTRY}#C_Bicycle"


def entity_type(name: str, *fields: Field) -> EntityType:
    return EntityType(
        name=f"C_{name}",
        label=f"{name} (v1.0 - Liferay Object REST)",
        class_name=OBJECT_ENTRY,
        delegate=f"C_{name}",
        fields=(Field(name="externalReferenceCode"), *fields),
    )


CUSTOMER = entity_type(
    "Customer",
    Field(name="name", label="Full Name", custom=True),
    Field(name="email", other_labels=(("de_DE", "E-Mail-Adresse"),), custom=True),
    Field(name="secret", unsupported_formats=frozenset({"CSV"}), custom=True),
)
BICYCLE = entity_type(
    "Bicycle", Field(name="name", custom=True), Field(name="frame", custom=True)
)
TYPES = (BICYCLE, CUSTOMER)


def batch_file(delegate: str) -> str:
    configuration = {"className": OBJECT_ENTRY, "taskItemDelegateName": delegate}
    items = [{"email": "a@x", "name": "Ada"}]
    return json.dumps({"configuration": configuration, "items": items})


def suggest(
    tmp_path: Path, name: str, content: str, earlier: EarlierUse | None = None
) -> list[tuple[str, bool]]:
    path = tmp_path / name
    path.write_text(content)
    given = (earlier,) if earlier else ()
    found = suggest_entity_types(TYPES, read_head(path), *given)
    return [(x.sentence, x.clear) for x in found]


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        pytest.param(
            "a.csv",
            "full_name,E-Mail-Adresse,town\nAda,a@x,Paris\n",
            [("Customer: 2 of 3 columns are its fields.", True)],
            id="labels-in-any-language",
        ),
        pytest.param(
            "a.csv",
            "externalReferenceCode,name\nA,Ada\n",
            [
                ("Bicycle: 2 of 2 columns are its fields.", False),
                ("Customer: 2 of 2 columns are its fields.", False),
            ],
            id="what-both-have-decides-nothing",
        ),
        pytest.param(
            "2026 customers.csv",
            "externalReferenceCode,name\nA,Ada\n",
            [
                (
                    "Customer: 2 of 2 columns are its fields; the file is named after "
                    "it.",
                    True,
                ),
                ("Bicycle: 2 of 2 columns are its fields.", False),
            ],
            id="the-name-of-the-file-decides-then",
        ),
        pytest.param(
            "a.csv",
            "frame,email,x,y\n1,2,3,4\n",
            [
                ("Bicycle: 1 of 4 columns are its fields.", False),
                ("Customer: 1 of 4 columns are its fields.", False),
            ],
            id="little-evidence-is-not-enough",
        ),
        pytest.param("a.csv", "secret,x\n1,2\n", [], id="a-table-cannot-hold-it"),
        pytest.param(
            "a.json",
            batch_file("C_Bicycle"),
            [("Bicycle: the file states it.", True)],
            id="what-the-file-states-wins",
        ),
        pytest.param(
            "a.json",
            batch_file("C_Boat"),
            [("Customer: 2 of 2 names in the file are its fields.", False)],
            id="a-stated-type-that-the-target-lacks-leaves-nothing-clear",
        ),
    ],
)
def test_entity_type_is_suggested_with_its_reason(
    tmp_path: Path, name: str, content: str, expected: list[tuple[str, bool]]
) -> None:
    assert suggest(tmp_path, name, content) == expected


def test_earlier_imports_decide_where_the_columns_do_not(tmp_path: Path) -> None:
    """Columns that were imported count as its fields; the same file counts more."""
    reason = "task 3 imported this file as it"
    earlier = EarlierUse(columns={BICYCLE_KEY: {"Rahmen"}}, files={BICYCLE_KEY: reason})

    found = suggest(tmp_path, "a.csv", "Rahmen,name\n1,2\n", earlier)

    assert found[0] == (f"Bicycle: {reason}; 2 of 2 columns are its fields.", True)


def test_part_of_a_definition_is_offered_and_never_selected(tmp_path: Path) -> None:
    """An empty target knows nothing else with a name and a code."""
    path = tmp_path / "a.csv"
    path.write_text("externalReferenceCode,name\nA,Ada\n")
    part = replace(CUSTOMER, part_of="ListTypeDefinition")

    found = suggest_entity_types((part,), read_head(path))

    assert [(x.name, x.clear) for x in found] == [("Customer", False)]
