"""Whether a server would find its document unchanged by one that says less.

A server completes what comes, and tells what follows from the rest: the field of a
relationship, codes that nobody gave. What it is sent without them changes nothing,
but what is sent otherwise does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

_TOLD: Final = frozenset(
    [
        "actions",
        "dateCreated",
        "dateModified",
        "engineLabel",
        "externalReferenceCode",
        "id",
        "listTypeDefinitionId",
        "objectDefinitionExternalReferenceCode",
        "objectDefinitionId",
        "objectDefinitionId1",
        "objectDefinitionId2",
        "objectDefinitionModifiable2",
        "objectDefinitionScope2",
        "objectDefinitionSystem2",
        "objectField",
        "objectFieldId",
        "parameterObjectFieldId",
        "reverse",
        "status",
        "unique",
    ]
)
_DEFAULTS: Final = frozenset({("outputType", "fullValidation")})
"""What has a default that is not nothing; definitions themselves come with theirs."""

_NAMES: Final = ("name", "key")


def is_told_only(new: Any, stored: Any) -> bool:
    """Say whether *stored* is *new*, and nothing more than servers tell with it.

    Args:
        new: A document, or a part of one, as it would be written.
        stored: The same as a server gave it out.
    """
    if isinstance(new, dict) and isinstance(stored, dict):
        names = new.keys() | stored.keys()
        return all(_is_same(each, new.get(each), stored.get(each)) for each in names)
    if isinstance(new, list) and isinstance(stored, list):
        left, right = _by_name(new), _by_name(stored)
        return left.keys() == right.keys() and all(
            is_told_only(left[each], right[each]) for each in left
        )
    return bool(new == stored)


def _is_same(name: str, new: Any, stored: Any) -> bool:
    if _is_nothing(new) and _is_nothing(stored):
        return True
    if new is None:
        return name in _TOLD or _is_default(name, stored)
    return is_told_only(new, stored)


def _is_default(name: str, stored: Any) -> bool:
    return isinstance(stored, str) and (name, stored) in _DEFAULTS


def _is_nothing(value: Any) -> bool:
    """Say whether it means the same as to be silent."""
    return value is None or value is False or value in ("", [], {})


def _by_name(elements: Sequence[Any]) -> dict[Any, Any]:
    """Return elements by what identifies them; by their place if nothing does."""
    for name in _NAMES:
        found = {
            each[name]: each
            for each in elements
            if isinstance(each, dict) and isinstance(each.get(name), str)
        }
        if found and len(found) == len(elements):
            return found
    return dict(enumerate(elements))
