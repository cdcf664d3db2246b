"""Where the definitions of two installations differ, property by property.

Lists are compared by what identifies their elements, not by their order: fields by
name, picklist entries by key. What an installation gives itself (ids, dates, links)
is no difference, nor is null or false against nothing: exports write either.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from .definition_forms import DEFAULTS
from .documents import APPROVED, DEFINITION, PICKLIST, Body
from .field_types import is_true
from .kept_reasons import KeptReason, kept_reason
from .namesakes import NO_CODES, Codes

ERC: Final = "externalReferenceCode"

OWN: Final = frozenset(
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

DERIVED: Final = frozenset(
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


class Change(StrEnum):
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
    change: Change
    path: str = ""
    source: Any = None
    target: Any = None
    kept: KeptReason | None = None


def differences(
    kind: str,
    source: Iterable[Body],
    target: Iterable[Body],
    codes: Codes = NO_CODES,
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
            change = Change.REMOVED if body is None else Change.ADDED
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
    for name in (ERC, "name") if kind == PICKLIST else ("name", ERC):
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


def _whole(kind: str, body: Body, change: Change) -> Difference:
    return Difference(kind=kind, name=_name(body), key=_key(body), change=change)


def _changes(kind: str, source: Body, target: Body) -> Iterator[Difference]:
    is_published = is_approved(target)
    for path, there, here in property_differences(kind, source, target):
        yield Difference(
            kind=kind,
            name=_name(source),
            key=_key(source),
            change=_change(there, here),
            path=".".join(path),
            source=there,
            target=here,
            kept=kept_reason(kind, path, is_published=is_published),
        )


def property_differences(
    kind: str, source: Body, target: Body
) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    """Yield path and both values of each property in which two documents differ."""
    defaults = DEFAULTS if kind == DEFINITION else {}
    left, right = (_plain(defaults | _told(each)) for each in (source, target))
    return _walk(left, right, ())


def is_approved(definition: Body) -> bool:
    """Return True if an installation gives the definition out as published."""
    status = definition.get("status")
    code = status.get("code") if isinstance(status, dict) else status
    return bool(code == APPROVED)


def _change(there: Any, here: Any) -> Change:
    if here is None:
        return Change.ADDED
    return Change.REMOVED if there is None else Change.CHANGED


def _walk(
    left: Any, right: Any, path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    if path and path[-1] == _SETTINGS:  # settings are told apart one by one
        left, right = left or {}, right or {}
    if path and path[-1] in DERIVED and (left is None or right is None):
        return
    if isinstance(left, dict) and isinstance(right, dict):
        for name in sorted(left.keys() | right.keys()):
            yield from _walk(left.get(name), right.get(name), (*path, name))
    elif left != right and not (_is_nothing(left) and _is_nothing(right)):
        yield path, left, right


def _is_nothing(value: Any) -> bool:
    """Say whether a document without the value means the same."""
    return value is None or value is False


def _plain(value: Any, name: str = "") -> Any:
    """Reduce a document to what can differ; None for what counts as nothing."""
    if isinstance(value, dict):
        kept = {
            key: _plain(each, key)
            for key, each in value.items()
            if key not in OWN and key not in FOREIGN_KEYS
        }
        return {key: each for key, each in kept.items() if each is not None} or None
    if isinstance(value, list):
        return _listed(value, name)
    return None if value == "" else value


def _listed(value: Sequence[Any], name: str) -> Any:
    elements = keyed(value, name)
    if elements is None:
        return [_plain(each) for each in value] or None
    found = {
        key: _plain(_without_own(each, name))
        for key, each in elements.items()
        if not is_true(each.get("system"))
    }
    return found or None


def keyed(elements: Sequence[Any], name: str) -> dict[str, Body] | None:
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


def _told(body: Body) -> Body:
    return {key: each for key, each in body.items() if each is not None}


def _name(body: Body) -> str:
    return str(body.get("name") or body.get(ERC) or "")


def _key(body: Body) -> str:
    return str(body.get(ERC) or "")
