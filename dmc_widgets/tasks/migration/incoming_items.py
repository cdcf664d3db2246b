"""The items of a source as the first pass of a migration sends them, for dry runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set

from ...model.entity_type import EntityType, object_type_name
from ...model.outcome import Outcome
from ...ports import Batch, Installation, Item
from ..matching.matched_codes import MatchedCodes, fetch_as_sent
from .selection import MigrationPart
from .source_items import fields_to_move


class IncomingItems:
    """The items that a source still has; see :class:`..dry_runs.SentItems`.

    Args:
        source: The installation that items come from.
        deferred_fields: The fields that wait for the second pass, by entity type.
        codes: The codes under which the target has entries of the source.
    """

    def __init__(
        self,
        source: Installation,
        deferred_fields: Mapping[str, Set[str]],
        codes: MatchedCodes,
    ) -> None:
        self._source = source
        self._deferred_fields = deferred_fields
        self._codes = codes
        self._types = {
            entity_type.name: entity_type for entity_type in source.entity_types()
        }

    def entity_type(self, name: object) -> EntityType | None:
        """Return the entity type of a definition's entries; None if it has none."""
        return self._types.get(object_type_name(name))

    def entries(
        self, entity_type: EntityType, keys: Sequence[str], scope: str
    ) -> dict[str, Item]:
        """Return entries by code, with the fields that the first pass sends.

        Args:
            entity_type: The entity type in the target.
            keys: The external reference codes of the entries.
            scope: The key of their site; empty for company scope.
        """
        source_type = self._types.get(entity_type.name)
        if source_type is None:
            return {}
        deferred_fields = frozenset(
            self._deferred_fields.get(source_type.key, frozenset())
        )
        names = fields_to_move(
            MigrationPart(entity_type=source_type, deferred_fields=deferred_fields),
            entity_type,
        )
        fetched = fetch_as_sent(self._source, source_type, self._codes, keys, scope)
        return {
            key: {name: item[name] for name in names or item if name in item}
            for key, item in fetched.items()
        }

    def remember(
        self, entity_type: EntityType, batch: Batch, outcomes: Sequence[Outcome]
    ) -> None:
        """Do nothing: the source still has what was sent."""
