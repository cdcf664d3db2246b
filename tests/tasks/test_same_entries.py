"""The same content gives the same entries in every format."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from itertools import count
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dmc_widgets.center import Center
from dmc_widgets.installations import connect
from dmc_widgets.model.plan import ImportPlan
from dmc_widgets.model.reading_options import ReadingOptions
from dmc_widgets.model.strategies import ErrorStrategy, Policy
from dmc_widgets.model.task import Task
from dmc_widgets.ports import Query
from tests.factories import workbook

RunImport = Callable[..., Task]

KEY = "com.liferay.object.rest.dto.v1_0.ObjectEntry#C_Ticket"
ERC = "externalReferenceCode"
CONTINUE = Policy(error_strategy=ErrorStrategy.CONTINUE)
EXAMPLES = count(1)

TITLES = st.one_of(
    st.none(),
    st.sampled_from(["Leak", "007", "'=1", "@home", '"a, b"', "+49 30 12", " x ", "ß"]),
    st.integers(-(10**14), 10**14),
    st.text("aß張\n '\"=;,", min_size=1, max_size=6),
)
PRIORITIES = st.one_of(
    st.none(),
    st.integers(-(2**31), 2**31 - 1),
    st.sampled_from([2**31, "abc", "12", "1.5"]),
)
ROWS = st.lists(st.tuples(TITLES, PRIORITIES), min_size=1, max_size=6)


def comma_separated(records: list[dict[str, Any]]) -> bytes:
    stream = io.StringIO()
    writer = csv.DictWriter(stream, [ERC, "title", "priority"])
    writer.writeheader()
    writer.writerows(records)
    return stream.getvalue().encode()


def json_lines(records: list[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(record) + "\n" for record in records).encode()


def excel(records: list[dict[str, Any]]) -> bytes:
    """Numbers are cells of numbers, all else is text."""
    rows = [list(record.values()) for record in records]
    return workbook([[ERC, "title", "priority"], *rows])


FORMATS = {
    "csv": comma_separated,
    "xlsx": excel,
    "jsonl": json_lines,
}


def stored(center: Center, prefix: str) -> dict[str, Any]:
    installation = connect(center.installations.list()[0].url)
    found = installation.read(
        center.installations.entity_type("target", "Ticket"), Query()
    )
    entries = {
        item[ERC].removeprefix(prefix): (item["title"], item["priority"])
        for item in found
        if item[ERC].startswith(prefix)
    }
    installation.close()
    return entries


@given(rows=ROWS)
@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_a_table_makes_the_same_entries_in_every_format(
    run_import: RunImport, center: Center, rows: list[tuple[Any, Any]]
) -> None:
    """The same records are stored, with the same values, and the same ones fail."""
    example = next(EXAMPLES)
    reading = ReadingOptions(
        delimiter=",", enclosing_character='"', encoding="UTF-8", escapes="keep"
    )
    plan = ImportPlan(entity_type=KEY, name="test", policy=CONTINUE, reading=reading)
    results = []
    for suffix, write in FORMATS.items():
        prefix = f"{example}-{suffix}-"
        records = [
            {ERC: f"{prefix}{number}", "title": title, "priority": priority}
            for number, (title, priority) in enumerate(rows)
        ]

        task = run_import(write(records), plan, f"tickets.{suffix}")

        assert task.counts.total == len(rows)
        results.append((task.counts, stored(center, prefix)))
    assert results[0] == results[1] == results[2]
