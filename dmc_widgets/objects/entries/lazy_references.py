"""Lazy references: an entry may name entries that do not exist yet.

With this choice a reference to a missing entry adds an empty *placeholder*: an entry
with nothing but its code and Liferay's status *empty*. The entry itself replaces it
when it comes, in the same batch or years later. Until then lists, exports and counts
leave the placeholder out, and no rule of the definition applies to it.

In the same way, an entry may hold a key that its picklist does not have yet: an entry
of that key is added to the picklist, with the key as its name.

A placeholder is added together with the first entry that refers to it. An item that
fails adds none, as in Liferay, which rolls both back.

See docs/liferay/objects.md, Lazy references.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ..fields.field_rules import FieldRules
from ..fields.localized import i18n_name
from ..fields.many_to_many import EntryKey, ManyToManyRelationship
from ..fields.relationship import ParentDefinition, ParentRelationship

PARAMETER: Final = "lazyReferences"
"""The parameter of an import task that allows lazy references. Liferay has none, and
passes over what it does not know; the sandbox has it."""

EXTENSION: Final = "x-lazy-references"
"""Names that parameter in a server's OpenAPI document of definitions."""

NO_VALUES: Final = b"{}"
"""The body of a placeholder."""


def find_new_choices(
    fields: Iterable[FieldRules], values: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    """Yield the picklist and the key of each choice that its picklist does not have.

    Args:
        fields: The fields of the definition.
        values: The checked values of an item.
    """
    for rules in fields:
        if not rules.picklist.grows:
            continue
        for name in (rules.name, i18n_name(rules.name)):
            for key in _keys_in(values.get(name)):
                if key not in rules.picklist.names:
                    yield rules.picklist_code, key


def _keys_in(value: Any) -> list[str]:
    """Return the keys in a value: one, a list, or either by language."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return [key for inner in value.values() for key in _keys_in(inner)]
    return list(value) if isinstance(value, list) else []


_Target = tuple[ParentDefinition, str]


@dataclass(slots=True)
class PlaceholderMaker:
    """Adds the placeholders of one batch.

    Attributes:
        is_enabled: The policy allows references to missing entries.
        company_scoped: The entries of the batch belong to no site.
        new_id: Returns the id of the next new entry.
        added: The definition and the ERC of each placeholder of an entry that will be
            stored, by its id. What a later item of the batch fills is taken out.
    """

    is_enabled: bool
    company_scoped: bool
    new_id: Callable[[], int]
    added: dict[int, _Target] = field(default_factory=dict)
    _ids: dict[_Target, int] = field(default_factory=dict)
    _proposed: dict[_Target, int | None] = field(default_factory=dict)

    def begin(self) -> None:
        """Forget what the last item has proposed."""
        self._proposed.clear()

    def propose_parent(self, link: ParentRelationship, erc: str) -> bool:
        """Propose a placeholder for a missing parent; return False without one.

        The definition of a parent may be unknown here; then the code is only kept.
        """
        if not self.is_enabled or link.system:
            return False
        if link.parent is None:
            return True
        if not self._has_place(link.parent):
            return False
        self._proposed.setdefault((link.parent, erc))
        return True

    def propose_linked(
        self, link: ManyToManyRelationship, reference: EntryKey
    ) -> int | None:
        """Propose a placeholder for a missing linked entry; return its future id."""
        if not isinstance(reference, str):
            return None
        if not self.is_enabled or not self._has_place(link.other):
            return None
        target = (link.other, reference)
        entry_id = self._proposed.get(target) or self._ids.get(target) or self.new_id()
        self._proposed[target] = entry_id
        return entry_id

    def accept(self) -> dict[_Target, int]:
        """Add what the item has proposed; return the ids of new placeholders."""
        new: dict[_Target, int] = {}
        for target, proposed_id in self._proposed.items():
            if target not in self._ids:
                entry_id = proposed_id or self.new_id()
                self._ids[target] = new[target] = entry_id
                self.added[entry_id] = target
        self._proposed.clear()
        return new

    def _has_place(self, definition: ParentDefinition) -> bool:
        """Return True if the site of the missing entry is known."""
        return definition.company_scoped or not self.company_scoped
