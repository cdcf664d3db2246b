"""Mappings of a file's fields: suggested, read and written."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ..model.entity_type import EntityType, Field
from ..model.mapping import Mapping
from ..storage.remote_addresses import find_address
from ..tasks.imports.file_head import FileHead
from ..tasks.imports.mapping_files import read_mapping, write_mapping
from ..tasks.imports.mapping_suggestions import (
    Suggestion,
    ValueSuggestion,
    mapping_from_suggestions,
    suggest_mapping,
    suggest_values,
)
from .base import CenterPart
from .target_files import find_target, write_file


class Mappings(CenterPart):
    """Suggests mappings, and reads and writes mapping files: ``center.mappings``."""

    def suggest(self, entity_type: EntityType, head: FileHead) -> Mapping:
        """Return the mapping that follows all :meth:`suggestions`.

        >>> head = center.files.read_head("tickets.csv")
        >>> ticket = center.installations.entity_type("Production", "Ticket")
        >>> mapping = center.mappings.suggest(ticket, head)
        """
        return mapping_from_suggestions(self.suggestions(entity_type, head))

    def suggestions(
        self, entity_type: EntityType, head: FileHead
    ) -> tuple[Suggestion, ...]:
        """Return which fields of the file probably fill which fields, and why.

        Pairs of earlier imports into the entity type come first.
        """
        earlier = self._workspace.mappings.recall(entity_type.key)
        return suggest_mapping(entity_type, head.sources, earlier)

    def forget(self, entity_type: EntityType, source: str, target: str) -> bool:
        """Forget that *source* has filled *target*, so that it is not suggested again.

        >>> center.mappings.forget(ticket, "Bauart", "kind")

        Returns:
            False if no import has used this pair.
        """
        return self._workspace.mappings.forget(entity_type.key, source, target)

    def suggest_values(
        self, field: Field, values: Iterable[str]
    ) -> tuple[ValueSuggestion, ...]:
        """Return which keys of a picklist field *values* probably mean, and why."""
        return suggest_values(field, values)

    def read(self, path: Path | str, name: str | None = None) -> Mapping:
        """Read a mapping file in YAML or JSON.

        Args:
            path: The file, or its address, such as ``s3://bucket/mapping.yaml``.
            name: The file's own name, where *path* is only where it is stored.

        Raises:
            FileUnreadable: It is neither YAML nor JSON.
            InvalidPlan: It is not a mapping; the error names the field and the key.
            DmcError: As for :meth:`Sources.download`, for an address.
        """
        return read_mapping(find_address(path), name, self._workspace.source_policy)

    def write(self, mapping: Mapping, path: Path | str) -> None:
        """Write *mapping* as YAML, or as JSON if the file's name ends in ``.json``.

        Args:
            mapping: The mapping.
            path: The file, or its address; one that is there is replaced.
        """
        text = write_mapping(mapping, find_target(path).name)
        write_file(self._workspace, path, [text.encode()])
