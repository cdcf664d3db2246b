"""Which fields earlier imports mapped, to be offered again."""

from __future__ import annotations

from collections.abc import Iterable

from orjson import dumps, loads

from ..model.mapping import FieldMapping
from ..model.mapping_serialization import pair_from_dict, pair_to_dict
from .database import WorkspaceDatabase

MAX_PAIRS = 1000


class MappingHistory:
    """Pairs of fields by entity type, with formats and lookups.

    No value of a record is kept, and so no table of values and no default.
    """

    def __init__(self, database: WorkspaceDatabase) -> None:
        self._database = database

    def remember(self, entity_key: str, pairs: Iterable[FieldMapping]) -> None:
        """Keep *pairs* as the latest for an entity type.

        Older pairs stay, for files of another make, up to ``MAX_PAIRS`` in all.

        Args:
            entity_key: The full key of the entity type.
            pairs: Of one import.
        """
        kept = [_without_values(pair) for pair in pairs]
        rows = [(entity_key, each.source, each.target) for each in kept]
        hows = [
            "" if each.is_plain else dumps(pair_to_dict(each)).decode() for each in kept
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
                [(*row, how) for row, how in zip(rows, hows, strict=True)],
            )
            connection.execute(
                "DELETE FROM used_mapping WHERE entity_type = ? AND id NOT IN "
                "(SELECT id FROM used_mapping WHERE entity_type = ? "
                "ORDER BY id DESC LIMIT ?)",
                [entity_key, entity_key, MAX_PAIRS],
            )

    def recall(self, entity_key: str) -> tuple[FieldMapping, ...]:
        """Return what was kept for an entity type, the latest first."""
        found = self._database.rows(
            "SELECT source, target, how FROM used_mapping "
            "WHERE entity_type = ? ORDER BY id DESC",
            [entity_key],
        )
        return tuple(
            pair_from_dict(each["target"], loads(each["how"]))
            if each["how"]
            else FieldMapping(each["source"], each["target"])
            for each in found
        )


def _without_values(pair: FieldMapping) -> FieldMapping:
    return FieldMapping(
        pair.source, pair.target, format=pair.format, lookup=pair.lookup
    )
