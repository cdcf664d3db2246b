"""What was changed in a row of a table, compared with the record that it stands for."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from dmc_widgets.model.mend import Mend
from dmc_widgets.tasks.repair.mending.record_cells import compare_cells

RECORD = {
    "title": "Old",
    "status": {"code": 0},
    "open": True,
    "price": Decimal("1.50"),
    "tags": [],
    "due": None,
}
WRITTEN = {
    "title": "Old",
    "status.code": "0",
    "open": "true",
    "price": "1.50",
    "tags": "[]",
    "due": "",
}


@pytest.mark.parametrize(
    ("changed", "values", "rewritten"),
    [
        pytest.param({}, {}, [], id="as-it-was-written"),
        pytest.param({"title": "New"}, {("title",): "New"}, [], id="mended"),
        pytest.param(
            {"status.code": "2"}, {("status", "code"): 2}, [], id="a-number-stays-one"
        ),
        pytest.param({"price": "1.5"}, {}, ["price"], id="respelt-by-a-spreadsheet"),
        pytest.param({"open": "TRUE"}, {}, ["open"], id="respelt-in-capitals"),
    ],
)
def test_changes_of_a_row(
    changed: dict[str, Any], values: dict[Any, Any], rewritten: list[str]
) -> None:
    """What the file held from the start is neither a change nor another spelling."""
    given = WRITTEN | changed
    nested = {**given, "status": {"code": given["status.code"]}}
    del nested["status.code"]

    found = compare_cells(RECORD, nested)

    assert (found.mend, [*found.rewritten]) == (Mend(values), rewritten)
