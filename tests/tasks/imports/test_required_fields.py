"""Which fields an expression cannot be computed without."""

from __future__ import annotations

import pytest

from dmc_widgets.tasks.imports.expressions import required_fields


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ('first + " " + last', {"first", "last"}),
        ('record["first name"] + record.last', {"first name", "last"}),
        ("record['it\\'s']", {"it's"}),
        ("address.city", {"address"}),
        ("record.address.city", {"address"}),
        ('has(record.a) ? record.a : record["b"]', {"b"}),
        ('"a b" in record ? record["a b"] : "-"', set()),
        ('"a" in record.tags', {"tags"}),
        ('record["a"] in ["x"]', {"a"}),
        ("tags.map(x, x + suffix)", {"tags", "suffix"}),
        ("[1, 2].exists(x, x == amount)", {"amount"}),
        ('type(amount) == int ? "a" : "b"', {"amount"}),
        ("\"record.z and record['y']\"", set()),
        ("size(record) > 2", set()),
    ],
)
def test_fields_that_an_expression_tests_for_are_not_required(
    text: str, fields: set[str]
) -> None:
    assert required_fields(text, "title") == fields
