"""Cells as Liferay's own class writes and reads them, and where ours differ.

The table was printed by ``CSVUtil`` of Liferay 7.4.3.112; see ``tests/java/tables.py``.
"""

from __future__ import annotations

import csv
import io
from typing import Any

from dmc_widgets.formats import FORMATS
from dmc_widgets.model.entity_type import OBJECT_ENTRY, EntityType, Field
from dmc_widgets.model.reading_options import ReadingOptions
from dmc_widgets.model.record import UnreadableRecord
from dmc_widgets.ports import ExportHeader
from tests.java.tables import CSV_CELLS, load

ROWS = load(CSV_CELLS)
PLUM = EntityType(name="C_Plum", label="Plum", class_name=OBJECT_ENTRY)
GUARDED = {"'=1": "''=1"}
"""Liferay's newest versions take an apostrophe before a formula for a guard of theirs
and remove it. So one of the text's own gets another, which older versions keep."""


def written(cell: str, *, as_liferay: bool) -> str:
    """Return what an export writes into a cell, once the cell is unquoted."""
    header = ExportHeader(
        entity_type=PLUM,
        fields=(Field(name="a", custom=True),),
        include_headers=False,
        guard_formulas=False,
        as_liferay=as_liferay,
    )
    stream = io.BytesIO()
    FORMATS["CSV"].write([{"a": cell}], stream, header)
    ((unquoted,),) = csv.reader(io.StringIO(stream.getvalue().decode(), newline=""))
    return unquoted


def test_exports_as_liferay_encode_texts_as_its_class_does() -> None:
    expected = [GUARDED.get(cell, encoded) for cell, encoded, *_ in ROWS]

    assert [written(cell, as_liferay=True) for cell, *_ in ROWS] == expected


def test_other_exports_encode_only_what_a_reader_would_take_for_encoded() -> None:
    """Programs other than Liferay would store the quotes of the rest."""
    for cell, encoded, *_ in ROWS:
        needs_it = len(cell) > 1 and cell[0] == '"' == cell[-1]
        expected = GUARDED.get(cell, encoded if needs_it else cell)
        assert written(cell, as_liferay=False) == expected, cell


def test_imports_as_liferay_decode_texts_as_its_class_does() -> None:
    """Liferay trims what it decoded; of nothing but blanks it makes null.

    Its class fails at a single quote, which is kept here.
    """
    lines = io.StringIO(newline="")
    csv.writer(lines, quoting=csv.QUOTE_ALL).writerows(
        [["a"], *([cell] for cell, *_ in ROWS)]
    )
    options = ReadingOptions(as_liferay=True, encoding="UTF-8", delimiter=",")

    records = read(lines.getvalue().encode(), options)

    assert records == [expected_value(*row) for row in ROWS]


def expected_value(cell: str, _encoded: str, decoded: str = '"') -> Any:
    if cell == "'=1":
        return "=1"  # what the newest versions make of it
    blanks = "".join(map(chr, range(33)))
    return decoded.strip(blanks) or None


def read(content: bytes, options: ReadingOptions) -> list[Any]:
    stream = io.BytesIO(content)
    records = FORMATS["CSV"].read(stream, source="a.csv", options=options)
    return [
        record["a"] for record in records if not isinstance(record, UnreadableRecord)
    ]
