"""Where the definitions of two installations differ, property by property.

Lists are compared by what identifies their elements, not by their order: fields by
name, picklist entries by key. What an installation gives itself (ids, dates, links)
is no difference, nor is null or false against nothing: exports write either.

What goes, with the values of entries, when a document is overwritten.

Whether a server would find its document unchanged by one that says less.

A server completes what comes, and tells what follows from the rest: the field of a
relationship, codes that nobody gave. What it is sent without them changes nothing,
but what is sent otherwise does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from ..documents.change_set import APPROVED, Body
from ..documents.definition_bodies import FrozenReason, find_frozen_reason
from ..documents.kinds import KINDS_BY_NAME
from ..fields.field_rules import is_true
from .erc_matching import NO_TRANSLATION, ErcTranslation

ERC: Final = "externalReferenceCode"

SERVER_SET_PROPERTIES: Final = frozenset(
    [
        "actions",
        "className",
        "creator",
        "dateCreated",
        "dateModified",
        "id",
        "label_i18n",
        "objectDefinition",
        "objectDefinitionModifiable2",
        "objectDefinitionName2",
        "objectDefinitionSystem2",
        "parameterRequired",
        "restContextPath",
        "reverse",
        "x-class-name",
    ]
)
"""Properties that each installation sets for itself."""

FOREIGN_KEYS: Final = frozenset(
    [
        "listTypeDefinitionId",
        "objectDefinitionId",
        "objectDefinitionId1",
        "objectDefinitionId2",
        "objectFieldId",
        "objectRelationshipId",
        "parameterObjectFieldId",
    ]
)
"""Ids of other documents, or of parts of them."""

DERIVED_PROPERTIES: Final = frozenset(
    [
        "engineLabel",
        "objectDefinitionExternalReferenceCode",
        "objectDefinitionScope2",
        "objectField",
        "unique",
    ]
)
"""What servers conclude from the rest of a document, and databases do not keep."""

_SETTINGS: Final = "objectFieldSettings"

_DEPRECATED: Final = frozenset({"type"})
"""Of fields: the twin of DBType. Of relationships it is what it says."""

_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "listTypeEntries": ("key",),
    "objectActions": ("name", ERC),
    "objectDefinitionSettings": ("name",),
    "objectFieldSettings": ("name",),
    "objectFields": ("name",),
    "objectFolderItems": ("objectDefinitionExternalReferenceCode",),
    "objectLayouts": ("name",),
    "objectRelationships": ("name",),
    "objectStates": ("key",),
    "objectStateTransitions": ("key",),
    "objectValidationRules": ("name", ERC),
    "objectViews": ("name",),
}
"""What identifies the elements of a list; other lists are compared as a whole."""


class ChangeType(StrEnum):
    """What would make the target like the source."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One place where the target is not like the source.

    Attributes:
        kind: ObjectDefinition, ListTypeDefinition or ObjectFolder.
        name: Of the document, for people.
        key: Its external reference code.
        change: *added* is only in the source, *removed* only in the target.
        path: ``objectFields.title.required``; empty for the document as a whole.
        source: The value there; None where there is none.
        target: The value here; None where there is none.
        kept: Why an update of the target would not change it; None where it would.
    """

    kind: str
    name: str
    key: str
    change: ChangeType
    path: str = ""
    source: Any = None
    target: Any = None
    kept: FrozenReason | None = None


def find_differences(
    kind: str,
    source: Iterable[Body],
    target: Iterable[Body],
    codes: ErcTranslation = NO_TRANSLATION,
) -> Iterator[Difference]:
    """Yield what differs between the documents of a kind, by name and path.

    A definition or folder is the same here and there if it has the same name: by
    their names entries find their object, and no installation holds two of one. A
    picklist is the same if it has the same external reference code, by which fields
    name it. What then is left over is matched by the other of the two.

    Args:
        kind: ObjectDefinition, ListTypeDefinition or ObjectFolder.
        source: As an installation gives its documents out.
        target: The same of the other one.
        codes: What has another code in the target: that is one difference, and its
            mentions are none.
    """
    found: list[Difference] = []
    for body, other in _pairs(kind, source, target):
        if body is None or other is None:
            change = ChangeType.REMOVED if body is None else ChangeType.ADDED
            found.append(_whole(kind, body or other or {}, change))
        else:
            same = codes.translated(kind, body) | {ERC: body.get(ERC)}
            found.extend(_changes(kind, same, other))
    yield from sorted(found, key=lambda each: (each.name.casefold(), each.path))


def _pairs(
    kind: str, source: Iterable[Body], target: Iterable[Body]
) -> Iterator[tuple[Body | None, Body | None]]:
    """Yield what is the same in source and target; None for what is missing."""
    left, right = list(source), list(target)
    unique = KINDS_BY_NAME[kind].has_unique_names
    for name in ("name", ERC) if unique else (ERC, "name"):
        known = {each[name]: each for each in right if each.get(name)}
        rest: list[Body] = []
        met: set[int] = set()
        for body in left:
            other = known.pop(body.get(name), None)
            if other is None:
                rest.append(body)
            else:
                met.add(id(other))
                yield body, other
        left, right = rest, [each for each in right if id(each) not in met]
    yield from ((body, None) for body in left)
    yield from ((None, body) for body in right)


def _whole(kind: str, body: Body, change: ChangeType) -> Difference:
    return Difference(kind=kind, name=_name(body), key=_key(body), change=change)


def _changes(kind: str, source: Body, target: Body) -> Iterator[Difference]:
    is_published = is_approved(target)
    for path, there, here in compare_properties(kind, source, target):
        yield Difference(
            kind=kind,
            name=_name(source),
            key=_key(source),
            change=_change(there, here),
            path=".".join(path),
            source=there,
            target=here,
            kept=find_frozen_reason(kind, path, is_published=is_published),
        )


def compare_properties(
    kind: str, source: Body, target: Body
) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    """Yield path and both values of each property in which two documents differ."""
    defaults = KINDS_BY_NAME[kind].defaults
    left, right = (
        _normalize(defaults | _display_name(each)) for each in (source, target)
    )
    return _walk_differences(left, right, ())


def is_approved(definition: Body) -> bool:
    """Return True if an installation gives the definition out as published."""
    status = definition.get("status")
    code = status.get("code") if isinstance(status, dict) else status
    return bool(code == APPROVED)


def _change(there: Any, here: Any) -> ChangeType:
    if here is None:
        return ChangeType.ADDED
    return ChangeType.REMOVED if there is None else ChangeType.CHANGED


def _walk_differences(
    left: Any, right: Any, path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    if path and path[-1] == _SETTINGS:  # settings are told apart one by one
        left, right = left or {}, right or {}
    if path and path[-1] in DERIVED_PROPERTIES and (left is None or right is None):
        return
    if isinstance(left, dict) and isinstance(right, dict):
        for name in sorted(left.keys() | right.keys()):
            yield from _walk_differences(left.get(name), right.get(name), (*path, name))
    elif left != right and not (_is_nothing(left) and _is_nothing(right)):
        yield path, left, right


def _is_nothing(value: Any) -> bool:
    """Say whether a document without the value means the same."""
    return value is None or value is False


def _normalize(value: Any, name: str = "") -> Any:
    """Reduce a document to what can differ; None for what counts as nothing."""
    if isinstance(value, dict):
        kept = {
            key: _normalize(each, key)
            for key, each in value.items()
            if key not in SERVER_SET_PROPERTIES and key not in FOREIGN_KEYS
        }
        return {key: each for key, each in kept.items() if each is not None} or None
    if isinstance(value, list):
        return _normalize_list(value, name)
    return None if value == "" else value


def _normalize_list(value: Sequence[Any], name: str) -> Any:
    elements = index_elements(value, name)
    if elements is None:
        return [_normalize(each) for each in value] or None
    found = {
        key: _normalize(_without_own(each, name))
        for key, each in elements.items()
        if not is_true(each.get("system"))
    }
    return found or None


def index_elements(elements: Sequence[Any], name: str) -> dict[str, Body] | None:
    """Return the elements of a list by what identifies them; None if nothing does."""
    keys = _KEYS.get(name)
    if keys is None or not all(isinstance(element, dict) for element in elements):
        return None
    return {_identity(element, keys): element for element in elements}


def _without_own(element: Body, name: str) -> Body:
    """Drop what stands for the element elsewhere: its key, and a generated ERC."""
    if name == "objectFieldSettings":
        return {"value": element.get("value")}
    dropped = {ERC, "storageType"} | (_DEPRECATED if name == "objectFields" else set())
    kept = {key: each for key, each in element.items() if key not in dropped}
    if isinstance(kept.get("objectField"), dict):  # servers tell it in relationships
        kept["objectField"] = _without_own(kept["objectField"], "objectFields")
    return kept


def _identity(element: Body, keys: tuple[str, ...]) -> str:
    for key in keys:
        value = element.get(key)
        if isinstance(value, dict):
            value = next(iter(value.values()), None)
        if value:
            return str(value)
    return ""


def _display_name(body: Body) -> Body:
    return {key: each for key, each in body.items() if each is not None}


def _name(body: Body) -> str:
    return str(body.get("name") or body.get(ERC) or "")


def _key(body: Body) -> str:
    return str(body.get(ERC) or "")


_RELATIONSHIP: Final = "Relationship"
"""Such a field goes with its relationship, never with the list of fields."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deletion:
    """What only the target has of a document.

    Attributes:
        kind: ObjectDefinition or ListTypeDefinition.
        name: Of the document.
        what: ``fields``, ``relationships`` or ``keys``.
        names: Of those.
    """

    kind: str
    name: str
    what: str
    names: tuple[str, ...]


def losses(kind: str, coming: Body, there: Body) -> Iterator[Deletion]:
    """Yield what goes when *coming* takes the place of the document *there*."""
    for parts in KINDS_BY_NAME[kind].part_lists:
        stays = {part.get(parts.key) for part in coming.get(parts.name) or ()}
        gone = [
            str(part.get(parts.key))
            for part in _declared(there.get(parts.name) or ())
            if part.get(parts.key) not in stays
        ]
        if gone:
            name = str(there.get("name"))
            yield Deletion(kind=kind, name=name, what=parts.label, names=tuple(gone))


def _declared(elements: Iterable[Body]) -> Iterator[dict[str, Any]]:
    """Yield what the document itself declares."""
    for element in elements:
        is_foreign = is_true(element.get("system")) or is_true(element.get("reverse"))
        if not is_foreign and element.get("businessType") != _RELATIONSHIP:
            yield element


_SERVER_COMPLETED: Final = (
    SERVER_SET_PROPERTIES
    | FOREIGN_KEYS
    | DERIVED_PROPERTIES
    | {"externalReferenceCode", "status"}
)

_NOT_COMPLETED: Final = frozenset({"objectRelationshipExternalReferenceCode"})
"""What older servers do not tell: a field's is that of its relationship."""

_COMPLETED_DEFAULTS: Final[Mapping[str, Any]] = {"outputType": "fullValidation"}
"""What has a default that is not nothing; definitions themselves come with theirs."""


def is_equivalent(new: Any, stored: Any, name: str = "") -> bool:
    """Say whether *stored* is *new*, and nothing more than servers tell with it.

    Args:
        new: A document, or a part of one, as it would be written.
        stored: The same as a server gave it out.
        name: Of the property that holds them; empty for documents.
    """
    if isinstance(new, dict) and isinstance(stored, dict):
        names = new.keys() | stored.keys()
        return all(
            _is_equivalent_value(new.get(name), stored.get(name), name)
            for name in names
        )
    if isinstance(new, list) and isinstance(stored, list):
        left, right = _by_key(new, name), _by_key(stored, name)
        return left.keys() == right.keys() and all(
            is_equivalent(left[each], right[each]) for each in left
        )
    return bool(new == stored)


def _is_equivalent_value(new: Any, stored: Any, name: str) -> bool:
    if _means_silence(new) and _means_silence(stored):
        return True
    if stored is None and name in _NOT_COMPLETED:
        return True
    if new is None:
        return name in _SERVER_COMPLETED or stored == _COMPLETED_DEFAULTS.get(name)
    return is_equivalent(new, stored, name)


def _means_silence(value: Any) -> bool:
    """Say whether it means the same as to be silent."""
    return value is None or value is False or value in ("", [], {})


def _by_key(elements: Sequence[Any], name: str) -> dict[Any, Any]:
    """Return elements by what identifies them; by their place if nothing does."""
    found = index_elements(elements, name)
    if found is None or len(found) < len(elements):
        return dict(enumerate(elements))
    return dict(found)
