"""Rows of a query, of which few are in memory at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, CursorResult, Select


@contextmanager
def streamed(
    connection: Connection, query: Select[*tuple[Any, ...]], rows_at_once: int = 1000
) -> Iterator[CursorResult[*tuple[Any, ...]]]:
    """Give the rows of a query as they are read; the end of the block ends it.

    The option is the statement's. That of a connection would stay, and PostgreSQL
    cannot give a cursor to a statement that changes rows.
    """
    options = query.execution_options(yield_per=rows_at_once)
    with connection.execute(options) as rows:
        yield rows
