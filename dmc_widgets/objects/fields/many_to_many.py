"""Many-to-many relationships of entries: lists of codes, the same on both sides.

An item holds a list under the name of the relationship, whichever side it is on. Each
element refers to an entry of the other side: ``{"externalReferenceCode": …}``, with or
without other properties, or the code as a text; ``{"id": …}`` counts only where there
is not a code. A cell of a table holds the codes separated by commas.

An item without the relationship leaves the links unchanged, under both update
strategies. A list replaces the stored links; an empty one, and null, remove all of
them. Links are given out in the order of the other entries' codes, which is the same in
every installation.

Where a relationship leads from a definition to itself, an entry has the links of its
own list, and not those of entries that refer to it: what was read can be written again
in the order of the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from ...model.entity_type import Field
from ...model.outcome import Problem
from ..documents.change_set import SYSTEM_PREFIX, Body
from ..errors.entry_problems import invalid_value, no_such_linked_entry
from ..names import ERC
from ..text import format_scalar, split_list_cell
from .number import MAX_ID, parse_integer
from .relationship import ABSENT, ParentDefinition, is_valid_erc

MANY_TO_MANY: Final = "manyToMany"

OWN: Final = 0
"""Stands for the id of a new entry that refers to itself."""

_CHILD: Final = "objectDefinitionExternalReferenceCode2"
_TAKEN: Final = (
    "Linked entries are a list of their external reference codes, or of objects with "
    f"{ERC} or id."
)

EntryKey = str | int
"""A reference of an item to another entry: its ERC, or its id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ManyToManyRelationship:
    """A many-to-many relationship of a definition, seen from one of its sides.

    Attributes:
        name: The name of the relationship, the same on both sides.
        other: The id and scope of the definition on the other side.
        other_name: The short name of that definition.
        reverse: True if this definition is the second one of the relationship.
        own_side: True if both sides are this definition.
    """

    name: str
    other: ParentDefinition
    other_name: str
    reverse: bool = False
    own_side: bool = False

    def read(self, item: Mapping[str, Any]) -> Any:
        """Read the references in an item.

        Returns:
            :data:`ABSENT`; a tuple of :data:`EntryKey` without duplicates; or a
            :class:`Problem`.
        """
        if self.name not in item:
            return ABSENT
        stated = item[self.name]
        if stated is None:
            return ()
        if isinstance(stated, dict):
            stated = [stated]
        elif not isinstance(stated, list):
            text = format_scalar(stated)
            stated = stated if text is None else split_list_cell(text)
        if not isinstance(stated, list):
            return invalid_value(self.name, stated, _TAKEN)
        references: dict[EntryKey, None] = {}
        for element in stated:
            reference = self._read_one(element)
            if isinstance(reference, Problem):
                return reference
            references[reference] = None
        return tuple(references)

    def missing(self, named: EntryKey) -> Problem:
        """Report an entry that does not exist."""
        return no_such_linked_entry(self.name, self.other_name, named)

    def _read_one(self, stated: Any) -> EntryKey | Problem:
        erc = stated.get(ERC) if isinstance(stated, dict) else stated
        if isinstance(stated, dict) and (erc is None or erc == ""):
            value = stated.get("id")
            whole = None if isinstance(value, bool) else parse_integer(value)
            if whole is None:
                return invalid_value(self.name, stated, _TAKEN)
            return whole if 0 < whole <= MAX_ID else self.missing(whole)
        code = format_scalar(erc)
        if code is None or not code.strip():
            return invalid_value(self.name, stated, _TAKEN)
        return code if is_valid_erc(code) else self.missing(code)


def is_link_list(field: Field) -> bool:
    """Return True if a field holds the entries of a many-to-many relationship."""
    return field.custom and field.type == "array"


def declared_relationships(body: Body) -> Iterator[tuple[str, str]]:
    """Yield the name and the other definition's ERC of each declared relationship.

    Left out are the reverse sides, which newer exports hold, and relationships to
    system objects, which have no entries here.
    """
    for relationship in body.get("objectRelationships") or ():
        other = relationship.get(_CHILD) or ""
        own = relationship.get("type") == MANY_TO_MANY and not relationship.get(
            "reverse"
        )
        if own and other and not other.startswith(SYSTEM_PREFIX):
            yield str(relationship["name"]), str(other)


def find_many_to_many_relationships(
    bodies: Mapping[str, Body],
) -> dict[str, dict[str, str]]:
    """Find the many-to-many relationships of definitions, seen from both sides.

    Args:
        bodies: The bodies of all definitions by ERC.

    Returns:
        For each ERC, the other definition's ERC by the name of the relationship.
    """
    relationships: dict[str, dict[str, str]] = {}
    for erc, body in bodies.items():
        for name, other in declared_relationships(body):
            if other in bodies:
                relationships.setdefault(erc, {})[name] = other
                relationships.setdefault(other, {}).setdefault(name, erc)
    return relationships


@dataclass(slots=True)
class LinkContext:
    """The stored links that a batch concerns, updated as items are decided.

    Attributes:
        ids: For each relationship, the ids of the other side's entries by the keys
            that items use.
        linked: For each relationship and entry, the ids that it is linked to.
        codes: The ERCs of entries of the other side, by their ids.
    """

    ids: dict[str, dict[EntryKey, int]] = field(default_factory=dict)
    linked: dict[tuple[str, int], set[int]] = field(default_factory=dict)
    codes: dict[int, str] = field(default_factory=dict)


@dataclass(slots=True)
class LinkChanges:
    """The links to add and to remove, as (relationship, own entry, other entry)."""

    added: set[tuple[str, int, int]] = field(default_factory=set)
    removed: set[tuple[str, int, int]] = field(default_factory=set)


class MovedLinks(NamedTuple):
    """What an item did to the links of its entry.

    Attributes:
        lists: The relationships that the item states, with the ids that its entry was
            linked to before and after.
        added: The relationships and ids that were added.
        removed: The relationships and ids that were removed.
    """

    lists: tuple[tuple[str, frozenset[int], frozenset[int]], ...] = ()
    added: tuple[tuple[str, int], ...] = ()
    removed: tuple[tuple[str, int], ...] = ()


NO_LINKS: Final = MovedLinks()
"""An item that states no links."""


class LinkDecider:
    """Decides the many-to-many links of a batch, entry after entry.

    Args:
        links: The relationships of the definition.
        context: The stored links that the batch concerns.
        propose: Proposes a placeholder for a missing entry, if that is allowed, and
            returns its future id.
    """

    def __init__(
        self,
        links: Iterable[ManyToManyRelationship],
        context: LinkContext,
        propose: Callable[[ManyToManyRelationship, EntryKey], int | None],
    ) -> None:
        self._propose = propose
        self.changes = LinkChanges()
        self._links = {link.name: link for link in links}
        self._context = context

    def resolve(
        self,
        named: Mapping[str, tuple[EntryKey, ...]],
        own_erc: str,
        own_id: Callable[[str], int | None],
    ) -> dict[str, set[int]] | Problem:
        """Resolve the references of an item to ids.

        Args:
            named: The references by relationship.
            own_erc: The ERC of the item; empty where it has none.
            own_id: Finds an entry of the same definition that an earlier item
                created.
        """
        resolved_ids: dict[str, set[int]] = {}
        for name, some in named.items():
            link = self._links[name]
            here = self._context.ids.get(name, {})
            resolved_ids[name] = set()
            for reference in some:
                entry_id = here.get(reference)
                if entry_id is None and link.own_side and isinstance(reference, str):
                    entry_id = own_id(reference)
                    if entry_id is None and reference == own_erc:
                        entry_id = OWN
                if entry_id is None:
                    entry_id = self._propose(link, reference)
                if entry_id is None:
                    return link.missing(reference)
                resolved_ids[name].add(entry_id)
        return resolved_ids

    def differs(self, new_links: Mapping[str, set[int]], entry_id: int) -> bool:
        """Return True if the stored links of an entry differ from those of an item."""
        return any(
            self._context.linked.get((name, entry_id), set()) != ids
            for name, ids in new_links.items()
        )

    def link(self, new_links: Mapping[str, set[int]], entry_id: int) -> MovedLinks:
        """Record the changes that give an entry the links of an item."""
        added, removed = self.changes.added, self.changes.removed
        lists, new, gone = [], [], []
        for name, ids in new_links.items():
            after = {entry_id if other_id == OWN else other_id for other_id in ids}
            before = self._context.linked.get((name, entry_id), set())
            self._context.linked[name, entry_id] = after
            lists.append((name, frozenset(before), frozenset(after)))
            gone += [(name, other_id) for other_id in before - after]
            new += [(name, other_id) for other_id in after - before]
        for name, other_id in gone:
            self._move((name, entry_id, other_id), added, removed)
        for name, other_id in new:
            self._move((name, entry_id, other_id), removed, added)
        return MovedLinks(tuple(lists), tuple(new), tuple(gone))

    @staticmethod
    def _move(
        key: tuple[str, int, int],
        taken_back: set[tuple[str, int, int]],
        noted: set[tuple[str, int, int]],
    ) -> None:
        if key in taken_back:  # an earlier item of the same batch did the opposite
            taken_back.discard(key)
        else:
            noted.add(key)
