"""A store on disk for the keys of a migration's items, which may not fit in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...storage.sqlite import open_temporary

_PAGE_SIZE = 500


class KeyStore:
    """A set of external reference codes by group and site.

    A group is the key of an entity type, with or without a word before it. The codes
    are in a temporary file of SQLite's own, which goes when the process ends.
    """

    def __init__(self) -> None:
        self._connection = open_temporary()
        self._connection.execute(
            "CREATE TABLE entry (key_group TEXT, scope TEXT, erc TEXT, "
            "visited INTEGER NOT NULL DEFAULT 0, "
            "PRIMARY KEY (key_group, scope, erc)) WITHOUT ROWID"
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
        query = "SELECT erc FROM entry WHERE key_group = ? AND scope = ? AND erc = ?"
        execute = self._connection.execute
        return {
            key
            for key in keys
            if execute(query, [group, scope, key]).fetchone() is not None
        }

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
