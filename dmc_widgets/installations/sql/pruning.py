"""Remove what tasks have left: the marks of old ones, and files that nothing names.

A file is named by an entry, or by the journal of a task that can still be undone. In a
journal a file may stand by its id, its code or its digest; any value there that equals
one of them keeps it, so that at worst a file stays that could go.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

import orjson
from sqlalchemy import Connection, delete, func, select

from ...objects.fields.attachment import ATTACHMENT
from ...ports import PrunedStorage
from .database.engine import Database
from .database.streaming import streamed
from .database.tables import (
    batch_mark,
    document,
    entry,
    entry_event,
    lost_value,
    stored_file,
)

_DEFINITION: Final = "ObjectDefinition"
_ROWS_AT_ONCE: Final = 500


class _UnnamedFile(NamedTuple):
    id: int
    erc: str
    sha256: str


def prune_database(
    database: Database, tasks: Sequence[str], before_ms: int, *, dry_run: bool
) -> PrunedStorage:
    """Remove marks and unnamed files; see :class:`~dmc_widgets.ports.StoragePruner`."""
    writes = database.reading if dry_run else database.writing
    with writes() as connection:
        tasks = _with_repairs(connection, tasks)
        marks, mark_bytes = _count_marks(connection, tasks)
        files = _find_unnamed_files(connection, tasks, before_ms)
        digests = _named_digests(connection, files)
        if not dry_run:
            _delete_marks(connection, tasks)
            _delete_files(connection, files)
    # Only now: an entry must not name a missing content if the deletion is rolled back.
    content_bytes = database.contents.prune(digests, before_ms, dry_run=dry_run)
    return PrunedStorage(marks, len(files), mark_bytes + content_bytes)


def _with_repairs(connection: Connection, tasks: Sequence[str]) -> list[str]:
    """Return the keys under which tasks have marks: their own, and more after a dot.

    Repairs write under keys of their own, ``KEY.r1`` and ``KEY.key.colour.green``.
    """
    wanted = frozenset(tasks)
    known = connection.execute(select(batch_mark.c.task).distinct()).scalars()
    return [key for key in known if key.partition(".")[0] in wanted]


def _count_marks(connection: Connection, tasks: Sequence[str]) -> tuple[int, int]:
    number = size = 0
    columns = (
        func.count(),
        func.coalesce(func.sum(func.length(batch_mark.c.outcomes)), 0),
    )
    for some in _portions(tasks):
        query = select(*columns).where(batch_mark.c.task.in_(some))
        count, length = connection.execute(query).one()
        number, size = number + count, size + length
    return number, size


def _delete_marks(connection: Connection, tasks: Sequence[str]) -> None:
    for some in _portions(tasks):
        for table in (batch_mark, lost_value):
            connection.execute(delete(table).where(table.c.task.in_(some)))


def _delete_files(connection: Connection, files: Sequence[_UnnamedFile]) -> None:
    for some in _portions([file.id for file in files]):
        connection.execute(delete(stored_file).where(stored_file.c.id.in_(some)))


def _find_unnamed_files(
    connection: Connection, tasks: Sequence[str], before_ms: int
) -> list[_UnnamedFile]:
    """Return the files from before a time that neither entry nor journal names."""
    query = select(stored_file.c.id, stored_file.c.erc, stored_file.c.sha256)
    rows = connection.execute(query.where(stored_file.c.modified < before_ms))
    candidates = [_UnnamedFile(*row) for row in rows]
    if not candidates:
        return []
    named = _ids_in_entries(connection)
    candidates = [file for file in candidates if file.id not in named]
    if candidates:
        values = _values_in_journals(connection, frozenset(tasks))
        kept = {value for value in values if isinstance(value, (int, str))}
        candidates = [file for file in candidates if not kept.intersection(file)]
    return candidates


def _ids_in_entries(connection: Connection) -> set[int]:
    """Return the ids of all files that entries hold."""
    ids: set[int] = set()
    for definition_id, names in _attachment_fields(connection):
        query = select(entry.c.body).where(entry.c.definition_id == definition_id)
        for body in _stream(connection, query):
            values = orjson.loads(body)
            ids.update(values[name] for name in names if type(values.get(name)) is int)
    return ids


def _attachment_fields(connection: Connection) -> list[tuple[int, list[str]]]:
    query = select(document.c.id, document.c.body)
    rows = connection.execute(query.where(document.c.kind == _DEFINITION))
    fields = []
    for definition_id, body in rows:
        names = [
            field["name"]
            for field in orjson.loads(body).get("objectFields", ())
            if field.get("businessType") == ATTACHMENT
        ]
        if names:
            fields.append((definition_id, names))
    return fields


def _values_in_journals(
    connection: Connection, without: frozenset[str]
) -> Iterator[Any]:
    """Yield every value of the journals of other tasks, and of entries' histories."""
    marks = select(batch_mark.c.task, batch_mark.c.outcomes)
    with streamed(connection, marks, _ROWS_AT_ONCE) as rows:
        for task, packed in rows:
            if task not in without:
                yield from _leaves(orjson.loads(packed).get("changes"))
    for changes in _stream(connection, select(entry_event.c.changes)):
        yield from _leaves(orjson.loads(changes))


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from _leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner)
    else:
        yield value


def _stream(connection: Connection, query: Any) -> Iterator[Any]:
    with streamed(connection, query, _ROWS_AT_ONCE) as rows:
        yield from rows.scalars()


def _named_digests(connection: Connection, removed: Iterable[_UnnamedFile]) -> set[str]:
    """Return the digests of the contents that files name once some are removed."""
    ids = {file.id for file in removed}
    rows = connection.execute(select(stored_file.c.id, stored_file.c.sha256))
    return {sha256 for file_id, sha256 in rows if file_id not in ids}


def _portions(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(values), _ROWS_AT_ONCE):
        yield values[start : start + _ROWS_AT_ONCE]
