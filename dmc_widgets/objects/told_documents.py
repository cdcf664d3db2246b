"""Whether a server would find its document unchanged by one that says less.

A server completes what comes, and tells what follows from the rest: the field of a
relationship, codes that nobody gave. What it is sent without them changes nothing,
but what is sent otherwise does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from .comparing import DERIVED, FOREIGN_KEYS, OWN, keyed

_TOLD: Final = OWN | FOREIGN_KEYS | DERIVED | {"externalReferenceCode", "status"}

_NOT_TOLD: Final = frozenset({"objectRelationshipExternalReferenceCode"})
"""What older servers do not tell: a field's is that of its relationship."""

_DEFAULTS: Final[Mapping[str, Any]] = {"outputType": "fullValidation"}
"""What has a default that is not nothing; definitions themselves come with theirs."""


def is_told_only(new: Any, stored: Any, name: str = "") -> bool:
    """Say whether *stored* is *new*, and nothing more than servers tell with it.

    Args:
        new: A document, or a part of one, as it would be written.
        stored: The same as a server gave it out.
        name: Of the property that holds them; empty for documents.
    """
    if isinstance(new, dict) and isinstance(stored, dict):
        names = new.keys() | stored.keys()
        return all(_is_same(new.get(name), stored.get(name), name) for name in names)
    if isinstance(new, list) and isinstance(stored, list):
        left, right = _by_key(new, name), _by_key(stored, name)
        return left.keys() == right.keys() and all(
            is_told_only(left[each], right[each]) for each in left
        )
    return bool(new == stored)


def _is_same(new: Any, stored: Any, name: str) -> bool:
    if _is_nothing(new) and _is_nothing(stored):
        return True
    if stored is None and name in _NOT_TOLD:
        return True
    if new is None:
        return name in _TOLD or stored == _DEFAULTS.get(name)
    return is_told_only(new, stored, name)


def _is_nothing(value: Any) -> bool:
    """Say whether it means the same as to be silent."""
    return value is None or value is False or value in ("", [], {})


def _by_key(elements: Sequence[Any], name: str) -> dict[Any, Any]:
    """Return elements by what identifies them; by their place if nothing does."""
    found = keyed(elements, name)
    if found is None or len(found) < len(elements):
        return dict(enumerate(elements))
    return dict(found)
