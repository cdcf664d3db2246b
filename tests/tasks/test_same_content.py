"""The same content gives the same entry in every format."""

from __future__ import annotations

import csv
import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dmc_widgets.formats.source import open_source
from dmc_widgets.model.record import UnreadableRecord
from dmc_widgets.objects.entries.rule_compiler import compile_entry_rules
from dmc_widgets.objects.entries.validation import EntryRules
from dmc_widgets.objects.fields.picklist import Choices
from dmc_widgets.objects.fields.relationship import ParentDefinition

Item = dict[str, Any]

HUES = Choices.of_picklist(
    {
        "listTypeEntries": [
            {"key": "red", "name": "Red", "name_i18n": {"de_DE": "Rot"}},
            {"key": "7", "name": "Seven"},
            {"key": "navy", "name": "Blue"},
            {"key": "sky", "name": "Blue"},
        ]
    }
)
HUE = {"listTypeDefinitionExternalReferenceCode": "HUES"}
RULES: EntryRules = compile_entry_rules(
    7,
    {
        "name": "Lamp",
        "objectFields": [
            {"name": "title", "businessType": "Text"},
            {"name": "note", "businessType": "Text", "localized": True},
            {"name": "hue", "businessType": "Picklist", **HUE},
            {"name": "hues", "businessType": "MultiselectPicklist", **HUE},
            {"name": "count", "businessType": "LongInteger"},
            {"name": "price", "businessType": "PrecisionDecimal"},
            {
                "name": "r_room_c_roomId",
                "businessType": "Relationship",
                "objectDefinitionExternalReferenceCode1": "ROOM",
            },
        ],
    },
    {"HUES": HUES},
    {"ROOM": ParentDefinition(id=9)},
)

WHOLE = st.integers(0, 10**15 - 1)  # as many digits as Excel keeps
TEXTS = st.text("abcäß7 ,;|", min_size=1, max_size=8).filter(
    lambda text: text == text.strip() and not text.isdecimal()
)
CODES = WHOLE | TEXTS
CHOICES = st.sampled_from(
    [{"name": "Rot"}, {"name": "Seven"}, {"name": "Blue"}, {"key": "red"}, {"key": 7}]
)
RECORDS = st.lists(
    st.fixed_dictionaries(
        {"externalReferenceCode": CODES},
        optional={
            "title": CODES,
            "note_i18n": st.dictionaries(
                st.sampled_from(["en_US", "de_DE", "zh_Hans_CN"]), TEXTS, min_size=1
            ),
            "hue": CHOICES,
            "hues": st.lists(CHOICES, min_size=1, max_size=3),
            "count": WHOLE | TEXTS,
            "price": WHOLE | st.sampled_from([0.5, 12.25]),
            "r_room_c_roomERC": CODES,
        },
    ),
    min_size=1,
    max_size=4,
)


def cells(record: Item) -> Item:
    """Spread nested values over columns."""
    found: Item = {}
    for name, value in record.items():
        if isinstance(value, dict):
            mark = "_" if name.endswith("_i18n") else "."
            found |= {f"{name}{mark}{part}": value[part] for part in value}
        elif isinstance(value, list):
            for number, member in enumerate(value, start=1):
                found |= {f"{name}.{part}_{number}": member[part] for part in member}
        else:
            found[name] = value
    return found


def write_table(path: Path, records: list[Item]) -> None:
    lines = [cells(record) for record in records]
    names = list(dict.fromkeys(name for line in lines for name in line))
    rows: list[list[Any]] = [
        names,
        *([line.get(name) for name in names] for line in lines),
    ]
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
        return
    xlsxwriter = import_module("xlsxwriter")  # vendor without types
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            for place, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(number, place, cell)
                elif cell is not None:
                    sheet.write_number(number, place, cell)


def judged(path: Path) -> list[tuple[Any, ...]]:
    """Read a file, and tell what the rules of entries make of its records."""
    found = []
    with open_source(path) as source:
        for record in source.records():
            assert not isinstance(record, UnreadableRecord), record
            checked = RULES.check(record)
            problem = checked.problem
            failure = (problem.code, problem.field) if problem else None
            values = {} if failure else checked.values
            found.append((checked.erc, values, failure))
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("same")


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(records=RECORDS)
def test_table_and_json_give_the_same_entries(
    folder: Path, records: list[Item]
) -> None:
    """Numbers are codes by their digits, names find their entries, in all alike."""
    as_json = folder / "lamps.json"
    as_json.write_text(json.dumps(records))
    expected = judged(as_json)
    for suffix in ("csv", "xlsx"):
        path = folder / f"lamps.{suffix}"
        write_table(path, records)

        assert judged(path) == expected, suffix
