"""Many-to-many relationships of entries: lists of codes, the same on both sides.

An item bears a list under the relationship's name, whichever side it is on. Each
element names an entry of the other side: ``{"externalReferenceCode": …}``, with other
properties or without, or the code as a text; ``{"id": …}`` counts only where there is
no code. A cell of a table holds the codes separated by commas.

An item that does not speak of the relationship leaves the links as they are, under
both update strategies. A list takes the place of the links that are there; an empty
one, and null, take all of them away. Links are given out in the order of the other
entries' codes, which is the same in every installation.

Where a relationship leads from a definition to itself, an entry bears the links that
its own list names, and not those of entries that name it: what was read can be
written again in the order of the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ...model.outcome import Problem
from ..documents.change_set import SYSTEM_PREFIX, Body
from ..errors.entry_problems import invalid_value, no_such_linked_entry
from ..names import ERC
from ..text import scalar_text, split_list_cell
from .number import parse_integer
from .relationship import ABSENT, ParentDefinition, is_valid_erc

MANY_TO_MANY: Final = "manyToMany"

OWN: Final = 0
"""Stands for the id of an entry that names itself and is yet to be made."""

_CHILD: Final = "objectDefinitionExternalReferenceCode2"
_TAKEN: Final = (
    "Linked entries are a list of their external reference codes, or of objects with "
    f"{ERC} or id."
)
_LARGEST_ID: Final = 2**63 - 1

EntryKey = str | int
"""How an item names another entry: by its ERC, or by its id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ManyToManyRelationship:
    """A many-to-many relationship of a definition, seen from one of its sides.

    Attributes:
        name: Of the relationship, the same on both sides.
        other: Where the entries of the other side are.
        other_name: The short name of their definition.
        reverse: This definition is the second one.
        own_side: Both sides are this definition.
    """

    name: str
    other: ParentDefinition
    other_name: str
    reverse: bool = False
    own_side: bool = False

    def read(self, item: Mapping[str, Any]) -> Any:
        """Find the entries that an item names.

        Returns:
            :data:`ABSENT`; a tuple of :data:`EntryKey` without what stands twice; or a
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
            text = scalar_text(stated)
            stated = stated if text is None else split_list_cell(text)
        if not isinstance(stated, list):
            return invalid_value(self.name, stated, _TAKEN)
        found: dict[EntryKey, None] = {}
        for each in stated:
            named = self._read_one(each)
            if isinstance(named, Problem):
                return named
            found[named] = None
        return tuple(found)

    def missing(self, named: EntryKey) -> Problem:
        """Report an entry that is not there."""
        return no_such_linked_entry(self.name, self.other_name, named)

    def _read_one(self, stated: Any) -> EntryKey | Problem:
        erc = stated.get(ERC) if isinstance(stated, dict) else stated
        if isinstance(stated, dict) and (erc is None or erc == ""):
            value = stated.get("id")
            whole = None if isinstance(value, bool) else parse_integer(value)
            if whole is None:
                return invalid_value(self.name, stated, _TAKEN)
            return whole if 0 < whole <= _LARGEST_ID else self.missing(whole)
        code = scalar_text(erc)
        if code is None or not code.strip():
            return invalid_value(self.name, stated, _TAKEN)
        return code if is_valid_erc(code) else self.missing(code)


def declared_relationships(body: Body) -> Iterator[tuple[str, str]]:
    """Yield the name and the other definition's ERC of what a definition declares.

    The reverse side that newer exports hold is not its own; system objects have no
    entries here.
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
        bodies: Of all definitions that are here, by ERC.

    Returns:
        By ERC, the other definition's ERC by the name of the relationship.
    """
    found: dict[str, dict[str, str]] = {}
    for erc, body in bodies.items():
        for name, other in declared_relationships(body):
            if other in bodies:
                found.setdefault(erc, {})[name] = other
                found.setdefault(other, {}).setdefault(name, erc)
    return found


@dataclass(slots=True)
class LinkContext:
    """What the look-ups of a batch brought; changed as items are decided.

    Attributes:
        ids: By relationship, the ids of the other side's entries, by what items
            name them by.
        linked: By relationship and entry, the ids that it is linked to.
    """

    ids: dict[str, dict[EntryKey, int]] = field(default_factory=dict)
    linked: dict[tuple[str, int], set[int]] = field(default_factory=dict)


@dataclass(slots=True)
class LinkChanges:
    """Links to add and to remove: relationship, own entry, other entry."""

    added: set[tuple[str, int, int]] = field(default_factory=set)
    removed: set[tuple[str, int, int]] = field(default_factory=set)


class LinkDecider:
    """Decide the many-to-many links of a batch, entry after entry.

    Args:
        links: Of the definition.
        found: What the look-ups brought.
    """

    def __init__(
        self, links: Iterable[ManyToManyRelationship], found: LinkContext
    ) -> None:
        self.changes = LinkChanges()
        self._links = {link.name: link for link in links}
        self._found = found

    def resolved(
        self,
        named: Mapping[str, tuple[EntryKey, ...]],
        own_erc: str,
        own_id: Callable[[str], int | None],
    ) -> dict[str, set[int]] | Problem:
        """Find the entries that an item names.

        Args:
            named: By relationship.
            own_erc: Of the item; empty where it has none.
            own_id: Finds an entry of the definition itself that an earlier item
                has made.
        """
        wanted: dict[str, set[int]] = {}
        for name, some in named.items():
            link = self._links[name]
            here = self._found.ids.get(name, {})
            wanted[name] = set()
            for each in some:
                entry_id = here.get(each)
                if entry_id is None and link.own_side and isinstance(each, str):
                    entry_id = own_id(each)
                    if entry_id is None and each == own_erc:
                        entry_id = OWN
                if entry_id is None:
                    return link.missing(each)
                wanted[name].add(entry_id)
        return wanted

    def differs(self, wanted: Mapping[str, set[int]], entry_id: int) -> bool:
        """Say whether an entry has other links than an item wants."""
        return any(
            self._found.linked.get((name, entry_id), set()) != ids
            for name, ids in wanted.items()
        )

    def link(self, wanted: Mapping[str, set[int]], entry_id: int) -> None:
        """Note what has to change so that an entry has the links wanted."""
        added, removed = self.changes.added, self.changes.removed
        for name, ids in wanted.items():
            after = {entry_id if each == OWN else each for each in ids}
            before = self._found.linked.get((name, entry_id), set())
            self._found.linked[name, entry_id] = after
            for gone in before - after:
                self._move((name, entry_id, gone), added, removed)
            for new in after - before:
                self._move((name, entry_id, new), removed, added)

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
