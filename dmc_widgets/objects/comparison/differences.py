"""Differences between the documents of two installations, property by property.

The elements of a list are matched by what identifies them, not by their order: fields
by name, picklist entries by key. What each installation sets for itself (ids, dates,
links) does not count as a difference, and neither does null or false against a missing
value, because exports write either.

:func:`find_deletions` lists what an overwritten document loses together with the values
of entries. :func:`is_equivalent` tells whether a server would see a change: a server
completes what it receives, and derives properties from the rest, so a document that
lacks only those changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from ...model.representation import ValueDisplay
from ..documents.change_set import APPROVED, DEFAULT_FOLDER, FOLDER_CODE, Body
from ..documents.definition_bodies import FrozenReason, find_frozen_reason
from ..documents.kinds import KINDS_BY_NAME
from ..fields.field_rules import is_true
from ..languages import NAMES, unify_languages
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
        "relationshipType",
        "unique",
    ]
)
"""Properties that servers derive from the rest of a document."""

_SETTINGS: Final = "objectFieldSettings"

_DEPRECATED: Final = frozenset({"type"})
"""Ignored in fields, where it repeats DBType. In relationships it counts."""

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
"""The properties that identify the elements of a list, the first that has a value.
Other lists are compared as a whole."""


class ChangeType(StrEnum):
    """The change that would make the target equal to the source."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Difference(ValueDisplay):
    """One difference between the target and the source.

    Attributes:
        kind: The name of the document's kind.
        name: The name of the document, for people.
        key: The external reference code of the document.
        change: *added* if only the source has it, *removed* if only the target has it.
        path: ``objectFields.title.required``; empty for the document as a whole.
        source: The value in the source; None where there is none.
        target: The value in the target; None where there is none.
        kept: Why an update would leave the value in the target; None where it would
            not.
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
    """Yield the differences between the documents of a kind, by name and path.

    Definitions and folders are matched by name: entries find their object by its name,
    and an installation does not hold two of the same name. Picklists are matched by
    external reference code, which fields refer to. The remaining documents are matched
    by the other of the two.

    Args:
        kind: The name of the documents' kind.
        source: The documents, as the source gives them out.
        target: The documents, as the target gives them out.
        codes: The codes that differ in the target. Such a code is one difference, and
            references to it are none.
    """
    differences: list[Difference] = []
    source, target = _without_builtin(kind, source), _without_builtin(kind, target)
    for body, other in _match_documents(kind, source, target):
        if body is None or other is None:
            change = ChangeType.REMOVED if body is None else ChangeType.ADDED
            differences.append(_whole_document(kind, body or other or {}, change))
        else:
            same = codes.translate(kind, body) | {ERC: body.get(ERC)}
            differences.extend(_compare_documents(kind, same, other))
    yield from sorted(differences, key=lambda each: (each.name.casefold(), each.path))


def _without_builtin(kind: str, documents: Iterable[Body]) -> list[Body]:
    """Leave out the documents that every server has, and databases lack."""
    builtin = KINDS_BY_NAME[kind].builtin_ercs
    return [document for document in documents if document.get(ERC) not in builtin]


def _match_documents(
    kind: str, source: Iterable[Body], target: Iterable[Body]
) -> Iterator[tuple[Body | None, Body | None]]:
    """Yield the matching documents of source and target; None for a missing one."""
    left, right = list(source), list(target)
    unique = KINDS_BY_NAME[kind].has_unique_names
    for name in ("name", ERC) if unique else (ERC, "name"):
        known = {part[name]: part for part in right if part.get(name)}
        rest: list[Body] = []
        matched: set[int] = set()
        for body in left:
            other = known.pop(body.get(name), None)
            if other is None:
                rest.append(body)
            else:
                matched.add(id(other))
                yield body, other
        left, right = rest, [part for part in right if id(part) not in matched]
    yield from ((body, None) for body in left)
    yield from ((None, body) for body in right)


def _whole_document(kind: str, body: Body, change: ChangeType) -> Difference:
    return Difference(kind=kind, name=_name(body), key=_key(body), change=change)


def _compare_documents(kind: str, source: Body, target: Body) -> Iterator[Difference]:
    is_published = is_approved(target)
    for path, source_value, target_value in compare_properties(kind, source, target):
        yield Difference(
            kind=kind,
            name=_name(source),
            key=_key(source),
            change=_change_type(source_value, target_value),
            path=".".join(path),
            source=source_value,
            target=target_value,
            kept=find_frozen_reason(kind, path, is_published=is_published),
        )


def compare_properties(
    kind: str, source: Body, target: Body
) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    """Yield the path and both values of each property that differs."""
    defaults = KINDS_BY_NAME[kind].defaults
    left, right = (
        _normalize(defaults | _drop_nulls(document)) for document in (source, target)
    )
    return _walk_differences(left, right, ())


def normalize_properties(document: Body) -> Any:
    """Return what counts in a document, without what servers set."""
    return _normalize(_drop_nulls(document))


def is_approved(definition: Body) -> bool:
    """Return True if an installation gives the definition out as published."""
    status = definition.get("status")
    code = status.get("code") if isinstance(status, dict) else status
    return bool(code == APPROVED)


def _change_type(source: Any, target: Any) -> ChangeType:
    if target is None:
        return ChangeType.ADDED
    return ChangeType.REMOVED if source is None else ChangeType.CHANGED


def _walk_differences(
    left: Any, right: Any, path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    if path and path[-1] == _SETTINGS:  # settings are compared one by one
        left, right = left or {}, right or {}
    if path and path[-1] in DERIVED_PROPERTIES and (left is None or right is None):
        return
    if isinstance(left, dict) and isinstance(right, dict):
        for name in sorted(left.keys() | right.keys()):
            yield from _walk_differences(left.get(name), right.get(name), (*path, name))
    elif left != right and not (_is_nothing(left) and _is_nothing(right)):
        yield path, left, right


def _is_nothing(value: Any) -> bool:
    """Return True if leaving the value out means the same."""
    return value is None or value is False


def _normalize(value: Any, name: str = "") -> Any:
    """Reduce a document to what counts; None for what counts as missing."""
    value = unify_languages(value, name)
    if isinstance(value, dict):
        value = _drop_repeated_name(value)
        counted = {
            key: _normalize(inner, key)
            for key, inner in value.items()
            if key not in SERVER_SET_PROPERTIES and key not in FOREIGN_KEYS
        }
        return {
            key: inner for key, inner in counted.items() if inner is not None
        } or None
    if isinstance(value, list):
        return _normalize_list(value, name)
    if name == FOLDER_CODE and value == DEFAULT_FOLDER:
        return None  # definitions without a folder are in this one
    return None if value == "" else value


def _drop_repeated_name(body: Body) -> Body:
    """Drop the translations of a name if they say no more than the name itself.

    Servers give them out with every picklist and entry.
    """
    texts = body.get(NAMES)
    name = body.get("name")
    if isinstance(texts, dict) and texts and all(x == name for x in texts.values()):
        return {key: value for key, value in body.items() if key != NAMES}
    return body


def _normalize_list(value: Sequence[Any], name: str) -> Any:
    elements = index_elements(value, name)
    if elements is None:
        return [_normalize(element) for element in value] or None
    normalized = {
        key: _normalize(_strip_identity(element, name))
        for key, element in elements.items()
        if not is_true(element.get("system"))
    }
    return normalized or None


def index_elements(elements: Sequence[Any], name: str) -> dict[str, Body] | None:
    """Return the elements of a list by their identity; None if they have none."""
    keys = _KEYS.get(name)
    if keys is None or not all(isinstance(element, dict) for element in elements):
        return None
    return {_identity(element, keys): element for element in elements}


def element_identity(element: Any, name: str) -> str | None:
    """Return what identifies an element of the list *name*; None if nothing does."""
    keys = _KEYS.get(name)
    if keys is None or not isinstance(element, dict):
        return None
    return _identity(element, keys)


def _strip_identity(element: Body, name: str) -> Body:
    """Drop what does not count as a difference: a generated ERC, and derived types."""
    if name == "objectFieldSettings":
        return {"value": element.get("value")}
    dropped = {ERC, "storageType"} | (_DEPRECATED if name == "objectFields" else set())
    remaining = {key: value for key, value in element.items() if key not in dropped}
    if isinstance(remaining.get("objectField"), dict):
        field = _strip_identity(remaining["objectField"], "objectFields")
        field.pop("relationshipType", None)  # read-only: the relationship has its type
        remaining["objectField"] = field
    return remaining


def _identity(element: Body, keys: tuple[str, ...]) -> str:
    for key in keys:
        value = element.get(key)
        if isinstance(value, dict):  # texts by language, in any order
            first = next(iter(value.values()), None)
            value = value.get("en_US") or value.get("en-US") or first
        if value:
            return str(value)
    return ""


def _drop_nulls(body: Body) -> Body:
    return {key: each for key, each in body.items() if each is not None}


def _name(body: Body) -> str:
    return str(body.get("name") or body.get(ERC) or "")


def _key(body: Body) -> str:
    return str(body.get(ERC) or "")


_RELATIONSHIP: Final = "Relationship"
"""Such a field is removed with its relationship, not with the list of fields."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deletion:
    """Parts of a stored document that an update would remove.

    Attributes:
        kind: The name of the document's kind.
        name: The name of the document.
        what: What the parts are called: ``fields``, ``relationships``, ``keys`` …
        names: The names or keys of the parts.
        key: The external reference code of the document.
        numbers: How many entries hold a value of each part; None where that is not
            known. Empty if they were not counted, or cannot hold any.
        holds_values: Entries hold values of such parts.
    """

    kind: str
    name: str
    what: str
    names: tuple[str, ...]
    key: str = ""
    numbers: tuple[int | None, ...] = ()
    holds_values: bool = True

    @property
    def text(self) -> str:
        """What goes, for people: ``ObjectDefinition Ticket (fields a: 2 entries)``."""
        names = self.names
        if self.numbers:
            pairs = zip(self.names, self.numbers, strict=True)
            names = tuple(f"{name}: {_format_number(count)}" for name, count in pairs)
        return f"{self.kind} {self.name} ({self.what} {', '.join(names)})"


def _format_number(count: int | None) -> str:
    if count is None:
        return "an unknown number of entries"
    return "1 entry" if count == 1 else f"{count:,} entries"


def find_deletions(kind: str, incoming: Body, stored: Body) -> Iterator[Deletion]:
    """Yield what is removed when *incoming* replaces the document *stored*."""
    for parts in KINDS_BY_NAME[kind].part_lists:
        if parts.stays and incoming.get(parts.name) is None:
            continue
        stays = {
            element_identity(part, parts.name)
            for part in incoming.get(parts.name) or ()
        }
        identities = [
            element_identity(part, parts.name)
            for part in _declared(stored.get(parts.name) or ())
        ]
        gone = [str(name) for name in identities if name not in stays]
        if gone:
            name = str(stored.get("name"))
            yield Deletion(
                kind=kind,
                name=name,
                what=parts.label,
                names=tuple(gone),
                key=_key(stored),
                holds_values=parts.holds_values,
            )


def _declared(elements: Iterable[Body]) -> Iterator[dict[str, Any]]:
    """Yield the parts that the document itself declares."""
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
"""Properties that older servers do not give out."""

_COMPLETED_DEFAULTS: Final[Mapping[str, Any]] = {"outputType": "fullValidation"}
"""Properties of parts with a default other than null, false and empty."""


def is_equivalent(new: Any, stored: Any, name: str = "") -> bool:
    """Return True if *stored* is *new* with nothing but what servers add.

    Args:
        new: A document, or a part of one, as it would be written.
        stored: The same document or part as a server gave it out.
        name: The property that holds them; empty for documents.
    """
    new, stored = unify_languages(new, name), unify_languages(stored, name)
    if isinstance(new, dict) and isinstance(stored, dict):
        new, stored = _drop_repeated_name(new), _drop_repeated_name(stored)
        names = new.keys() | stored.keys()
        return all(
            _is_equivalent_value(new.get(name), stored.get(name), name)
            for name in names
        )
    if isinstance(new, list) and isinstance(stored, list):
        left, right = _by_key(new, name), _by_key(stored, name)
        return left.keys() == right.keys() and all(
            is_equivalent(left[key], right[key]) for key in left
        )
    return bool(new == stored)


def _is_equivalent_value(new: Any, stored: Any, name: str) -> bool:
    if _means_silence(new) and _means_silence(stored):
        return True
    if name == FOLDER_CODE and {new, stored} == {None, DEFAULT_FOLDER}:
        return True
    if stored is None and name in _NOT_COMPLETED:
        return True
    if new is None:
        return name in _SERVER_COMPLETED or stored == _COMPLETED_DEFAULTS.get(name)
    return is_equivalent(new, stored, name)


def _means_silence(value: Any) -> bool:
    """Return True if the value means the same as no value."""
    return value is None or value is False or value in ("", [], {})


def _by_key(elements: Sequence[Any], name: str) -> dict[Any, Any]:
    """Return elements by their identity; by their index if they have none."""
    indexed = index_elements(elements, name)
    if indexed is None or len(indexed) < len(elements):
        return dict(enumerate(elements))
    return dict(indexed)
