"""Formula and Aggregation fields of entries in a SQL database."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, event

from dmc_widgets.installations.sql import SqlInstallation
from dmc_widgets.ports import Batch, Item, Query
from dmc_widgets.testing.samples import (
    CONTINUE,
    CREATED,
    UNCHANGED,
    field,
    kinds,
    read,
    type_named,
    write,
)
from tests.factories import definition
from tests.installations.databases import Place, open_at

pytestmark = pytest.mark.each_database

SCRIPTS = {
    "doubled": ("price * 2", "Decimal"),
    "half": ("amount / 2", "Integer"),
    "odd": ("IF(amount > 1, 2, 3)", "Decimal"),
    "zero": ("1 / (amount - amount)", "Decimal"),
}


def aggregation(name: str, function: str, over: str = "", **settings: Any) -> Item:
    stated = {"objectRelationshipName": "lines", "function": function, **settings}
    if over:
        stated["objectFieldName"] = over
    return field(name, "Aggregation", settings=stated)


LINES = {
    "name": "lines",
    "label": {"en_US": "Lines"},
    "type": "oneToMany",
    "deletionType": "prevent",
    "objectDefinitionExternalReferenceCode1": "ORDER",
    "objectDefinitionExternalReferenceCode2": "LINE",
}
AGGREGATIONS = [
    aggregation("number", "COUNT"),
    aggregation("total", "SUM", "price"),
    aggregation("mean", "AVERAGE", "amount"),
    aggregation("least", "MIN", "amount"),
    aggregation("most", "MAX", "price"),
    aggregation("ofText", "MAX", "note"),
    aggregation("filtered", "COUNT", filters=[{"filterBy": "note"}]),
    aggregation("unknown", "MEDIAN", "price"),
    aggregation("nowhere", "COUNT", objectRelationshipName="ghost"),
]
ORDER = definition(
    "Order", field("title", "Text"), *AGGREGATIONS, objectRelationships=[LINES]
)
LINE = definition(
    "Line",
    field("price", "PrecisionDecimal"),
    field("amount", "Integer"),
    field("note", "Text"),
    *(
        field(name, "Formula", settings={"script": script, "output": output})
        for name, (script, output) in SCRIPTS.items()
    ),
)


@pytest.fixture
def desk(place: Place) -> Iterator[SqlInstallation]:
    installation = open_at(place, "desk")
    yield installation
    installation.close()


def test_an_aggregation_with_filters_says_that_it_is_not_computed(
    desk: SqlInstallation,
) -> None:
    """The form of Liferay's filters is not known, and a wrong number is worse."""
    write(desk, "ObjectDefinition", LINE, ORDER)
    fields = type_named(desk, "C_Order").fields

    told = {field.name: field.description for field in fields if field.description}

    assert told == {
        "filtered": "Has filters, whose form is not known here: an embedded "
        "installation reads it as null"
    }


@pytest.fixture
def shop(desk: SqlInstallation) -> SqlInstallation:
    assert kinds(write(desk, "ObjectDefinition", LINE, ORDER)) == [CREATED] * 2
    orders = [{"externalReferenceCode": code} for code in ("FULL", "BARE", "EMPTY")]
    lines = [
        line("1", "FULL", price="0.1", amount=1),
        line("2", "FULL", price="0.2", amount=2),
        line("3", "FULL"),
        line("4", "BARE"),
        line("5", "", price="9", amount=9),
    ]
    write(desk, "C_Order", *orders)
    assert kinds(write(desk, "C_Line", *lines)) == [CREATED] * 5
    return desk


def line(code: str, order: str, **values: Any) -> Item:
    return {"externalReferenceCode": code, "r_lines_c_orderERC": order, **values}


def test_formulas_are_computed_from_the_values_of_their_entry(
    shop: SqlInstallation,
) -> None:
    items = read(shop, "C_Line", "doubled", "half", "odd", "zero")

    assert items[1] == {
        "doubled": Decimal("0.4"),
        "half": 1,
        "odd": None,
        "zero": None,
    }
    assert items[2] == dict.fromkeys(SCRIPTS)


def test_aggregations_are_computed_from_the_related_entries(
    shop: SqlInstallation,
) -> None:
    names = ("number", "total", "mean", "least", "most")

    assert read(shop, "C_Order", *names) == [
        {
            "number": 3,
            "total": Decimal("0.3"),
            "mean": Decimal("1.5"),
            "least": 1,
            "most": Decimal("0.2"),
        },
        {"number": 1, "total": None, "mean": None, "least": None, "most": None},
        {"number": 0, "total": None, "mean": None, "least": None, "most": None},
    ]


@pytest.mark.parametrize("name", ["ofText", "filtered", "unknown", "nowhere"])
def test_an_aggregation_that_cannot_be_computed_is_null(
    shop: SqlInstallation, name: str
) -> None:
    assert [entry[name] for entry in read(shop, "C_Order")] == [None] * 3


def test_an_aggregation_follows_lines_that_move(shop: SqlInstallation) -> None:
    write(shop, "C_Line", line("1", "EMPTY", price="5", amount=1))

    numbers = [entry["number"] for entry in read(shop, "C_Order", "number")]

    assert numbers == [2, 1, 1]


def test_a_related_definition_that_changes_counts_from_the_next_read(
    shop: SqlInstallation,
) -> None:
    read(shop, "C_Order", "total")
    less = [field for field in LINE["objectFields"] if field["name"] != "price"]
    write(shop, "ObjectDefinition", LINE | {"objectFields": less})

    assert [entry["total"] for entry in read(shop, "C_Order", "total")] == [None] * 3


def test_computed_fields_of_an_item_are_ignored(shop: SqlInstallation) -> None:
    full = {"externalReferenceCode": "FULL", "number": 77, "total": "x"}

    assert kinds(write(shop, "C_Order", full)) == [UNCHANGED]
    assert read(shop, "C_Order", "number")[0] == {"number": 3}


def test_computed_fields_can_be_chosen_and_are_read_only(shop: SqlInstallation) -> None:
    fields = {
        field.name: field
        for name in ("C_Order", "C_Line")
        for field in type_named(shop, name).fields
    }

    assert [fields[name].read_only for name in ("number", "total", "half")] == [
        True
    ] * 3
    exported = type_named(shop, "C_Order").export_fields
    assert {"number", "total"} <= {exported_field.name for exported_field in exported}


def test_a_page_of_entries_costs_one_query_an_aggregation(
    shop: SqlInstallation,
) -> None:
    many = [{"externalReferenceCode": f"N{number}"} for number in range(1500)]
    batch = Batch(task="many", number=0, items=many, policy=CONTINUE)
    order = type_named(shop, "C_Order")
    shop.write(order, batch)
    seen: list[str] = []

    def note(*args: Any) -> None:
        seen.append(args[2])

    event.listen(Engine, "before_cursor_execute", note)
    try:
        items = list(shop.read(order, Query(fields=("number", "total"))))
    finally:
        event.remove(Engine, "before_cursor_execute", note)

    assert len(items) == 1503
    assert sum("parent_erc" in each for each in seen) == 4


def test_sites_count_their_own_related_entries(desk: SqlInstallation) -> None:
    write(desk, "ObjectDefinition", LINE | {"scope": "site"}, ORDER | {"scope": "site"})
    for scope, lines in (("A", 1), ("B", 2)):
        order = {"externalReferenceCode": "O"}
        entries = [line(f"L{number}", "O") for number in range(lines)]
        for name, items in (("C_Order", [order]), ("C_Line", entries)):
            batch = Batch(
                task=scope + name,
                number=0,
                items=items,
                policy=CONTINUE,
                scope=scope,
                new_sites=True,
            )
            assert kinds(desk.write(type_named(desk, name), batch))[0] is CREATED

    def number(scope: str) -> list[Item]:
        query = Query(fields=("number",), scope=scope)
        return list(desk.read(type_named(desk, "C_Order"), query))

    assert [number("A"), number("B")] == [[{"number": 1}], [{"number": 2}]]
