"""Items as a server gives them out, made the same as those of other installations.

A server adds what is of no use elsewhere: links, pictures, the ids of nested parts.
It also leaves out what has no value. Here that is put right.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from hashlib import blake2b
from typing import Any, Final

from ...model.entity import OBJECT_ENTRY, EntityType, Field
from ...objects.categorization import BRIEFS
from ...objects.entry_faults import ERC
from ...ports import Item
from .exact_json import canonical

_NESTED: Final = frozenset(
    [
        "actions",
        "dateCreated",
        "dateModified",
        "id",
        "listTypeDefinitionId",
        "objectDefinitionId",
        "objectDefinitionId1",
        "objectDefinitionId2",
        "objectFieldId",
        "objectRelationshipId",
        "x-class-name",
    ]
)
"""Properties of nested parts of a definition that mean nothing on another server."""

_AUTHOR: Final = frozenset(
    ["additionalName", "contentType", "externalReferenceCode", "image", "profileURL"]
)
_NAME: Final = "taxonomyCategoryName"
_CHOICE: Final = frozenset({"key", "name"})
_VOLATILE: Final = frozenset({"dateModified"})


class ItemReader:
    """Turns what a server gives out into items with the fields asked for.

    Args:
        entity_type: Of the items.
        names: The fields asked for; None for all that an export may hold.
    """

    def __init__(
        self, entity_type: EntityType, names: tuple[str, ...] | None = None
    ) -> None:
        self._names = names
        self._all = tuple(field.name for field in entity_type.export_fields)
        self._is_entry = entity_type.class_name == OBJECT_ENTRY
        self._converters = _converters(entity_type) if self._is_entry else {}

    def item(self, given: Mapping[str, Any]) -> Item:
        """Return the item; fields without a value are None."""
        names = self._all if self._names is None else self._names
        item = {name: given.get(name) for name in names}
        if self._is_entry:
            for name, convert in self._converters.items():
                if item.get(name) is not None or (convert is _codes and name in item):
                    item[name] = convert(item[name])
            return item
        if self._names is None:
            unlisted = given.keys() - item.keys() - {"actions", "x-class-name"}
            item |= {name: given[name] for name in sorted(unlisted)}
        return {name: _without_ids(value) for name, value in item.items()}


def _converters(entity_type: EntityType) -> dict[str, Callable[[Any], Any]]:
    found: dict[str, Callable[[Any], Any]] = {"creator": _author, BRIEFS: _briefs}
    for field in entity_type.fields:
        if field.custom and field.type in {"MultiselectPicklist", "Picklist"}:
            found[field.name] = _choice
        elif is_link_list(field):
            found[field.name] = _codes
        elif field.custom and field.type == "PrecisionDecimal":
            found[field.name] = _decimal
    return found


def is_link_list(field: Field) -> bool:
    """Say whether a field holds the entries of a many-to-many relationship."""
    return field.custom and field.type == "array"


def nested_names(entity_type: EntityType, names: Collection[str] | None) -> str:
    """Name what a server only gives out with an entry if it is asked to.

    Args:
        entity_type: Of the entries.
        names: The fields asked for; None for all.
    """
    nested = []
    for field in entity_type.fields:
        if names is not None and field.name not in names:
            continue
        if is_link_list(field):
            nested.append(field.name)
        elif field.custom and field.type == "Attachment":
            nested.append(f"{field.name}.fileBase64")
    return ",".join(nested)


def _codes(value: Any) -> Any:
    """Leave the codes of related entries, in the order of all installations."""
    given = value if isinstance(value, list) else []
    codes = [x.get(ERC) if isinstance(x, dict) else x for x in given]
    return [{ERC: each} for each in sorted(x for x in codes if isinstance(x, str))]


def _decimal(value: Any) -> Any:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return Decimal(str(value)) if is_number else value


def _choice(value: Any) -> Any:
    """Leave key and name of a choice, or of each choice in a list."""
    if isinstance(value, list):
        return [_choice(each) for each in value]
    if isinstance(value, dict):
        return {k: v for k, v in value.items() if k in _CHOICE}
    return value


def _briefs(value: Any) -> Any:
    """Give every category its name; a server leaves out what is null."""
    if not isinstance(value, list):
        return value
    return [{_NAME: None, **x} if isinstance(x, dict) else x for x in value]


def _author(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {k: v for k, v in value.items() if k not in _AUTHOR}


def _without_ids(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_ids(each) for each in value]
    if isinstance(value, dict):
        return {
            name: _without_ids(each)
            for name, each in value.items()
            if name not in _NESTED
        }
    return value


def digest(item: Mapping[str, Any], entity_type: EntityType) -> str:
    """Sum up what of a stored item an import could change, in eight characters.

    Two sums of one item tell whether a batch changed it: a server sets the date
    of change even where nothing did.
    """
    fixed = {field.name for field in entity_type.fields if field.read_only} | _VOLATILE
    kept = {name: value for name, value in item.items() if name not in fixed}
    return blake2b(canonical(kept), digest_size=4).hexdigest()
