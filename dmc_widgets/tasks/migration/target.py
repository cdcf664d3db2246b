"""The installation that a migration brings into, as it changes meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ...errors import InvalidPlan
from ...model.entity_type import EntityType
from ...model.strategies import Policy
from ...objects.comparison.erc_matching import NO_TRANSLATION, ErcTranslation
from ...ports import Installation
from ..installation_access import find_entity_type, require_permission
from .selection import MigrationPart, ResolvedSelection
from .source_items import has_links


class MigrationTarget:
    """An installation whose entity types grow as definitions come in.

    Args:
        installation: The installation itself.
        codes: What is known by other codes there.

    Attributes:
        installation: The installation itself.
        kept: Items that others need and that are there already.
    """

    def __init__(
        self, installation: Installation, codes: ErcTranslation = NO_TRANSLATION
    ) -> None:
        self.installation = installation
        self._codes = codes
        self._types: Sequence[EntityType] = installation.entity_types()
        self._has_definitions = False
        self.kept = 0

    def require(self, selected: ResolvedSelection) -> None:
        """Refuse a migration of entries whose object will not be there.

        Raises:
            InvalidPlan: It names the objects and says what brings them.
        """
        known = {each.key for each in self._types} | selected.defined
        lacking = sorted(
            part.entity_type.name
            for part in selected.parts
            if part.entity_type.key not in known and not part.brought
        )
        if lacking:
            reason = (
                f"The target has no {', '.join(lacking)}. Choose ObjectDefinition too, "
                "or let what is needed come along."
            )
            raise InvalidPlan(reason)

    def require_rights(self, parts: Iterable[MigrationPart], policy: Policy) -> None:
        """Refuse a migration that would break off at a part for want of a permission.

        What needs a definition that has yet to come cannot be asked for.

        Raises:
            InstallationError: Whoever asks at the target lacks one.
        """
        known = {each.key: each for each in self._types}
        for part in parts:
            found = known.get(part.entity_type.key)
            if found is not None and not part.needed and not part.brought:
                require_permission(self.installation, found, policy)

    def entity_type(self, part: MigrationPart) -> EntityType:
        """Return the part's entity type as the target has it by now.

        Raises:
            InvalidPlan: It is not there: its definition is a draft, or did not come.
        """
        if part.is_entries and not self._has_definitions:
            self._types = self.installation.entity_types()
            self._has_definitions = True
        key = part.entity_type.key
        if part.is_entries and all(each.key != key for each in self._types):
            raise InvalidPlan(_not_published_message(part.entity_type.name))
        return find_entity_type(self._types, key)

    def lacking(self, part: MigrationPart, scope: str, keys: list[str]) -> list[str]:
        """Return those of *keys* that are not there: what is there stays as it is."""
        entity_type = self.entity_type(part)
        names = {key: self._codes.of(entity_type.name, key) for key in keys}
        there = self.installation.fetch(entity_type, list(names.values()), scope)
        self.kept += len(there)
        return [key for key in keys if names[key] not in there]

    def linked(self, part: MigrationPart, scope: str, keys: list[str]) -> set[str]:
        """Return the keys of entries that have any of the links that a part brings."""
        there = self.installation.fetch(self.entity_type(part), keys, scope)
        return {key for key, item in there.items() if has_links(item, part)}


def _not_published_message(name: str) -> str:
    return (
        f"{name} is not published in the target, so it takes no entries. Publish it "
        "there, or choose ObjectDefinition too, which brings it as the source has it."
    )
