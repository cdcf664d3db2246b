"""Attachments between items, the table of files and the store of their contents."""

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
from .database.content_store import ContentStore
from .database.dialect import Dialect
from .database.engine import Database
from .database.tables import stored_file

INLINE_BYTES: Final = 64 * 1024
"""Up to here an item holds content as a text; beyond, as a :class:`LargeText`."""

_ROWS: Final = select(
    stored_file.c.id,
    stored_file.c.erc,
    stored_file.c.name,
    stored_file.c.sha256,
    stored_file.c.size,
)
_UPDATE: Final = update_of(stored_file).where(stored_file.c.id == bindparam("own_id"))


def store_contents(
    rules: EntryRules, items: Sequence[Item], store: ContentStore
) -> Sequence[Item]:
    """Put the contents that *items* bring into the store; the items name them then.

    This happens before the transaction: a large file keeps no other writer waiting.
    """
    if not rules.attachments:
        return items
    found: list[Item] = []
    with store.storing() as put:
        for item in items:
            given = {
                attachment.name: attachment.check(item[attachment.name], put)
                for attachment in rules.attachments
                if item.get(attachment.name) is not None
            }
            found.append({**item, **given})
    return found


def find_files(
    connection: Connection,
    dialect: Dialect,
    rules: EntryRules,
    scope: str,
    values: Iterable[Mapping[str, Any]],
) -> BatchFiles:
    """Look up the files that entries and checked items of one site name."""
    codes, ids = collect_files(values, rules.attachments)
    found = BatchFiles(new_id=_new_ids(connection))
    wanted: list[tuple[ColumnElement[Any], Any]] = [
        (stored_file.c.erc, codes),
        (stored_file.c.id, ids),
    ]
    for column, keys in wanted:
        if not keys:
            continue
        query = _ROWS.where(dialect.any_of(column)).where(stored_file.c.scope == scope)
        for row in connection.execute(query, {"keys": dialect.keys(keys)}):
            file = _file(row)
            found.by_erc[file.erc] = found.by_id[file.id] = file
    return found


def write_files(
    connection: Connection, files: BatchFiles, scope: str, now_ms: int
) -> None:
    """Write what a batch made of the files of one site."""
    created = [
        {"id": each.id, "scope": scope, "created": now_ms, **_values(each, now_ms)}
        for each in files.created.values()
    ]
    if created:
        connection.execute(insert(stored_file), created)
    updated = [
        {"own_id": each.id, **_values(each, now_ms)} for each in files.updated.values()
    ]
    if updated:
        connection.execute(_UPDATE, updated)


def replace_file_ids(
    connection: Connection,
    database: Database,
    rules: EntryRules,
    items: Sequence[Item],
) -> None:
    """Put files in the place of the ids that *items* hold; one query for all."""
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
    """Load small contents, item by item, so that no page of them is in memory."""
    names = [attachment.name for attachment in rules.attachments]
    return _with_small_contents(names, items) if names else iter(items)


def _with_small_contents(names: list[str], items: Iterable[Item]) -> Iterator[Item]:
    for item in items:
        for name in names:
            shown = item.get(name)
            text = shown.get(CONTENT) if isinstance(shown, dict) else None
            if isinstance(text, LargeText) and text.size <= INLINE_BYTES:
                item[name] = {**item[name], CONTENT: text.whole()}
        yield item


def _new_ids(connection: Connection) -> Callable[[], int]:
    """Give ids in a line; nobody else writes meanwhile."""
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
