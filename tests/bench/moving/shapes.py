"""The records that are moved, by shape: each can be made again, and changed."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final

import orjson
import xlsxwriter  # type: ignore[import-untyped]

CODE: Final = "externalReferenceCode"

PARENT: Final = "parent"
"""The type of a field that holds the code of an entry before it in the file."""

_WORDS: Final = "lorem ipsum dolor sit amet consectetur adipiscing elit sed do "


@dataclass(frozen=True, slots=True)
class Shape:
    """Records of one kind.

    Attributes:
        name: Its name on the command line.
        fields: The business types of the fields by name; the first is a text that an
            update changes.
        values: Makes the values of a record from its number.
        extension: The extension of the files.
        share: The part of the wished number of records that the shape takes, so that
            its turns take about as long as those of others.
        rules: What the definitions of some fields say besides, by name: lengths, unique
            values, picklists, states, languages. Only ours and the bare loop move
            records of such a shape.
    """

    name: str
    fields: dict[str, str]
    values: Callable[[int], dict[str, Any]]
    extension: str = "jsonl"
    share: float = 1.0
    rules: Mapping[str, dict[str, Any]] = field(default_factory=dict)

    def records(self, count: int, first_word: str) -> Iterator[dict[str, Any]]:
        """Yield records; those with another first word differ in one field each."""
        name = next(iter(self.fields))
        for number in range(count):
            record = {CODE: f"ENTRY-{number:08}", name: f"{first_word} number {number}"}
            yield record | self.values(number)

    def write(self, path: Path, count: int, first_word: str = "Entry") -> Path:
        """Write records into a file and return its path."""
        records = self.records(count, first_word)
        _WRITERS[self.extension](path, [CODE, *self.fields], records)
        return path


def picklists_of(shape: Shape) -> list[dict[str, Any]]:
    """Return the picklists that a shape's definition refers to."""
    return [
        {
            CODE: code,
            "name": code.title(),
            "name_i18n": {"en_US": code.title()},
            "listTypeEntries": [
                {CODE: f"{code}-{key}", "key": key, "name_i18n": {"en_US": key.title()}}
                for key in keys
            ],
        }
        for code, keys in _PICKLISTS.items()
        if any(rule.get(_PICKLIST_CODE) == code for rule in shape.rules.values())
    ]


def definition_of(shape: Shape) -> dict[str, Any]:
    """Return the object definition of a shape's entries."""
    parents = [name for name, kind in shape.fields.items() if kind == PARENT]
    return {
        CODE: "ENTRY",
        "name": "Entry",
        "label": {"en_US": "Entry"},
        "pluralLabel": {"en_US": "Entries"},
        "scope": "company",
        "status": {"code": 0},
        "enableLocalization": True,
        "objectFields": [
            {
                "name": name,
                "businessType": kind,
                "label": {"en_US": name},
                "required": place == 0,
                **shape.rules.get(name, {}),
            }
            for place, (name, kind) in enumerate(shape.fields.items())
            if kind != PARENT
        ],
        "objectRelationships": [
            {
                "name": name.split("_")[1],
                "label": {"en_US": name},
                "type": "oneToMany",
                "deletionType": "disassociate",
                "objectDefinitionExternalReferenceCode1": "ENTRY",
                "objectDefinitionExternalReferenceCode2": "ENTRY",
            }
            for name in parents
        ],
    }


def _write_lines(path: Path, _names: list[str], records: Iterator[Any]) -> None:
    with path.open("wb") as stream:
        stream.writelines(orjson.dumps(record) + b"\n" for record in records)


def _write_csv(path: Path, names: list[str], records: Iterator[Any]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, names)
        writer.writeheader()
        writer.writerows(
            {name: _cell(value) for name, value in record.items()} for record in records
        )


def _write_xlsx(path: Path, names: list[str], records: Iterator[Any]) -> None:
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, names)
        for row, record in enumerate(records, start=1):
            sheet.write_row(row, 0, [_cell(record[name]) for name in names])


def _cell(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value


def _write_parquet(path: Path, names: list[str], records: Iterator[Any]) -> None:
    """Write rich records as columns of their types, as data frames are written."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds = {
        "amount": pa.int64(),
        "places": pa.int64(),
        "weight": pa.float64(),
        "open": pa.bool_(),
        "day": pa.date32(),
        "moment": pa.timestamp("ms", "UTC"),
    }
    schema = pa.schema([(name, kinds.get(name, pa.string())) for name in names])
    with pq.ParquetWriter(path, schema) as writer:
        while rows := list(islice(records, _GROUP_ROWS)):
            for row in rows:
                row["day"] = date.fromisoformat(row["day"])
                row["moment"] = datetime.fromisoformat(row["moment"])
            writer.write_table(pa.Table.from_pylist(rows, schema))


_GROUP_ROWS: Final = 100_000

_WRITERS: Final = {
    "jsonl": _write_lines,
    "csv": _write_csv,
    "xlsx": _write_xlsx,
    "parquet": _write_parquet,
}


def _day(number: int) -> str:
    return f"2026-{number % 12 + 1:02}-{number % 28 + 1:02}"


def _plain(number: int) -> dict[str, Any]:
    return {
        "amount": number * 7 % 100_003,
        "open": number % 3 == 0,
        "day": _day(number),
        "text": (_WORDS * 6)[: 300 + number % 17],
    }


def _rich(number: int) -> dict[str, Any]:
    return {
        "city": f"City {number % 997}",
        "amount": number * 7 % 100_003,
        "places": number % 31,
        "weight": number % 1009 / 8,
        "open": number % 3 == 0,
        "day": _day(number),
        "moment": f"{_day(number)}T{number % 24:02}:{number % 60:02}:00.000Z",
        "text": (_WORDS * 4)[: 190 + number % 17],
    }


def _related(number: int) -> dict[str, Any]:
    """Return the values of an entry with two parents; the first one has none."""
    near, far = f"ENTRY-{number // 10:08}", f"ENTRY-{number // 3:08}"
    return {
        **_plain(number),
        "r_near_c_entryERC": near if number else None,
        "r_far_c_entryERC": far if number else None,
    }


def _realistic(number: int) -> dict[str, Any]:
    """Return the values of a ticket, as a support desk has them."""
    return {
        "serial": f"SN-{number:08}",
        "colour": _choice("COLOURS", number),
        "state": _choice("STATES", number),
        "summary_i18n": {
            "en_US": f"Summary of ticket {number}",
            "de_DE": f"Zusammenfassung von Vorgang {number}",
        },
        "summary": f"Summary of ticket {number}",
        "price": f"{number % 10_007}.{number % 100:02}",
        "hours": number % 31,
        "due": _day(number),
        "opened": f"{_day(number)}T{number % 24:02}:{number % 60:02}:00.000Z",
        "text": (_WORDS * 4)[: 190 + number % 17],
        "r_near_c_entryERC": f"ENTRY-{number // 10:08}" if number else None,
    }


def _choice(code: str, number: int) -> dict[str, str]:
    """Return an entry of a picklist, as exports write it."""
    keys = _PICKLISTS[code]
    key = keys[number % len(keys)]
    return {"key": key, "name": key.title()}


def _wide(number: int) -> dict[str, Any]:
    return {f"field{place:02}": f"value {number % (place + 7)}" for place in range(99)}


def _long(number: int) -> dict[str, Any]:
    return {"text": (_WORDS * 320)[: 20_000 - number % 17]}


_PLAIN_FIELDS: Final = {
    "title": "Text",
    "amount": "Integer",
    "open": "Boolean",
    "day": "Date",
    "text": "LongText",
}

_RICH_FIELDS: Final = {
    "title": "Text",
    "city": "Text",
    "amount": "Integer",
    "places": "Integer",
    "weight": "Decimal",
    "open": "Boolean",
    "day": "Date",
    "moment": "DateTime",
    "text": "LongText",
}

_REALISTIC_FIELDS: Final = {
    "title": "Text",
    "serial": "Text",
    "colour": "Picklist",
    "state": "Picklist",
    "summary": "Text",
    "price": "PrecisionDecimal",
    "hours": "Integer",
    "due": "Date",
    "opened": "DateTime",
    "text": "LongText",
    "r_near_c_entryERC": PARENT,
}

_PICKLIST_CODE: Final = "listTypeDefinitionExternalReferenceCode"
_PICKLISTS: Final = {
    "COLOURS": ("red", "green", "blue", "grey"),
    "STATES": ("open", "answered", "closed"),
}


def _setting(name: str, value: Any) -> dict[str, Any]:
    return {"objectFieldSettings": [{"name": name, "value": value}]}


def _list_transitions() -> dict[str, Any]:
    """Return the flow of a state that may follow every other."""
    states = _PICKLISTS["STATES"]
    return {
        "objectStates": [
            {
                "key": key,
                "objectStateTransitions": [{"key": k} for k in states if k != key],
            }
            for key in states
        ]
    }


_REALISTIC_RULES: Final = {
    "title": _setting("maxLength", 80) | {"required": True},
    "serial": _setting("uniqueValues", value=True) | {"required": True},
    "colour": {_PICKLIST_CODE: "COLOURS"},
    "state": _setting("stateFlow", _list_transitions())
    | {
        _PICKLIST_CODE: "STATES",
        "state": True,
        "required": True,
        "defaultValue": "open",
    },
    "summary": {"localized": True},
}

SHAPES: Final = {
    shape.name: shape
    for shape in (
        Shape("plain", _PLAIN_FIELDS, _plain),
        Shape("rich", _RICH_FIELDS, _rich),
        Shape(
            "realistic",
            _REALISTIC_FIELDS,
            _realistic,
            share=0.5,
            rules=_REALISTIC_RULES,
        ),
        Shape(
            "wide",
            {"title": "Text", **{f"field{place:02}": "Text" for place in range(99)}},
            _wide,
            share=0.1,
        ),
        Shape("long", {"title": "Text", "text": "LongText"}, _long, share=0.05),
        Shape(
            "relations",
            {
                **_PLAIN_FIELDS,
                "r_near_c_entryERC": PARENT,
                "r_far_c_entryERC": PARENT,
            },
            _related,
            share=0.5,
        ),
        Shape("csv", _RICH_FIELDS, _rich, extension="csv"),
        Shape("xlsx", _RICH_FIELDS, _rich, extension="xlsx", share=0.2),
        Shape("parquet", _RICH_FIELDS, _rich, extension="parquet"),
    )
}
"""Plain and rich ones have about 520 bytes, wide ones 100 fields, long
ones 20 kB; those of relations are plain, with two parents each. Realistic ones have
what definitions of real installations ask for: a length, unique values, a picklist, a
state, two languages, a price, a moment and a parent."""
