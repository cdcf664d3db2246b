"""Keys of items, too many for memory: kept on disk while a task runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...storage.sqlite import open_temporary

_PAGE_SIZE = 500


class KeyStore:
    """External reference codes by entity type and site, each once.

    They lie in a temporary file of SQLite's, which goes with the process.
    """

    def __init__(self) -> None:
        self._connection = open_temporary()
        self._connection.execute(
            "CREATE TABLE entry (entity_type TEXT, scope TEXT, erc TEXT, "
            "looked_at INTEGER NOT NULL DEFAULT 0, "
            "PRIMARY KEY (entity_type, scope, erc)) WITHOUT ROWID"
        )

    def close(self) -> None:
        """Remove the file."""
        self._connection.close()

    def add(self, entity_type: str, keys: Iterable[tuple[str, str]]) -> int:
        """Add pairs of site and code; return how many are new."""
        before = self._connection.total_changes
        self._connection.executemany(
            "INSERT OR IGNORE INTO entry (entity_type, scope, erc) VALUES (?, ?, ?)",
            ((entity_type, scope, erc) for scope, erc in keys),
        )
        return self._connection.total_changes - before

    def count(self, entity_type: str) -> int:
        """Return how many keys there are of an entity type."""
        query = "SELECT count(*) FROM entry WHERE entity_type = ?"
        number: int = self._connection.execute(query, [entity_type]).fetchone()[0]
        return number

    def known(self, entity_type: str, scope: str, keys: Iterable[str]) -> set[str]:
        """Return those of *keys* that are here."""
        query = "SELECT erc FROM entry WHERE entity_type = ? AND scope = ? AND erc = ?"
        execute = self._connection.execute
        return {
            key
            for key in keys
            if execute(query, [entity_type, scope, key]).fetchone() is not None
        }

    def pages(self, entity_type: str) -> Iterator[tuple[str, list[str]]]:
        """Yield site and up to 500 of its codes at a time, in their order."""
        scope, erc = "", ""
        while True:
            rows = self._connection.execute(
                "SELECT scope, erc FROM entry WHERE entity_type = ? "
                "AND (scope, erc) > (?, ?) ORDER BY scope, erc LIMIT ?",
                [entity_type, scope, erc, _PAGE_SIZE],
            ).fetchall()
            if not rows:
                return
            yield from _group_by_scope(rows)
            scope, erc = rows[-1]

    def take_unvisited(self, entity_type: str) -> Iterator[tuple[str, list[str]]]:
        """Yield pages of keys that nobody has taken yet, those added meanwhile too."""
        while True:
            rows = self._connection.execute(
                "SELECT scope, erc FROM entry WHERE entity_type = ? "
                "AND NOT looked_at ORDER BY scope, erc LIMIT ?",
                [entity_type, _PAGE_SIZE],
            ).fetchall()
            if not rows:
                return
            self._connection.executemany(
                "UPDATE entry SET looked_at = 1 "
                "WHERE entity_type = ? AND scope = ? AND erc = ?",
                ((entity_type, *row) for row in rows),
            )
            yield from _group_by_scope(rows)


def _group_by_scope(rows: Iterable[tuple[str, str]]) -> Iterator[tuple[str, list[str]]]:
    found: dict[str, list[str]] = {}
    for scope, erc in rows:
        found.setdefault(scope, []).append(erc)
    yield from found.items()
