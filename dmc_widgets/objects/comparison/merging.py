"""Merge what an item states of a document into the document that is stored.

Both sides keep their parts: fields, relationships, picklist keys, actions, layouts,
views, rules. Where both have a value the item's counts, unless the difference is left.
What only the stored document has goes only where a choice names it. Differences are
those of :mod:`.differences`, so a path that a comparison lists is one that a choice
may name.

The result is a whole item, which the rules then write in place of the document. So a
merge knows no rules of its own, and an embedded database, a dry run and a server that
is sent the result decide the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, Protocol

from ...model.merge_choices import DocumentNames, MergeChoices
from ..documents.change_set import (
    APPROVED,
    DEFINITION,
    FOLDER,
    SYSTEM_PREFIX,
    Body,
    StoredDocument,
)
from ..documents.definition_bodies import is_system_definition
from ..documents.definition_fields import (
    get_setting,
    is_relationship,
    select_custom_fields,
)
from ..documents.document_kind import check_shape, convert_scalars
from ..documents.kinds import KINDS_BY_NAME
from ..fields.field_rules import is_true
from ..languages import NAMES, TEXTS, to_language_id, to_language_tag, write_languages
from ..names import ERC, relationship_name
from .differences import (
    DERIVED_PROPERTIES,
    FOREIGN_KEYS,
    SERVER_SET_PROPERTIES,
    element_identity,
)

_FIELDS: Final = "objectFields"
_RELATIONSHIPS: Final = "objectRelationships"
_ITEMS: Final = "objectFolderItems"
_INCLUDED: Final = "objectDefinition"
_PARENT: Final = "objectDefinitionExternalReferenceCode1"
_SETTINGS: Final = "objectFieldSettings"
_STATUS: Final = "status"
_TYPE: Final = "businessType"

_NOT_MERGED: Final = (
    (SERVER_SET_PROPERTIES | FOREIGN_KEYS | DERIVED_PROPERTIES) - {"objectField"}
) | {ERC}
"""Properties that stay as they are stored, because the rest of a document or the
installation decides them."""

_DEFAULT_FLAGS: Final = {
    "objectLayouts": "defaultObjectLayout",
    "objectViews": "defaultObjectView",
}
"""A definition has one default layout and one default view."""

Path = tuple[str, ...]


class StoredDocuments(Protocol):
    """Read access to the documents that items are merged into."""

    def by_erc(self, kind: str, erc: str) -> StoredDocument | None:
        """Return the document of that ERC, which may be a placeholder."""
        ...


def merge_item(
    kind: str, item: Body, known: StoredDocuments, choices: MergeChoices
) -> Body | None:
    """Return the item that takes the place of the stored document.

    Args:
        kind: The name of the item's kind of documents.
        item: The mapped item. It is not changed. One without a code, or of a shape
            that the rules refuse, is returned as it is.
        known: What the installation holds.
        choices: The differences to accept.

    Returns:
        The merged item; None if the installation lacks the document and the choices
        leave it out.
    """
    erc = item.get(ERC)
    stored = known.by_erc(kind, erc) if isinstance(erc, str) else None
    merged = merge_into(kind, item, stored, choices)
    if kind == FOLDER and merged is not None and merged is not item:
        return _merge_included(merged, item, known, choices)
    return merged


def merge_into(
    kind: str, item: Body, stored: StoredDocument | None, choices: MergeChoices
) -> Body | None:
    """Merge an item into one document, without the definitions that a folder includes.

    See :func:`merge_item`.
    """
    item = convert_scalars(item, KINDS_BY_NAME[kind].shape)
    if check_shape(item, KINDS_BY_NAME[kind].shape) or not item.get(ERC):
        return item
    if stored is not None and stored.is_placeholder:
        stored = None
    merger = _DocumentMerger(kind, item, stored, choices)
    return merger.merge() if merger.accepts_document else None


def merge_part(
    owner: StoredDocument, path: Path, part: Body, stored: Body, choices: MergeChoices
) -> Body:
    """Return the part that takes the place of the stored part of a document.

    Args:
        owner: The definition or picklist.
        path: The name of the owner's list, and what identifies the part in it.
        part: The part as its item states it.
        stored: The part that it matches.
        choices: The differences to accept.
    """
    merger = _DocumentMerger(owner.kind, owner.body, owner, choices)
    return merger.merge_values(part, stored, path)


def accepts_part(owner: StoredDocument, path: Path, choices: MergeChoices) -> bool:
    """Return True if the choices accept a part that its owner lacks."""
    return choices.accepts(names_of(owner.kind, owner.body), path)


def names_of(kind: str, body: Mapping[str, Any]) -> DocumentNames:
    """Return the names by which a path may name a document."""
    return DocumentNames(kind, (str(body.get("name") or ""), str(body.get(ERC) or "")))


def _merge_included(
    merged: Body, item: Body, known: StoredDocuments, choices: MergeChoices
) -> Body:
    """Return a merged folder with each definition that its item includes merged."""
    included: dict[str, Body | None] = {}
    for listed in item.get(_ITEMS) or ():
        definition = listed.get(_INCLUDED) if listed else None
        if definition and definition.get(ERC):
            included[definition[ERC]] = merge_item(
                DEFINITION, definition, known, choices
            )
    items = []
    for listed in merged.get(_ITEMS) or ():
        definition = listed.get(_INCLUDED) or {}
        code = str(definition.get(ERC) or element_identity(listed, _ITEMS))
        rest = {name: value for name, value in listed.items() if name != _INCLUDED}
        body = included.get(code)
        items.append(rest if body is None else rest | {_INCLUDED: body})
    return merged | {_ITEMS: items}


class _DocumentMerger:
    """Merges one item into the document that is stored under its code."""

    def __init__(
        self,
        kind: str,
        item: Body,
        stored: StoredDocument | None,
        choices: MergeChoices,
    ) -> None:
        self.item = item
        self._kind = kind
        self._stored = stored
        self._choices = choices
        self._names = names_of(kind, item | (stored.body if stored else {}))

    @property
    def accepts_document(self) -> bool:
        """True unless the document is new and left out."""
        return self._stored is not None or self._accepts(())

    def merge(self) -> Body:
        """Return the whole item; one of Liferay's own definitions is left alone."""
        if self._stored is None:
            return dict(self._prune(self.item, ()))
        if is_system_definition(self.item) and self._kind == DEFINITION:
            return self.item
        stated = {name: value for name, value in self.item.items() if name != _STATUS}
        merged = self.merge_values(stated, self._stored.body, ())
        if KINDS_BY_NAME[self._kind].has_status:
            merged[_STATUS] = {"code": self._merge_status(self._stored.status)}
        return merged

    def _merge_status(self, stored: int) -> int:
        """Publish a draft that the item publishes; nothing becomes a draft again."""
        code = (self.item.get(_STATUS) or {}).get("code")
        accepted = code == APPROVED and self._accepts((_STATUS, "code"))
        return APPROVED if accepted else stored

    def merge_values(self, new: Body, old: Body, path: Path) -> Body:
        """Return the properties of both sides."""
        merged: Body = {}
        for name in dict.fromkeys((*old, *new)):
            here = (*path, name)
            if name in _NOT_MERGED:
                if old.get(name) is not None:
                    merged[name] = old[name]
                elif name == ERC and new.get(name) is not None:
                    merged[name] = new[name]
                continue
            value = self._merge_value(new.get(name), old.get(name), here)
            if value is not None:
                merged[name] = value
        return merged

    def _merge_value(self, new: Any, old: Any, path: Path) -> Any:
        new, old = _write_in_one_way(new, path), _write_in_one_way(old, path)
        if _is_silent(new):
            return self._keep(new, old, path)
        if isinstance(new, dict) and isinstance(old, dict):
            return self.merge_values(new, old, path)
        if isinstance(new, list) and isinstance(old, list | None):
            known = self._index(old or [], path)
            given = self._index(new, path)
            if known is not None and given is not None:
                return self._merge_elements(given, known, path)
        if old is None:
            return self._prune(new, path) if self._accepts(path) else None
        return new if new != old and self._accepts(path) else old

    def _keep(self, new: Any, old: Any, path: Path) -> Any:
        """Return what stays where the item states nothing: what is stored."""
        if old is None:
            return new
        if isinstance(old, list):
            elements = self._index(old, path)
            if elements is not None:
                return self._merge_elements({}, elements, path)
        return new if self._accepts(path, is_removal=True) else old

    def _merge_elements(
        self, new: dict[str, Body], old: dict[str, Body], path: Path
    ) -> list[Body]:
        merged = []
        for key, element in old.items():
            here = (*path, key)
            if key in new:
                given = self._fit_type(new[key], element, here)
                merged.append(self.merge_values(given, element, here))
            elif not self._accepts(here, is_removal=True, field=element):
                merged.append(element)
        flag = _DEFAULT_FLAGS.get(path[-1], "")
        for key, element in new.items():
            here = (*path, key)
            if key not in old and self._accepts(here, field=element):
                added = self._prune(element, here)
                has_default = any(is_true(other.get(flag)) for other in merged)
                merged.append(added | {flag: False} if flag and has_default else added)
        return merged

    def _fit_type(self, new: Body, old: Body, path: Path) -> Body:
        """Leave out the settings of a field whose type is not that of the item."""
        if path[:-1] != (_FIELDS,) or not new.get(_TYPE) or not old.get(_TYPE):
            return new
        is_published = self._stored is not None and self._stored.status == APPROVED
        if new[_TYPE] == old[_TYPE]:
            return new
        if not is_published and self._accepts((*path, _TYPE)):
            return new
        return {name: value for name, value in new.items() if name != _SETTINGS}

    def _index(self, elements: Sequence[Any], path: Path) -> dict[str, Body] | None:
        """Return the elements of a list by their identity; None if they have none."""
        if path == (_FIELDS,):
            elements = select_custom_fields(elements)
        indexed: dict[str, Body] = {}
        for element in elements:
            key = element_identity(element, path[-1])
            if key is None:
                return None
            number = 1
            name = key
            while name in indexed:  # layouts may share a name
                number += 1
                name = f"{key} ({number})"
            indexed[name] = element
        return indexed

    def _prune(self, value: Any, path: Path) -> Any:
        """Return a value of the item without what is left of it."""
        if not self._choices.leave:
            return value
        if isinstance(value, dict):
            return {
                name: self._prune(inner, (*path, name))
                for name, inner in value.items()
                if not self._choices.leaves(self._names, (*path, name))
            }
        if isinstance(value, list) and path:
            indexed = self._index(value, path)
            if indexed is not None:
                return [
                    self._prune(element, (*path, key))
                    for key, element in indexed.items()
                    if not self._leaves_element((*path, key), element)
                ]
        return value

    def _leaves_element(self, path: Path, element: Body) -> bool:
        return any(
            self._choices.leaves(names, other)
            for names, other in self._addresses(path, element)
        )

    def _accepts(
        self, path: Path, *, is_removal: bool = False, field: Body | None = None
    ) -> bool:
        if field is not None and self._leaves_element(path, field):
            return False
        return any(
            self._choices.accepts(names, other, is_removal=is_removal)
            for names, other in self._addresses(path, field)
        )

    def _addresses(
        self, path: Path, field: Body | None
    ) -> Iterator[tuple[DocumentNames, Path]]:
        """Yield the path, and for a Relationship field also that of its relationship.

        A relationship is declared by its parent and shows as a field of its child, so
        a path of the one means both.
        """
        yield self._names, path
        if field is None or path[:-1] != (_FIELDS,) or not is_relationship(field):
            return
        parent = str(field.get(_PARENT) or "")
        name = str(get_setting(field, "objectDefinition1ShortName") or "")
        if parent and not parent.startswith(SYSTEM_PREFIX):
            names = DocumentNames(DEFINITION, (name, parent))
            yield names, (_RELATIONSHIPS, relationship_name(path[-1]))


def _write_in_one_way(value: Any, path: Path) -> Any:
    """Write the languages of texts as the rules store them."""
    if path[-1] == NAMES:
        return write_languages(value, to_language_tag)
    if path[-1] in TEXTS:
        return write_languages(value, to_language_id)
    return value


def _is_silent(value: Any) -> bool:
    """Return True if an item that states this value says nothing of the property."""
    return value is None or value in ("", [], {})


def find_unmatched_paths(
    choices: MergeChoices, differing: Iterable[tuple[DocumentNames, Path]]
) -> list[str]:
    """Return the paths of choices that name no difference.

    Args:
        choices: The choices.
        differing: The document and the path of each difference.
    """
    unmatched = dict.fromkeys((*choices.only, *choices.leave))
    for names, path in differing:
        for text in list(unmatched):
            if names.is_at_or_below(text, path):
                del unmatched[text]
    return list(unmatched)
