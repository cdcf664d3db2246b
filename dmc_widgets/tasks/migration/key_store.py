"""A store on disk for the keys of a migration's items, which may not fit in memory.

Items that were read before they move are kept there, too, so that nothing is read from
the source twice.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator
from itertools import islice

from ...ports import Item
from ...storage.sqlite import open_temporary

_PAGE_SIZE = 500
_ITEM_PAGE_SIZE = 100

_AMONG = "SELECT erc FROM entry WHERE key_group = ? AND scope = ? AND erc IN ({places})"


class KeyStore:
    """A set of external reference codes by group and site, and items of these.

    A group is the key of an entity type, with or without a word before it. Codes and
    items are in a temporary file of SQLite's own, which goes when the process ends.
    """

    def __init__(self) -> None:
        self._connection = open_temporary()
        self._connection.execute(
            "CREATE TABLE entry (key_group TEXT, scope TEXT, erc TEXT, "
            "visited INTEGER NOT NULL DEFAULT 0, "
            "PRIMARY KEY (key_group, scope, erc)) WITHOUT ROWID"
        )
        self._connection.execute(
            "CREATE TABLE item (id INTEGER PRIMARY KEY, key_group TEXT, scope TEXT, "
            "erc TEXT, content BLOB, UNIQUE (key_group, scope, erc))"
        )

    def close(self) -> None:
        """Remove the file."""
        self._connection.close()

    def add(self, group: str, keys: Iterable[tuple[str, str]]) -> int:
        """Add pairs of site and code to a group; return how many are new."""
        before = self._connection.total_changes
        self._connection.executemany(
            "INSERT OR IGNORE INTO entry (key_group, scope, erc) VALUES (?, ?, ?)",
            ((group, scope, erc) for scope, erc in keys),
        )
        return self._connection.total_changes - before

    def count(self, group: str) -> int:
        """Return the number of keys in a group."""
        query = "SELECT count(*) FROM entry WHERE key_group = ?"
        number: int = self._connection.execute(query, [group]).fetchone()[0]
        return number

    def find(self, group: str, scope: str, keys: Iterable[str]) -> set[str]:
        """Return those of *keys* that are in a group."""
        wanted, found = iter(keys), set[str]()
        while some := [*islice(wanted, _PAGE_SIZE)]:
            query = _AMONG.format(places=", ".join("?" * len(some)))
            rows = self._connection.execute(query, [group, scope, *some])
            found.update(erc for (erc,) in rows)
        return found

    def pages(self, group: str) -> Iterator[tuple[str, list[str]]]:
        """Yield each site with up to 500 of its codes at a time, in order."""
        scope, erc = "", ""
        while True:
            rows = self._connection.execute(
                "SELECT scope, erc FROM entry WHERE key_group = ? "
                "AND (scope, erc) > (?, ?) ORDER BY scope, erc LIMIT ?",
                [group, scope, erc, _PAGE_SIZE],
            ).fetchall()
            if not rows:
                return
            yield from _group_by_scope(rows)
            scope, erc = rows[-1]

    def keep_items(self, group: str, items: Iterable[tuple[str, str, Item]]) -> None:
        """Keep items of a group, each with its site and code, in this order."""
        self._connection.executemany(
            "INSERT OR REPLACE INTO item (key_group, scope, erc, content) "
            "VALUES (?, ?, ?, ?)",
            (
                (group, scope, erc, pickle.dumps(item, pickle.HIGHEST_PROTOCOL))
                for scope, erc, item in items
            ),
        )

    def count_items(self, group: str) -> int:
        """Return the number of items that are kept of a group."""
        query = "SELECT count(*) FROM item WHERE key_group = ?"
        number: int = self._connection.execute(query, [group]).fetchone()[0]
        return number

    def find_items(
        self, group: str, scope: str, keys: Iterable[str]
    ) -> dict[str, Item]:
        """Return those of the items under *keys* that are kept of a group."""
        query = "SELECT content FROM item WHERE key_group = ? AND scope = ? AND erc = ?"
        rows = (
            (key, self._connection.execute(query, [group, scope, key]).fetchone())
            for key in keys
        )
        return {key: _unpack(row[0]) for key, row in rows if row is not None}

    def items(self, group: str) -> Iterator[Item]:
        """Yield the items that are kept of a group, in the order of their coming."""
        last = 0
        query = (
            "SELECT id, content FROM item WHERE id > ? AND key_group = ? "
            "ORDER BY id LIMIT ?"
        )
        while rows := self._connection.execute(
            query, [last, group, _ITEM_PAGE_SIZE]
        ).fetchall():
            last = rows[-1][0]
            for _, content in rows:
                yield _unpack(content)

    def take_unvisited(self, group: str) -> Iterator[tuple[str, list[str]]]:
        """Yield pages of keys not taken before, and of keys added in the meantime."""
        while True:
            rows = self._connection.execute(
                "SELECT scope, erc FROM entry WHERE key_group = ? "
                "AND NOT visited ORDER BY scope, erc LIMIT ?",
                [group, _PAGE_SIZE],
            ).fetchall()
            if not rows:
                return
            self._connection.executemany(
                "UPDATE entry SET visited = 1 "
                "WHERE key_group = ? AND scope = ? AND erc = ?",
                ((group, *row) for row in rows),
            )
            yield from _group_by_scope(rows)


def _group_by_scope(rows: Iterable[tuple[str, str]]) -> Iterator[tuple[str, list[str]]]:
    by_scope: dict[str, list[str]] = {}
    for scope, erc in rows:
        by_scope.setdefault(scope, []).append(erc)
    yield from by_scope.items()


def _unpack(content: bytes) -> Item:
    item: Item = pickle.loads(content)  # noqa: S301 - written by this process alone
    return item
