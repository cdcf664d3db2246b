"""Tables from columns: byte for byte the tables that are written of the same items."""

from __future__ import annotations

import io
from decimal import Decimal
from random import Random
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dmc_widgets.errors import NotSupported
from dmc_widgets.formats import FORMATS
from dmc_widgets.formats.zip_writer import PageWriter
from dmc_widgets.model.entity_type import OBJECT_ENTRY, EntityType, Field
from dmc_widgets.model.item_pages import ItemColumns, ItemPage
from dmc_widgets.ports import ExportHeader

Items = list[dict[str, Any]]

FIELDS = {
    "text": Field(name="text"),
    "Word": Field(name="Word"),
    "number": Field(name="number", type="Integer"),
    "exact": Field(name="exact", type="PrecisionDecimal"),
    "open": Field(name="open", type="Boolean"),
    "day": Field(name="day", type="Date"),
    "state": Field(name="state", type="object", parts=("key", "name")),
    "tags": Field(name="tags", type="array", parts=("key_1", "name_1", "key_2")),
    "keywords": Field(name="keywords", type="array"),
    "odd": Field(name="odd"),
}
CHOICES = [{"key": "a", "name": "A, b"}, {"key": "=1", "name": '"q"'}]
TEXTS = [
    *[
        "One",
        "Two",
        "",
        " x",
        "x ",
        "a,b",
        'say "hi"',
        '"all"',
        "=1+1",
        "+49 30",
        "'=1",
    ],
    *[
        "it's",
        "'",
        "#x",
        "@",
        "-",
        "- 5",
        "\tx",
        "two\nlines",
        "\r",
        "äöü",
        "😀",
        "\ud800",
    ],
]
USUAL: dict[str, list[Any]] = {
    "text": ["One", "Two", "äöü", "x1"],
    "Word": ["red"],
    "number": [0, 5, -3, 2**53],
    "exact": [Decimal("1.50"), Decimal("-2"), Decimal("1E+3")],
    "open": [True, False],
    "day": ["2026-01-05", "1850-01-01"],
    "state": CHOICES,
    "tags": [[], CHOICES[:1], CHOICES],
    "keywords": [[], ["one"], ["a", "b,c"]],
    "odd": [1.5, 0.1, 1e300, -0.0],
}
ODD: list[Any] = [None, *TEXTS, *CHOICES, 7, 1.25, True, ["a", None], [{"a": 1}], {}]


def make_items(random: Random) -> Items:
    """Return items: their columns have values of one kind, or of many."""
    kinds = {name: random.choice(["usual", "texts", "odd"]) for name in FIELDS}
    values: dict[str, list[Any]] = {
        name: {"usual": USUAL[name], "texts": TEXTS, "odd": [*USUAL[name], *ODD]}[kind]
        for name, kind in kinds.items()
        if name != "tags"
    }
    values["tags"] = USUAL["tags"]
    values = {
        name: random.sample(some, 1 + random.randrange(len(some)))
        for name, some in values.items()
    }
    return [
        {name: random.choice(some) for name, some in values.items()}
        for _ in range(random.randrange(1, 20))
    ]


def write(format: str, pages: list[ItemPage], header: ExportHeader) -> bytes:
    """Write pages; an error is its text."""
    stream = io.BytesIO()
    writer = cast("PageWriter", FORMATS[format])
    try:
        writer.write_pages(pages, stream, header)
    except NotSupported as error:
        return str(error).encode()
    return stream.getvalue()


@pytest.mark.parametrize(
    ("format", "examples"), [("CSV", 300), ("PARQUET", 100), ("XLSX", 40)]
)
def test_columns_are_the_table_of_their_items(format: str, examples: int) -> None:
    """Whatever the values are, and whichever fields are written."""

    @given(seed=st.integers(0, 2**64))
    @settings(max_examples=examples)
    def check(seed: int) -> None:
        random = Random(seed)
        items = make_items(random)
        names = random.sample([*FIELDS], random.randrange(1, len(FIELDS) + 1))
        header = ExportHeader(
            entity_type=EntityType(name="C_A", label="A", class_name=OBJECT_ENTRY),
            fields=tuple(FIELDS[name] for name in names),
            include_headers=random.random() < 0.5,
            guard_formulas=random.random() < 0.5,
            as_liferay=random.random() < 0.5,
        )
        columns = {name: [item[name] for item in items] for name in FIELDS}
        page = ItemColumns(columns, len(items))

        assert list(page.items()) == items
        assert write(format, [page, page], header) == write(
            format, [items, items], header
        )

    check()
