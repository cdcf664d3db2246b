"""The field mappings of earlier imports, to be suggested again."""

from __future__ import annotations

from collections.abc import Iterable

from orjson import dumps, loads

from ..model.mapping import FieldMapping
from ..model.mapping_serialization import pair_from_dict, pair_to_dict
from .database import WorkspaceDatabase

MAX_PAIRS = 1000


class MappingHistory:
    """Field mappings by entity type, with their formats and look-ups.

    Values of records are not stored, so tables of values and defaults are left out.
    """

    def __init__(self, database: WorkspaceDatabase) -> None:
        self._database = database

    def remember(self, entity_key: str, pairs: Iterable[FieldMapping]) -> None:
        """Store *pairs* as the latest for an entity type.

        Older pairs are kept for files with other columns, up to ``MAX_PAIRS`` in all.

        Args:
            entity_key: The full key of the entity type.
            pairs: The field mappings of one import.
        """
        stored = [_without_values(pair) for pair in pairs]
        rows = [(entity_key, pair.source, pair.target) for pair in stored]
        details = [
            "" if pair.is_plain else dumps(pair_to_dict(pair)).decode()
            for pair in stored
        ]
        if not rows:
            return
        with self._database.transaction() as connection:
            connection.executemany(
                "DELETE FROM used_mapping "
                "WHERE entity_type = ? AND source = ? AND target = ?",
                rows,
            )
            connection.executemany(
                "INSERT INTO used_mapping (entity_type, source, target, how) "
                "VALUES (?, ?, ?, ?)",
                [(*row, detail) for row, detail in zip(rows, details, strict=True)],
            )
            connection.execute(
                "DELETE FROM used_mapping WHERE entity_type = ? AND id NOT IN "
                "(SELECT id FROM used_mapping WHERE entity_type = ? "
                "ORDER BY id DESC LIMIT ?)",
                [entity_key, entity_key, MAX_PAIRS],
            )

    def forget(self, entity_key: str, source: str, target: str) -> bool:
        """Remove a pair, so that it is not suggested again.

        Returns:
            False if there was none.
        """
        with self._database.transaction() as connection:
            done = connection.execute(
                "DELETE FROM used_mapping "
                "WHERE entity_type = ? AND source = ? AND target = ?",
                [entity_key, source, target],
            )
            return bool(done.rowcount)

    def recall(self, entity_key: str) -> tuple[FieldMapping, ...]:
        """Return the field mappings of an entity type, the latest first."""
        rows = self._database.rows(
            "SELECT source, target, how FROM used_mapping "
            "WHERE entity_type = ? ORDER BY id DESC",
            [entity_key],
        )
        return tuple(
            pair_from_dict(row["target"], loads(row["how"]))
            if row["how"]
            else FieldMapping(row["source"], row["target"])
            for row in rows
        )

    def recall_sources(self) -> dict[str, set[str]]:
        """Return the fields of files that filled something, by entity type."""
        found: dict[str, set[str]] = {}
        for row in self._database.rows("SELECT entity_type, source FROM used_mapping"):
            found.setdefault(row["entity_type"], set()).add(row["source"])
        return found


def _without_values(pair: FieldMapping) -> FieldMapping:
    return FieldMapping(
        pair.source, pair.target, format=pair.format, lookup=pair.lookup
    )
