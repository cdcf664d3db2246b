"""The parents of typed entries: read, looked up and recorded by column.

An item may state its parent in three ways; see :mod:`~..fields.relationship`. The
ordinary one is the code, with or without an id beside it, and is read for a column at
once. The other ways are read one by one, by the rule of the relationship itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import Any, Final

from msgspec import UNSET

from ...model.outcome import Problem
from ..fields.number import MAX_ID
from ..fields.relationship import ABSENT, ParentRelationship, is_valid_erc
from ..names import ERC_LIMIT
from .stored_entries import BatchContext, WriteSet

_NONE: Final = frozenset({None, UNSET})


class TypedLink:
    """A relationship to a parent, as attributes of typed entries.

    Attributes:
        link: The relationship.
        attribute: The attribute that holds the code; before parents are looked up also
            an id, and None for no parent.
        get: Returns it.
        members: Attributes, names and types of what items may say besides the code.
        get_beside: Returns the id that an item states in addition to the code.
    """

    def __init__(self, number: int, link: ParentRelationship, attribute: str) -> None:
        self.link = link
        self.attribute = attribute
        self.get = attrgetter(attribute)
        self._beside, self._nested = f"i{number}", f"n{number}"
        self.members = (
            (self._beside, link.id_name, Any),
            (self._nested, link.nested_name, Any),
        )
        self.get_beside = attrgetter(self._beside)
        self._get_nested = attrgetter(self._nested)

    def is_to(self, definition_id: int) -> bool:
        """Return True if the parents are entries of a definition."""
        parent = self.link.parent
        return parent is not None and parent.id == definition_id

    def list_codes(self, entries: Sequence[Any]) -> Sequence[str | None] | None:
        """Return the codes of parents before they are looked up, None for no parent.

        Returns:
            None if an entry states an id in place of a code.
        """
        column = list(map(self.get, entries))
        types = set(map(type, column))
        if int in types:
            return None
        return column if types <= {str} else [code or None for code in column]

    def settle(self, entries: Sequence[Any]) -> bool:
        """Replace what items say by the code of the parent, or by its id.

        Returns:
            False if a value is out of the ordinary.
        """
        codes = list(map(self.get, entries))
        ids = list(map(self.get_beside, entries))
        nested = list(map(self._get_nested, entries))
        size = len(entries)
        if nested.count(UNSET) == ids.count(UNSET) == size and _are_codes(codes):
            return True
        rows = zip(entries, ids, codes, nested, strict=True)
        return all(self._settle_one(*row) for row in rows)

    def _settle_one(self, entry: Any, number: Any, code: Any, nested: Any) -> bool:
        link = self.link
        stated = (
            (link.id_name, number),
            (link.erc_name, code),
            (link.nested_name, nested),
        )
        item = {name: value for name, value in stated if value is not UNSET}
        parent = link.read(item)
        if isinstance(parent, Problem):
            return False
        beside: Any = UNSET
        if isinstance(parent, str) and number is not UNSET:
            is_id = type(number) is int and 0 < number <= MAX_ID
            beside = (number if is_id else link.id_beside(item)) or UNSET
        setattr(entry, self.attribute, UNSET if parent is ABSENT else parent)
        setattr(entry, self._beside, beside)
        setattr(entry, self._nested, UNSET)
        return True

    def resolve(
        self,
        codes: Sequence[str],
        entries: Sequence[Any],
        context: BatchContext,
        definition_id: int,
    ) -> list[bool] | None:
        """Replace ids by codes, and see whether all parents exist.

        Args:
            codes: The codes of the entries.
            entries: The entries, in the order in which they are decided.
            context: What is stored.
            definition_id: The id of the entries' own definition.

        Returns:
            For each entry, whether the id beside the code is that of another parent;
            an empty list if none is. None if a parent does not exist.
        """
        column = list(map(self.get, entries))
        if int in set(map(type, column)):
            if not self._resolve_ids(entries, column, context):
                return None
            column = list(map(self.get, entries))
        stated = set(column) - _NONE
        if stated and not self.link.system:
            parent = self.link.parent
            if parent is None:
                return None
            missing = stated - context.parents.get(parent.id, set())
            if missing and parent.id == definition_id:
                missing -= context.entries.keys()
                if missing and _are_earlier(missing, codes, column):
                    missing = set()
            if missing:
                return None
        return self._compare_ids(entries, column, context)

    def _resolve_ids(
        self, entries: Sequence[Any], column: Sequence[Any], context: BatchContext
    ) -> bool:
        parent = self.link.parent
        for entry, value in zip(entries, column, strict=True):
            if type(value) is not int:
                continue
            definition_id, erc = context.by_id.get(value, (0, ""))
            if parent is None or definition_id != parent.id:
                return False
            setattr(entry, self.attribute, erc)
        return True

    def _compare_ids(
        self, entries: Sequence[Any], column: Sequence[Any], context: BatchContext
    ) -> list[bool]:
        beside = list(map(self.get_beside, entries))
        if beside.count(UNSET) == len(beside):
            return []
        for entry in entries:
            setattr(entry, self._beside, UNSET)
        if self.link.parent is None or not context.by_id:
            return []
        own = self.link.parent.id
        unknown = (0, "")
        found = [
            context.by_id.get(number, unknown) if number is not UNSET else unknown
            for number in beside
        ]
        others = [
            definition_id == own and erc != code
            for (definition_id, erc), code in zip(found, column, strict=True)
        ]
        return others if True in others else []

    def record_new(
        self, entries: Sequence[Any], ids: Sequence[int], changes: WriteSet
    ) -> None:
        """Record the parents of new entries."""
        parent = self.link.parent
        if parent is None or self.link.system:
            return
        name, parent_id = self.link.id_name, parent.id
        changes.linked.update(
            {
                (entry_id, name): (parent_id, code)
                for entry_id, code in zip(ids, map(self.get, entries), strict=True)
                if code
            }
        )

    def record_changed(
        self,
        stored: Sequence[Any],
        entries: Sequence[Any],
        ids: Sequence[int],
        changes: WriteSet,
    ) -> None:
        """Record the parents that entries lose and get.

        Args:
            stored: The entries before.
            entries: The entries that come in their place.
            ids: Their ids.
            changes: What to write.
        """
        parent = self.link.parent
        if parent is None or self.link.system:
            return
        before, after = (list(map(self.get, one)) for one in (stored, entries))
        if before == after:
            return
        for old, new, entry_id in zip(before, after, ids, strict=True):
            if (old or None) == (new or None):
                continue
            key = (entry_id, self.link.id_name)
            if old:
                changes.unlinked.add(key)
                changes.linked.pop(key, None)
            if new:
                changes.linked[key] = (parent.id, new)


def _are_codes(column: Sequence[Any]) -> bool:
    """Return True if all are external reference codes, or state no parent."""
    given = [code for code in column if code is not UNSET and code is not None]
    try:
        joined = "".join(given)
    except TypeError:  # other values than texts
        return False
    if not joined:
        return not given
    is_usual = joined.isascii() and "\0" not in joined
    if is_usual and max(map(len, given)) <= ERC_LIMIT:
        return all(map(str.strip, given))
    return all(map(is_valid_erc, given)) and all(map(str.strip, given))


def _are_earlier(
    missing: set[Any], codes: Sequence[str], column: Sequence[Any]
) -> bool:
    """Return True if entries name parents that come before them in the batch."""
    places = {code: place for place, code in enumerate(codes)}
    return all(
        places.get(parent, len(codes)) < place
        for place, parent in enumerate(column)
        if parent in missing
    )
