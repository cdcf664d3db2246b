"""The sample data is whole, varied, and taken by an installation without a word."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from dmc_widgets.installations import connect
from dmc_widgets.model.entity_type import EntityType
from dmc_widgets.ports import Installation, Item, Query
from dmc_widgets.tasks.samples import generate_entries, write_sample_data


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    opened = connect(f"sqlite:///{tmp_path_factory.mktemp('sample')}/source.db")
    write_sample_data(opened)
    yield opened
    opened.close()


def entity_type(installation: Installation, name: str) -> EntityType:
    return next(
        entity_type
        for entity_type in installation.entity_types()
        if entity_type.is_named(name)
    )


def items(installation: Installation, name: str) -> list[Item]:
    return list(installation.read(entity_type(installation, name), Query()))


def test_three_objects_can_be_moved(installation: Installation) -> None:
    """Definitions are published, so each object is an entity type of its own."""
    alone = [kind for kind in installation.entity_types() if not kind.part_of]
    assert [entity_type.name for entity_type in alone] == [
        "C_Bicycle",
        "C_Customer",
        "ListTypeDefinition",
        "ObjectDefinition",
        "ObjectFolder",
        "C_Repair",
    ]


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("ObjectDefinition", 3),
        ("ListTypeDefinition", 4),
        ("Customer", 800),
        ("Bicycle", 1200),
        ("Repair", 2500),
    ],
)
def test_every_entry_arrives(installation: Installation, name: str, count: int) -> None:
    """Nothing that was made is missing, and nothing is there twice."""
    keys = [item["externalReferenceCode"] for item in items(installation, name)]

    assert len(keys) == count
    assert len(set(keys)) == count


def test_writing_sample_data_twice_changes_nothing(installation: Installation) -> None:
    """Each batch bears a mark, so the second time finds it done."""
    before = items(installation, "Bicycle")

    write_sample_data(installation)

    assert items(installation, "Bicycle") == before


def test_every_field_type_is_there(installation: Installation) -> None:
    """Whatever the embedded installation supports can be tried on the sample."""
    types = {
        field["businessType"]
        for item in items(installation, "ObjectDefinition")
        for field in item["objectFields"]
        if not field["system"]
    }

    assert types == {
        "Boolean",
        "Date",
        "DateTime",
        "Decimal",
        "Integer",
        "LongInteger",
        "LongText",
        "MultiselectPicklist",
        "Picklist",
        "PrecisionDecimal",
        "Relationship",
        "RichText",
        "Text",
    }


def test_prices_keep_their_digits(installation: Installation) -> None:
    """A price has sixteen decimals, more than a float holds."""
    made = {
        item["externalReferenceCode"]: item["price"]
        for name, entries in generate_entries()
        if name == "C_Bicycle"
        for item in entries
    }

    stored = {
        item["externalReferenceCode"]: Decimal(str(item["price"]))
        for item in items(installation, "Bicycle")
    }

    assert stored == made
    assert max(len(price.as_tuple().digits) for price in stored.values()) == 20


def test_relationships_lead_to_entries(installation: Installation) -> None:
    """Bicycles have customers, repairs have bicycles, customers have customers."""
    keys = {
        name: {item["externalReferenceCode"] for item in items(installation, name)}
        for name in ("Customer", "Bicycle")
    }
    parents = {
        field: {item[field] for item in items(installation, name)} - {""}
        for name, field in (
            ("Bicycle", "r_bicycles_c_customerERC"),
            ("Repair", "r_repairs_c_bicycleERC"),
            ("Customer", "r_referral_c_customerERC"),
        )
    }

    assert parents["r_bicycles_c_customerERC"] <= keys["Customer"]
    assert parents["r_repairs_c_bicycleERC"] <= keys["Bicycle"]
    assert parents["r_referral_c_customerERC"] <= keys["Customer"]
    assert all(parents.values())


def test_same_seed_generates_the_same_entries() -> None:
    """Two fresh workspaces hold equal data, so that examples can name entries."""
    first, second = list(generate_entries()), list(generate_entries())

    assert first == second
    assert first[0][1][0]["email"] == "customer1@example.com"


def test_sample_texts_are_difficult() -> None:
    """Quotation marks, umlauts and every kind of line break are in the texts."""
    texts = "".join(
        value
        for _, entries in generate_entries()
        for entry in entries
        for value in entry.values()
        if isinstance(value, str)
    )

    assert {'"', "'", "“", "ü", "Ł", "\n", "\r", "\t", "<", "&", ";", "#"} <= set(texts)


def test_sample_data_folder_is_a_package() -> None:
    """The definitions are files as Liferay's own tools write them."""
    folder = Path(write_sample_data.__code__.co_filename).parent / "sample_data"

    assert [path.name for path in sorted(folder.iterdir())] == [
        "01-folder.batch-engine-data.json",
        "02-picklists.batch-engine-data.json",
        "03-definitions.batch-engine-data.json",
    ]
