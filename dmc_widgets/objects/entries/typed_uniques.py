"""The unique values of typed entries: compared and recorded by column."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import repeat
from typing import Any, Final

from msgspec import UNSET

from .stored_entries import BatchContext, WriteSet, move_key
from .validation import format_unique_value

_TEXT: Final = frozenset({str})


class TypedUnique:
    """A value that no two entries share, as an attribute of typed entries.

    Args:
        name: The key under which entries keep the value.
        get: Returns it.
    """

    def __init__(self, name: str, get: Callable[[Any], Any]) -> None:
        self.name = name
        self._get = get

    def by_text(self, entries: Sequence[Any]) -> dict[str, Any]:
        """Return the values that entries bring, by their text in the index."""
        return dict(zip(self._texts(entries), map(self._get, entries), strict=True))

    def are_storable(self, entries: Sequence[Any]) -> bool:
        """Return False if an index cannot hold a text."""
        joined = "".join(self._texts(entries))
        try:
            joined.encode()
        except UnicodeEncodeError:  # half of a surrogate pair
            return False
        return "\0" not in joined

    def are_free(
        self, entries: Sequence[Any], own_ids: list[int], context: BatchContext
    ) -> bool:
        """Return True if no value is that of another entry, stored or in the group.

        Args:
            entries: The entries, complete.
            own_ids: The id of each stored entry, and 0 of a new one.
            context: What is stored.
        """
        texts = self._texts(entries)
        given = list(filter(None, texts))
        if len(set(given)) != len(given):
            return False
        find = context.owners.get
        keys = zip(repeat(self.name), texts, strict=False)
        return list(map(find, keys, own_ids)) == own_ids

    def record_new(
        self,
        entries: Sequence[Any],
        ids: Sequence[int],
        changes: WriteSet,
        context: BatchContext,
    ) -> None:
        """Record the values of new entries."""
        taken = {
            (self.name, text): entry_id
            for text, entry_id in zip(self._texts(entries), ids, strict=True)
            if text
        }
        changes.taken.update(taken)
        context.owners.update(taken)

    def record_changed(
        self,
        entries: tuple[Sequence[Any], Sequence[Any]],
        ids: Sequence[int],
        changes: WriteSet,
        context: BatchContext,
    ) -> None:
        """Record the values that entries give up and take.

        Args:
            entries: The entries before and after.
            ids: Their ids.
            changes: What to write.
            context: What is stored.
        """
        before, after = map(self._texts, entries)
        if before == after:
            return
        for old, new, entry_id in zip(before, after, ids, strict=True):
            if old == new:
                continue
            move_key((self.name, old, new), entry_id, changes, context)

    def _texts(self, entries: Sequence[Any]) -> list[str]:
        column = list(map(self._get, entries))
        if set(map(type, column)) == _TEXT and all(map(str.strip, column)):
            return column
        values = [None if value is UNSET else value for value in column]
        return list(map(format_unique_value, values))
