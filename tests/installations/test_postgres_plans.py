"""PostgreSQL finds what a batch names by its keys, however little it knows of them.

The server looks at tables once a minute. Until then it takes the entries of a
definition for few, and would read all of them for each batch: 20,000 entries took six
times as long. Of a batch that is large beside the table it may well read all once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from dmc_widgets.installations.sql import SqlInstallation
from dmc_widgets.model.outcome import OutcomeKind
from dmc_widgets.ports import Batch, Item
from dmc_widgets.testing.samples import (
    CONTINUE,
    CREATED,
    DEFINITIONS,
    PICKLIST,
    UPDATED,
    kinds,
    ticket,
    type_named,
    write,
)
from tests.installations.databases import ServerPlace, open_at
from tests.postgresql import create_installation

COUNT = 20_000
LARGE, SMALL = 1_000, 20
SLOW = re.compile(
    r"(?:Hash|Merge) Join|Seq Scan on (?:entry|unique_value|relationship)\b|entry_order"
)
"""Steps of a plan that read all entries: the last is an index of their order."""


def tickets(start: int, count: int, title: str) -> list[Item]:
    """Return tickets, each with a unique token."""
    return [
        ticket(f"T-{n}", title=title, token=f"t{n}")
        for n in range(start, start + count)
    ]


def put(desk: SqlInstallation, items: list[Item]) -> set[OutcomeKind]:
    """Write a batch with its journal; return what became of the items."""
    task = f"{items[0]['externalReferenceCode']} {items[0]['title']} {len(items)}"
    batch = Batch(task=task, number=1, items=items, policy=CONTINUE, journal=True)
    return set(kinds(desk.write(type_named(desk, "C_Ticket"), batch)))


@contextmanager
def plans(desk: SqlInstallation) -> Iterator[list[str]]:
    """Give the plans of the statements that are executed in the block."""
    found: list[str] = []

    def explain(
        _connection: Any, cursor: Any, statement: str, parameters: Any, *_: Any
    ) -> None:
        if re.match("SELECT|UPDATE|DELETE|INSERT", statement):
            explained = cursor.connection.cursor()
            explained.execute(f"EXPLAIN {statement}", parameters)
            found.append("\n".join(line for (line,) in explained))

    engine = desk._database._engine
    event.listen(engine, "before_cursor_execute", explain)
    yield found
    event.remove(engine, "before_cursor_execute", explain)


def slow_steps(found: list[str]) -> list[str]:
    return [step for plan in found for step in SLOW.findall(plan)]


def test_what_a_batch_names_is_found_by_its_keys() -> None:
    """In an import into an empty database, and in one that changes all of it."""
    desk = open_at(ServerPlace(create_installation()), "desk")
    write(desk, "ListTypeDefinition", PICKLIST)
    assert kinds(write(desk, "ObjectDefinition", *DEFINITIONS)) == [CREATED] * 2
    small: list[str] = []

    for start in range(0, COUNT, LARGE):
        assert put(desk, tickets(start, LARGE, "one")) == {CREATED}
        if start in {5 * LARGE, 10 * LARGE, 15 * LARGE}:
            with plans(desk) as found:
                assert put(desk, tickets(start, SMALL, "two")) == {UPDATED}
            small += found
    with plans(desk) as large:
        assert put(desk, tickets(3 * LARGE, LARGE, "three")) == {UPDATED}
    desk.close()

    between = [plan for plan in large if "(erc >= " in plan]
    assert len(between) == 1
    assert "entry_definition_id_erc_scope_key" in between[0]
    assert len(small) == 3 * (len(large) - 1) > 12
    assert slow_steps(small) == []
    assert [step for step in slow_steps(large) if step.endswith("Join")] == []
