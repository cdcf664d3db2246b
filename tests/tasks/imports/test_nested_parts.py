"""Parts of nested values as sources: offered, suggested, mapped and hidden."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.center import Center
from dmc_widgets.model.entity_type import OBJECT_ENTRY, EntityType, Field
from dmc_widgets.model.field_mapping import ABSENT, FieldMapping
from dmc_widgets.model.mapping import Mapping, mapping_from_dict
from dmc_widgets.model.plan import ImportPlan
from dmc_widgets.model.record import part_names
from dmc_widgets.model.task import Counts, Task
from dmc_widgets.states.mapping.mapping_rows import list_target_fields
from dmc_widgets.tasks.imports.mapping_suggestions import suggest_mapping
from dmc_widgets.tasks.imports.record_texts import encrypted_sources

RunImport = Callable[..., Task]

TYPE = EntityType(
    name="C_Place",
    label="Place",
    class_name=OBJECT_ENTRY,
    delegate="C_Place",
    fields=(
        Field(name="addressCity", type="Text"),
        Field(name="city", type="Text"),
        Field(name="secret", type="Encrypted"),
    ),
)


@pytest.mark.parametrize(
    ("record", "value"),
    [
        ({"address": {"city": "Ulm"}}, "Ulm"),
        ({"address": {"city": None}}, None),
        ({"address": {}}, ABSENT),
        ({"address": None}, None),
        ({}, ABSENT),
        ({"address": "Ulm"}, ABSENT),
        ({"address": [{"city": "Ulm"}]}, ABSENT),
        ({"address.city": "Bonn", "address": {"city": "Ulm"}}, "Bonn"),
    ],
)
def test_a_part_is_found_null_or_absent(record: dict[str, Any], value: Any) -> None:
    """A part of null is null; a part that is not there leaves its target out."""
    mapping = Mapping((FieldMapping("address.city", "city"),))

    item = mapping.compile(TYPE)(record)

    assert item == ({} if value is ABSENT else {"city": value})


def test_defaults_of_a_part_distinguish_missing_from_empty() -> None:
    """As they do for a whole field."""
    pair = FieldMapping("a.b.c", "city", if_missing="none", if_empty="blank")
    make = Mapping((pair,)).compile(TYPE)

    assert make({"a": {"b": {"c": "Ulm"}}}) == {"city": "Ulm"}
    assert make({"a": {"b": {"c": " "}}}) == {"city": "blank"}
    assert make({"a": {"b": None}}) == {"city": "blank"}
    assert make({"a": {"b": {}}}) == {"city": "none"}
    assert make({"a": "text"}) == {"city": "none"}


def test_parts_are_offered_after_the_fields() -> None:
    """Of all records; lists have none, and depth and number have an end."""
    deep: dict[str, Any] = {"z": 1}
    for _ in range(50):
        deep = {"d": deep}
    records: list[dict[str, Any]] = [
        {"address": {"city": "Ulm", "geo": {"lat": 1}}, "tags": [{"key": "a"}]},
        {"address": {"zip": "1"}, "": {"x": 1}, "odd": {"": 1, "a.b": 2}},
    ]
    many = [{"m": {str(number): 1 for number in range(10_000)}}]

    assert part_names(records) == (
        "address.city",
        "address.geo",
        "address.geo.lat",
        "address.zip",
        ".x",
    )
    assert part_names([deep])[-1] == "d.d.d.d.d.d"
    assert len(part_names(many)) == 500


CSV = b"""code,address.city,address.zip,title_i18n_en_US
A,Ulm,89073,x
B,,53111,y
C,,,z
"""


def test_nested_columns_can_be_mapped_by_part(
    center: Center, run_import: RunImport, tmp_path: Path
) -> None:
    """An empty cell is null, whether its neighbours are empty or not."""
    path = tmp_path / "places.csv"
    path.write_bytes(CSV)
    head = center.files.read_head(path)
    fields = {
        "externalReferenceCode": "code",
        "title": {"source": "address.city", "if_empty": "no city"},
        "priority": "address.zip",
    }
    plan = ImportPlan(
        entity_type="Ticket", name="x", mapping=mapping_from_dict({"fields": fields})
    )

    task = run_import(CSV, plan, "places.csv")

    assert head.fields == ("code", "address", "title_i18n")
    assert head.sources == (
        "code",
        "address",
        "title_i18n",
        "address.city",
        "address.zip",
        "title_i18n.en_US",
    )
    assert head.records[1]["address"] == {"city": None, "zip": "53111"}
    assert head.records[2]["address"] is None
    assert task.counts == Counts(created=3)
    shown = center.files.preview_records("target", plan, path)
    assert [record.target["title"] for record in shown.records] == [
        "Ulm",
        "no city",
        "no city",
    ]
    assert [record.target["priority"] for record in shown.records] == [
        89073,
        53111,
        None,
    ]


def test_parts_are_suggested_by_exact_name_only(center: Center, tmp_path: Path) -> None:
    """An open entity type keeps the whole, not its parts besides."""
    open_type = EntityType(
        name="ObjectFolder", label="", class_name="x", open=True, fields=()
    )
    names = ("address", "address.city", "address.street")

    closed = [(each.source, each.target) for each in suggest_mapping(TYPE, names)]
    opened = [(each.source, each.target) for each in suggest_mapping(open_type, names)]

    assert closed == [("address.city", "addressCity")]
    assert opened == [("address", "address")]
    assert [
        destination.name for destination in list_target_fields(open_type, names)
    ] == ["address"]
    path = tmp_path / "places.json"
    path.write_text(json.dumps([{"address": {"PRIORITY": 1}, "the": {"title": 2}}]))
    ticket = center.installations.entity_type("target", "Ticket")
    assert center.mappings.suggestions(ticket, center.files.read_head(path)) == ()


def test_object_with_a_secret_part_is_hidden_in_reports() -> None:
    """What goes into an Encrypted field is covered, wherever it stood."""
    mapping = Mapping((FieldMapping("login.password", "secret"),))

    assert encrypted_sources(mapping, TYPE) == {"secret", "login", "login.password"}


def test_part_is_accepted_on_the_command_line_and_in_files() -> None:
    """As every other source."""
    pair = FieldMapping.parse("address.city=city")

    assert pair == FieldMapping("address.city", "city")
    told = Mapping((pair,)).as_dict()
    assert told["fields"] == {"city": "address.city"}
    assert mapping_from_dict(told) == Mapping((pair,))
