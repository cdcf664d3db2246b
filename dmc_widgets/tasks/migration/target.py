"""The target of a migration, whose entity types grow while definitions come in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ...errors import InvalidPlan
from ...model.entity_type import EntityType
from ...model.strategies import Policy
from ...objects.comparison.erc_matching import NO_TRANSLATION, ErcTranslation
from ...ports import Installation
from ..imports.offered_strategies import require_lazy_references
from ..installation_access import find_entity_type, require_permission
from ..matching.matched_codes import MatchedCodes
from .selection import MigrationPart, ResolvedSelection
from .source_items import has_links


class MigrationTarget:
    """The installation that a migration writes to, and what it holds by now.

    Args:
        installation: The installation itself.
        codes: The codes under which it has documents of the source.
        matches: The codes under which it has entries of the source; None if nothing is
            matched.

    Attributes:
        installation: The installation itself.
        existing_dependencies: The number of dependencies that it held before.
    """

    def __init__(
        self,
        installation: Installation,
        codes: ErcTranslation = NO_TRANSLATION,
        matches: MatchedCodes | None = None,
    ) -> None:
        self.installation = installation
        self._codes = codes
        self._matches = matches
        self._types: Sequence[EntityType] = installation.entity_types()
        self._has_definitions = False
        self.existing_dependencies = 0

    def require_definitions(self, selected: ResolvedSelection) -> None:
        """Refuse a migration of entries whose definition will not exist.

        Raises:
            InvalidPlan: The error names the objects and says what brings them.
        """
        known = {entity_type.key for entity_type in self._types}
        known |= selected.defined_types
        missing = sorted(
            part.entity_type.name
            for part in selected.parts
            if part.entity_type.key not in known and not part.second_pass_fields
        )
        if missing:
            reason = (
                f"The target has no {', '.join(missing)}. Choose ObjectDefinition too, "
                "or let what is needed come along."
            )
            raise InvalidPlan(reason)

    def require_lazy_references(self) -> None:
        """Refuse lazy references where the target does not have them.

        Raises:
            NotSupported: The error names an entity type that has none.
        """
        for entity_type in self._types:
            require_lazy_references(entity_type)

    def require_permissions(
        self, parts: Iterable[MigrationPart], policy: Policy
    ) -> None:
        """Refuse a migration that would stop at a part for lack of a permission.

        Parts whose definition is yet to come cannot be checked.

        Raises:
            InstallationError: The user lacks a permission in the target.
        """
        known = {entity_type.key: entity_type for entity_type in self._types}
        for part in parts:
            entity_type = known.get(part.entity_type.key)
            if entity_type and not part.is_dependency and not part.second_pass_fields:
                require_permission(self.installation, entity_type, policy)

    def entity_type(self, part: MigrationPart) -> EntityType:
        """Return the part's entity type in the target.

        Raises:
            InvalidPlan: It does not exist: its definition is a draft, or did not come.
        """
        if part.is_entries and not self._has_definitions:
            self._types = self.installation.entity_types()
            self._has_definitions = True
        key = part.entity_type.key
        if part.is_entries and all(x.key != key for x in self._types):
            raise InvalidPlan(_not_published_message(part.entity_type.name))
        return find_entity_type(self._types, key)

    def find_missing(
        self, part: MigrationPart, scope: str, keys: list[str]
    ) -> list[str]:
        """Return those of *keys* that the target lacks; others stay as they are."""
        entity_type = self.entity_type(part)
        codes = self._target_codes(entity_type, scope, keys)
        stored = self.installation.fetch(entity_type, list(codes.values()), scope)
        self.existing_dependencies += len(stored)
        return [key for key in keys if codes[key] not in stored]

    def find_linked(self, part: MigrationPart, scope: str, keys: list[str]) -> set[str]:
        """Return the keys of entries that have any of the links that a part brings."""
        entity_type = self.entity_type(part)
        codes = self._target_codes(entity_type, scope, keys)
        stored = self.installation.fetch(entity_type, [*codes.values()], scope)
        linked = {code for code, item in stored.items() if has_links(item, part)}
        return {key for key in keys if codes[key] in linked}

    def _target_codes(
        self, entity_type: EntityType, scope: str, keys: list[str]
    ) -> dict[str, str]:
        """Return the target's codes of items by those of the source."""
        codes = {key: self._codes.of(entity_type.name, key) for key in keys}
        if self._matches is not None:
            codes |= self._matches.find(entity_type.key, scope, keys)
        return codes


def _not_published_message(name: str) -> str:
    return (
        f"{name} is not published in the target, so it takes no entries. Publish it "
        "there, or choose ObjectDefinition too, which brings it as the source has it."
    )
