"""Changes: what a write did to the fields of an item, and how to take it back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any, Final, NamedTuple

VALUES: Final = "values"
"""Where an image of an updated item holds the former values of its fields."""

MODIFIED: Final = "modified"
"""Where an image of an item holds when it was changed before, in milliseconds."""

_EMPTY: Final[tuple[Any, ...]] = ("", [], {})


class FieldChange(NamedTuple):
    """The change of one field of an item.

    Attributes:
        field: The name of the field; of a document, and of a value with parts, the
            path: ``objectFields.vatNumber.label``, ``title_i18n.de_DE``.
        old: The stored value; None where there was none.
        new: The value that came in its place; None where there is none. Values of
            Encrypted fields are hidden on both sides.
    """

    field: str
    old: Any
    new: Any

    @property
    def lost(self) -> bool:
        """True if a stored value is there and none comes in its place."""
        return has_value(self.old) and (self.new is None or self.new in _EMPTY)


new_field_change: Final = partial(tuple.__new__, FieldChange)
"""Makes a change from its three parts, in half the time."""


class ItemChange(NamedTuple):
    """What a write did to one item.

    Attributes:
        fields: The fields of an updated item that changed; empty for a created one.
        site: The key of the item's site; empty where it belongs to none.
        fingerprint: A digest of the item as the write left it. An item with another one
            was changed since. Only the installation that made it can compare it.
        before: What the installation needs to restore the item, as plain data; None
            for an item that was created, or that cannot be restored.
    """

    fields: tuple[FieldChange, ...] = ()
    site: str = ""
    fingerprint: str = ""
    before: Any = None


new_item_change: Final = partial(tuple.__new__, ItemChange)
"""Makes a change from its four parts, in half the time."""


def has_value(value: Any) -> bool:
    """Return True unless *value* is how an empty field is stored; 0 is a value."""
    return not (value is None or value is False or value in _EMPTY)


def find_field_changes(
    old: Mapping[str, Any], new: Mapping[str, Any]
) -> Iterator[FieldChange]:
    """Yield the fields that differ, by name; a map is compared part by part.

    Fields that are empty on both sides are equal, whatever their empty value is.
    """
    for name in sorted(old.keys() | new.keys()):
        before, after = old.get(name), new.get(name)
        if before == after:
            continue
        if isinstance(before, dict) and isinstance(after, dict):
            for part in find_field_changes(before, after):
                yield part._replace(field=f"{name}.{part.field}")
        elif has_value(before) or has_value(after):
            yield FieldChange(name, before, after)


def join_changes(
    first: ItemChange | None, second: ItemChange | None
) -> ItemChange | None:
    """Return what two writes, one after the other, did to one item."""
    if first is None or second is None:
        return first or second
    if not first.fields and first.before is None:  # the first one created it
        return second._replace(fields=(), before=None)
    before = _join_images(first.before, second.before)
    return second._replace(fields=(*first.fields, *second.fields), before=before)


def _join_images(first: Any, second: Any) -> Any:
    """Return what takes back the second of two writes, and the first one after it.

    Values are those from before the first write. Of an item that the first one created
    only what was done beside it counts, which are the lists.
    """
    if not isinstance(first, dict) or not isinstance(second, dict):
        return first
    joined = dict(first)
    for name, value in second.items():
        own = first.get(name)
        if isinstance(value, list):
            joined[name] = [*value, *(own or ())]
        elif isinstance(value, dict) and isinstance(own, dict):
            joined[name] = {**value, **own}
        elif own is None and VALUES in first:
            joined[name] = value
    return joined


def pack_changes(changes: Iterable[ItemChange | None]) -> list[list[Any] | None]:
    """Return changes as plain data that :func:`unpack_changes` reads back."""
    return [
        None if change is None else [[*map(tuple, change[0])], *change[1:]]
        for change in changes
    ]


def unpack_changes(packed: Iterable[list[Any] | None]) -> list[ItemChange | None]:
    """Read what :func:`pack_changes` wrote."""
    return [None if parts is None else unpack_change(parts) for parts in packed]


def unpack_change(parts: list[Any]) -> ItemChange:
    """Read one of the changes that :func:`pack_changes` wrote."""
    fields, site, fingerprint, before = parts
    return ItemChange(
        tuple(FieldChange(*field) for field in fields), site, fingerprint, before
    )
