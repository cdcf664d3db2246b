"""Where definitions, picklists and folders name each other.

Ids in a document that stand where an external reference code is needed.

An id means something in one installation only. Liferay's refusals do not say so: a
field whose picklist is named by its id alone gives "List type definition ID is 0".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ...model.outcome import Problem
from ..errors.document_problem_types import DocumentProblemType
from ..errors.entry_problems import ERC
from .change_set import (
    DEFAULT_FOLDER,
    DEFINITION,
    FOLDER,
    PICKLIST,
    SYSTEM_PREFIX,
    Body,
)
from .definition_fields import PICKLIST_TYPES, is_relationship

RELATIONSHIP_CODE: Final = "ObjectRelationship"

REFERENCE_PROPERTIES: Final[Mapping[str, str]] = {
    "listTypeDefinitionExternalReferenceCode": PICKLIST,
    "objectDefinitionExternalReferenceCode": DEFINITION,
    "objectDefinitionExternalReferenceCode1": DEFINITION,
    "objectDefinitionExternalReferenceCode2": DEFINITION,
    "objectFolderExternalReferenceCode": FOLDER,
    "objectRelationshipExternalReferenceCode": RELATIONSHIP_CODE,
    "rootObjectDefinitionExternalReferenceCode": DEFINITION,
}
"""Properties that name something by its code, wherever in a document they stand."""


def find_missing_references(
    documents: Mapping[str, Iterable[Body]],
) -> list[tuple[str, str]]:
    """Return kind and code of what definitions name and what is not there.

    Folders list definitions without a need for them.

    Args:
        documents: Bodies by kind, all that there are.
    """
    there = {(kind, each[ERC]) for kind in documents for each in documents[kind]}
    named = {
        each for body in documents[DEFINITION] for each in _referenced_documents(body)
    }
    return sorted(named - there)


class ReferenceTracker:
    """What written definitions name, where the target does not tell what it made.

    A server makes an empty document for what is missing, and says nothing.

    Args:
        there: Kind and code of every document that the target had before.
    """

    def __init__(self, there: Iterable[tuple[str, str]] = ()) -> None:
        self._there = set(there)
        self._named: set[tuple[str, str]] = set()

    @classmethod
    def beside(cls, documents: Mapping[str, Iterable[Body]]) -> ReferenceTracker:
        """Return the mentions for a target that holds *documents*, by kind."""
        return cls((kind, each[ERC]) for kind in documents for each in documents[kind])

    def add(self, kind: str, item: Body, key: str) -> None:
        """Note a document that was written, with what it names."""
        self._there.add((kind, key))
        if kind == DEFINITION:
            self._named.update(_referenced_documents(item))

    @property
    def missing(self) -> list[tuple[str, str]]:
        """Kind and code of what is named and has not come."""
        return sorted(self._named - self._there)


def _referenced_documents(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, list):
        for each in value:
            yield from _referenced_documents(each)
    elif isinstance(value, dict):
        for name, each in value.items():
            kind = REFERENCE_PROPERTIES.get(name)
            if kind is None:
                yield from _referenced_documents(each)
            elif isinstance(each, str) and each and not _is_everywhere(kind, each):
                yield kind, each


def _is_everywhere(kind: str, code: str) -> bool:
    """Return True for what every Liferay has: its own definitions, the default folder.

    The prefix tells nothing of picklists and folders: people give them such codes, too.
    A relationship comes with a definition, and is no document.
    """
    if kind == RELATIONSHIP_CODE:
        return True
    if kind == FOLDER:
        return code == DEFAULT_FOLDER
    return kind == DEFINITION and code.startswith(SYSTEM_PREFIX)


_PICKLIST_CODE: Final = "listTypeDefinitionExternalReferenceCode"
_CODES: Final[Mapping[str, str]] = {
    "listTypeDefinitionId": _PICKLIST_CODE,
    "objectDefinitionId1": "objectDefinitionExternalReferenceCode1",
    "objectDefinitionId2": "objectDefinitionExternalReferenceCode2",
    "objectFolderId": "objectFolderExternalReferenceCode",
    "objectRelationshipId": "objectRelationshipExternalReferenceCode",
    "parameterObjectFieldId": "parameterObjectFieldName",
}
"""Properties that hold an id, and the one that names the same across installations."""

_FOLDER_CODES: Final[Mapping[str, str]] = {
    "objectDefinitionId": "objectDefinitionExternalReferenceCode"
}
"""In the items of a folder; elsewhere it is the id of the definition itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdReference:
    """Something that a document names by its id alone.

    Attributes:
        path: The part that names it: ``objectFields.hue``; empty for the document.
        id_name: The property that holds the id.
        id: The id.
        code_name: The property that would name it across installations.
    """

    path: str
    id_name: str
    id: Any
    code_name: str

    @property
    def text(self) -> str:
        """What was met and what would put it right."""
        owner = f"{self.path}: " if self.path else ""
        return (
            f"{owner}{self.id_name} {self.id} is an id, and ids do not travel between "
            f"installations. State {self.code_name}."
        )


def find_id_references(kind: str, item: Body) -> Iterator[IdReference]:
    """Yield what an item names by ids alone.

    Args:
        kind: ObjectDefinition, ListTypeDefinition or ObjectFolder.
        item: As it was mapped.
    """
    if kind == FOLDER:
        for listed in _dicts(item.get("objectFolderItems")):
            if not isinstance(listed.get("objectDefinition"), dict):
                yield from _id_references(listed, "objectFolderItems", _FOLDER_CODES)
    elif kind == DEFINITION:
        yield from _id_references(item, "", _CODES)
        for part in ("objectFields", "objectRelationships", "objectLayouts"):
            yield from _within(item.get(part), part)


def describe_id_references(kind: str, item: Body) -> list[str]:
    """Return a note for each id that a stored document was named by in vain."""
    name = str(item.get("name") or item.get(ERC))
    return [
        f"{kind} {name}: {mention.text}" for mention in find_id_references(kind, item)
    ]


def explain_id_references(kind: str, item: Body, problem: Problem) -> str:
    """Return why an item was refused, if an id that it states is to blame.

    Args:
        kind: ObjectDefinition, ListTypeDefinition or ObjectFolder.
        item: The item that was refused.
        problem: The refusal of Liferay's or of the rules here.
    """
    said = problem.as_liferay
    mentions = list(find_id_references(kind, item))
    if said == DocumentProblemType.PICKLIST.text:
        for mention in mentions:
            if mention.code_name == _PICKLIST_CODE:
                return mention.text
        return _without_picklist(item)
    for mention in mentions:
        if str(mention.id) in said.split() or said.endswith(" null"):
            return mention.text
    return ""


def _without_picklist(item: Body) -> str:
    for field in _dicts(item.get("objectFields")):
        if field.get("businessType") in PICKLIST_TYPES and not field.get(
            _PICKLIST_CODE
        ):
            return (
                f"objectFields.{field.get('name')} names no picklist. State "
                f"{_PICKLIST_CODE}."
            )
    return ""


def _within(value: Any, path: str) -> Iterator[IdReference]:
    for part in _dicts(value):
        name = part.get("name")
        inner = f"{path}.{name}" if isinstance(name, str) else path
        codes = dict(_CODES)
        if not is_relationship(part):  # a relationship is its own first definition's
            del codes["objectDefinitionId1"]
        yield from _id_references(part, inner, codes)
        yield from _within(part.get("objectLayoutTabs"), f"{inner}.objectLayoutTabs")


def _id_references(
    part: Body, path: str, codes: Mapping[str, str]
) -> Iterator[IdReference]:
    for id_name, code_name in codes.items():
        number = part.get(id_name)
        if number and not part.get(code_name):
            yield IdReference(
                path=path, id_name=id_name, id=number, code_name=code_name
            )


def _dicts(value: Any) -> list[Body]:
    listed = value if isinstance(value, list) else []
    return [each for each in listed if isinstance(each, dict)]
