"""Ids in a document that stand where an external reference code is needed.

An id means something in one installation only. Liferay's refusals do not say so: a
field whose picklist is named by its id alone gives "List type definition ID is 0".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ...model.outcome import Problem
from ..errors.document_problem_types import DocumentProblemType
from ..names import ERC
from .change_set import DEFINITION, FOLDER, Body
from .definition_fields import PICKLIST_TYPES, is_relationship, list_objects

_NO_ID: Final = (None, "", 0, "0", False)
_PICKLIST_CODE: Final = "listTypeDefinitionExternalReferenceCode"
_CODES: Final[Mapping[str, str]] = {
    "listTypeDefinitionId": _PICKLIST_CODE,
    "objectDefinitionId1": "objectDefinitionExternalReferenceCode1",
    "objectDefinitionId2": "objectDefinitionExternalReferenceCode2",
    "objectFolderId": "objectFolderExternalReferenceCode",
    "objectRelationshipId": "objectRelationshipExternalReferenceCode",
    "parameterObjectFieldId": "parameterObjectFieldName",
}
"""Properties that hold an id, each with the one that holds the code instead."""

_FOLDER_CODES: Final[Mapping[str, str]] = {
    "objectDefinitionId": "objectDefinitionExternalReferenceCode"
}
"""Valid in the items of a folder; elsewhere it is the id of the definition itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdReference:
    """A reference of a document by id alone.

    Attributes:
        path: The part with the reference: ``objectFields.hue``; empty for the document.
        id_name: The property that holds the id.
        id: The id.
        code_name: The property that would hold the code, valid in all installations.
    """

    path: str
    id_name: str
    id: Any
    code_name: str

    @property
    def text(self) -> str:
        """What is wrong and what would put it right, for people."""
        owner = f"{self.path}: " if self.path else ""
        return (
            f"{owner}{self.id_name} {self.id} is an id, and ids do not travel between "
            f"installations. State {self.code_name}."
        )


def find_id_references(kind: str, item: Body) -> Iterator[IdReference]:
    """Yield the references of an item that consist of an id alone.

    Args:
        kind: The name of the item's kind.
        item: The mapped item.
    """
    if kind == FOLDER:
        for listed in list_objects(item.get("objectFolderItems")):
            if not isinstance(listed.get("objectDefinition"), dict):
                yield from _id_references(listed, "objectFolderItems", _FOLDER_CODES)
    elif kind == DEFINITION:
        yield from _id_references(item, "", _CODES)
        for part in ("objectFields", "objectRelationships", "objectLayouts"):
            yield from _within(item.get(part), part)


def describe_id_references(kind: str, item: Body) -> list[str]:
    """Return a note for each reference of a stored document by id alone."""
    name = str(item.get("name") or item.get(ERC))
    return [
        f"{kind} {name}: {mention.text}" for mention in find_id_references(kind, item)
    ]


def explain_id_references(kind: str, item: Body, problem: Problem) -> str:
    """Explain the refusal of an item by a reference by id; empty if there is none.

    Args:
        kind: The name of the item's kind.
        item: The item that was refused.
        problem: The problem that Liferay or the rules here reported.
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
    for field in list_objects(item.get("objectFields")):
        if field.get("businessType") in PICKLIST_TYPES and not field.get(
            _PICKLIST_CODE
        ):
            return (
                f"objectFields.{field.get('name')} names no picklist. State "
                f"{_PICKLIST_CODE}."
            )
    return ""


def _within(value: Any, path: str) -> Iterator[IdReference]:
    for part in list_objects(value):
        name = part.get("name")
        inner = f"{path}.{name}" if isinstance(name, str) else path
        codes = dict(_CODES)
        if not is_relationship(part):  # there it is the definition itself
            del codes["objectDefinitionId1"]
        yield from _id_references(part, inner, codes)
        yield from _within(part.get("objectLayoutTabs"), f"{inner}.objectLayoutTabs")


def _id_references(
    part: Body, path: str, codes: Mapping[str, str]
) -> Iterator[IdReference]:
    for id_name, code_name in codes.items():
        number = part.get(id_name)
        if number not in _NO_ID and not part.get(code_name):
            yield IdReference(
                path=path, id_name=id_name, id=number, code_name=code_name
            )
