"""Mapping files: round trips, and errors that name the place."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmc_widgets.errors import FileUnreadable, InvalidPlan
from dmc_widgets.model.field_mapping import OtherValues
from dmc_widgets.model.mapping import FieldMapping, Mapping
from dmc_widgets.model.plan import ImportPlan, plan_from_dict
from dmc_widgets.model.value_conversion import BooleanFormat, DateFormat, NumberFormat
from dmc_widgets.tasks.imports.mapping_files import read_mapping, write_mapping

texts = st.text(min_size=1, max_size=8)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.floats(-9, 9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3)
    ),
    max_leaves=4,
)
tables = st.dictionaries(texts, values, min_size=1, max_size=3)
forms = st.sampled_from(
    [
        DateFormat("%d.%m.%Y"),
        DateFormat("%Y-%m-%d %H:%M", with_time=True),
        NumberFormat(",", "."),
        NumberFormat(".", "\u00a0"),
        BooleanFormat(("yes", "1"), ("no", "")),
    ]
)


def pair(target: str) -> st.SearchStrategy[FieldMapping]:
    given_target = st.just(target)
    return st.one_of(
        st.builds(FieldMapping, texts, given_target),
        st.builds(FieldMapping, st.just(""), given_target, constant=values),
        st.builds(
            FieldMapping,
            texts,
            given_target,
            if_missing=values,
            if_empty=values,
            values=tables.map(lambda table: tuple(table.items())),
            other_values=st.sampled_from(OtherValues),
        ),
        st.builds(FieldMapping, texts, given_target, format=forms),
        st.builds(FieldMapping, st.just(""), given_target, expression=texts),
    )


mappings = st.builds(
    Mapping,
    st.lists(texts, max_size=4, unique=True).flatmap(
        lambda targets: st.tuples(*map(pair, targets))
    ),
    same_names=st.booleans(),
)


@given(mappings, st.sampled_from(["m.yaml", "m.json"]))
def test_mapping_file_round_trip(mapping: Mapping, name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(write_mapping(mapping, name).encode())

        assert read_mapping(path) == mapping


@given(mappings)
def test_plan_round_trip_keeps_the_mapping(mapping: Mapping) -> None:
    plan = ImportPlan(entity_type="C_Ticket", mapping=mapping)

    assert plan_from_dict(plan.as_dict()) == plan


WRITTEN = """\
# Which field of the file fills which field of the entity type.
same_names: false
fields:
  title: name            # target: source
  status: {source: state, values: {open: active, 2: done}, other_values: refuse}
  origin: {constant: import}
  due: {source: due date, date: "%d.%m.%Y"}
  price: {source: Preis, number: {decimal: ",", grouping: "."}}
  active: {source: aktiv, boolean: {true: [ja, x], "false": [nein, ""]}}
  full: {expression: 'record["first"] + " " + record["last"]'}
"""


def test_handwritten_mapping_is_read(tmp_path: Path) -> None:
    path = tmp_path / "tickets.yaml"
    path.write_text(WRITTEN)

    assert read_mapping(path) == Mapping(
        (
            FieldMapping("name", "title"),
            FieldMapping(
                "state",
                "status",
                values=(("open", "active"), ("2", "done")),
                other_values=OtherValues.REFUSE,
            ),
            FieldMapping("", "origin", constant="import"),
            FieldMapping("due date", "due", format=DateFormat("%d.%m.%Y")),
            FieldMapping("Preis", "price", format=NumberFormat(",", ".")),
            FieldMapping(
                "aktiv", "active", format=BooleanFormat(("ja", "x"), ("nein", ""))
            ),
            FieldMapping(
                "", "full", expression='record["first"] + " " + record["last"]'
            ),
        )
    )


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("m.yaml", "fields: [", "m.yaml: It is not valid YAML in line 1, column 10: "),
        ("m.json", "{", "m.json: It is not valid JSON: "),
        ("m.yaml", "- a", "m.yaml: A mapping is ['a']. Write a table with some of: "),
        ("m.yaml", "", "m.yaml: A mapping is None. Write a table with some of: "),
        (
            "m.yaml",
            "fields: {a: b, a: c}",
            "m.yaml: The file has the key 'a' twice. Keep one of them.",
        ),
        (
            "m.json",
            '{"fields": {"a": "b", "a": "c"}}',
            "m.json: The file has the key 'a' twice. Keep one of them.",
        ),
        (
            "m.yaml",
            "fields: {a: &x {constant: 1}, b: *x}",
            "m.yaml: Line 1 is referred to by an alias (*). Write it out instead.",
        ),
        (
            "m.yaml",
            "fields: {a: {constant: 2024-01-05}}",
            "m.yaml: Constant of the field 'a' is datetime.date(2024, 1, 5). "
            "Put it in quotation marks.",
        ),
        (
            "m.yaml",
            "fields: {a: !!python/name:os.system }",
            "m.yaml: It is not valid YAML",
        ),
        ("m.yaml", "fields: {a: {source: 5}}", "m.yaml: Source of the field 'a' is 5."),
        ("m.yaml", "fields: " + "[" * 20000, "m.yaml: It is "),
    ],
)
def test_invalid_mapping_is_refused_with_its_place(
    tmp_path: Path, name: str, text: str, message: str
) -> None:
    (tmp_path / name).write_text(text)

    with pytest.raises(InvalidPlan) as caught:
        read_mapping(tmp_path / name)

    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (None, "m.yaml: It cannot be read (No such file or directory)."),
        (b"\xff", "m.yaml: Byte 0 is not UTF-8. Save the file as UTF-8."),
    ],
)
def test_mapping_file_that_is_not_text_is_refused(
    tmp_path: Path, data: Any, message: str
) -> None:
    path = tmp_path / "m.yaml"
    if data is not None:
        path.write_bytes(data)

    with pytest.raises(FileUnreadable) as caught:
        read_mapping(path)

    assert str(caught.value) == message
