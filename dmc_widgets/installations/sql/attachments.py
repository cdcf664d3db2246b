"""Attachments in items, in the table of files and in the store of contents."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, bindparam, func, insert, select
from sqlalchemy import update as update_of

from ...model.record import LargeText
from ...objects.entries.attachment_files import BatchFiles, StoredFile, collect_files
from ...objects.entries.validation import EntryRules
from ...objects.fields.attachment import CONTENT, FileContent
from ...ports import Item
from .database.dialect import Contents, Dialect
from .database.engine import Database
from .database.tables import stored_file

INLINE_BYTES: Final = 64 * 1024
"""The largest content that an item holds as a text; larger ones are a `LargeText`."""

_ROWS: Final = select(
    stored_file.c.id,
    stored_file.c.erc,
    stored_file.c.name,
    stored_file.c.sha256,
    stored_file.c.size,
)
_UPDATE: Final = update_of(stored_file).where(stored_file.c.id == bindparam("own_id"))


def store_contents(
    rules: EntryRules, items: Sequence[Item], store: Contents
) -> Sequence[Item]:
    """Store the contents of *items*, and return the items with references to them.

    This happens before the transaction, so that a large file blocks no other writer.
    """
    if not rules.attachments:
        return items
    stored_items: list[Item] = []
    with store.storing() as put:
        for item in items:
            references = {
                attachment.name: attachment.check(item[attachment.name], put)
                for attachment in rules.attachments
                if item.get(attachment.name) is not None
            }
            stored_items.append({**item, **references})
    return stored_items


def find_files(
    connection: Connection,
    dialect: Dialect,
    rules: EntryRules,
    scope: str,
    values: Iterable[Mapping[str, Any]],
) -> BatchFiles:
    """Look up the files that entries and validated items of one site refer to."""
    codes, ids = collect_files(values, rules.attachments)
    files = BatchFiles(new_id=_new_ids(connection))
    lookups: list[tuple[ColumnElement[Any], Any]] = [
        (stored_file.c.erc, codes),
        (stored_file.c.id, ids),
    ]
    for column, keys in lookups:
        if not keys:
            continue
        query = _ROWS.where(dialect.any_of(column)).where(stored_file.c.scope == scope)
        for row in connection.execute(query, {"keys": dialect.keys(keys)}):
            file = _file(row)
            files.by_erc[file.erc] = files.by_id[file.id] = file
    return files


def write_files(
    connection: Connection, files: BatchFiles, scope: str, now_ms: int
) -> None:
    """Store the files of one site that a batch has created or updated."""
    created = [
        {"id": file.id, "scope": scope, "created": now_ms, **_values(file, now_ms)}
        for file in files.created.values()
    ]
    if created:
        connection.execute(insert(stored_file), created)
    updated = [
        {"own_id": file.id, **_values(file, now_ms)} for file in files.updated.values()
    ]
    if updated:
        connection.execute(_UPDATE, updated)


def replace_file_ids(
    connection: Connection,
    database: Database,
    rules: EntryRules,
    items: Sequence[Item],
) -> None:
    """Replace the ids of files in *items* by the files, with one query for all."""
    places = [
        (item, attachment.name)
        for attachment in rules.attachments
        for item in items
        if type(item.get(attachment.name)) is int
    ]
    if not places:
        return
    dialect, contents = database.dialect, database.contents
    keys = dialect.keys({item[name] for item, name in places})
    query = _ROWS.where(dialect.any_of(stored_file.c.id))
    files = {row.id: _file(row) for row in connection.execute(query, {"keys": keys})}
    for item, name in places:
        file = files[item[name]]
        item[name] = {**file.to_output(), CONTENT: contents.text(file.content)}


def load_small_contents(rules: EntryRules, items: Iterable[Item]) -> Iterator[Item]:
    """Load small contents item by item, so that memory does not hold a page of them."""
    names = [attachment.name for attachment in rules.attachments]
    return _with_small_contents(names, items) if names else iter(items)


def _with_small_contents(names: list[str], items: Iterable[Item]) -> Iterator[Item]:
    for item in items:
        for name in names:
            attachment = item.get(name)
            text = attachment.get(CONTENT) if isinstance(attachment, dict) else None
            if isinstance(text, LargeText) and text.size <= INLINE_BYTES:
                item[name] = {**item[name], CONTENT: text.whole()}
        yield item


def _new_ids(connection: Connection) -> Callable[[], int]:
    """Return a function that gives consecutive ids; the write lock is held."""
    last = connection.execute(select(func.max(stored_file.c.id))).scalar()
    return itertools.count((last or 0) + 1).__next__


def _values(file: StoredFile, now_ms: int) -> dict[str, Any]:
    return {
        "erc": file.erc,
        "name": file.name,
        "sha256": file.content.sha256,
        "size": file.content.size,
        "modified": now_ms,
    }


def _file(row: Any) -> StoredFile:
    return StoredFile(row.id, row.erc, row.name, FileContent(row.sha256, row.size))
