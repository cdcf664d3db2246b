"""What is known of one kind of documents, and the first steps that all kinds share.

:class:`DocumentKind` holds everything that the package knows of a kind: its names in
Liferay's APIs, its properties and their types, its rules. Each kind is described in
the module of its rules, and :mod:`.kinds` lists them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Final

from ...model.entity_type import EntityType, Field
from ...model.outcome import GENERATED_KEY, PLACEHOLDER, OutcomeKind, Problem
from ...model.strategies import ImportStrategy, Policy, UpdateStrategy
from ..company_ids import COMPANY_ID
from ..errors.document_problem_types import DocumentProblemType, NameProblemType
from ..names import ERC_LIMIT
from .change_set import (
    APPROVED,
    Body,
    ChangeSet,
    DocumentChange,
    DocumentReader,
    StoredDocument,
)

Shape = Mapping[str, Any]
"""Property names and the type each must have: a type, a shape, or a list with the
shape of its elements. Null stands for absence, and unlisted properties are free."""

_JAVA_CLASSES: Final = {
    bool: "Boolean",
    dict: "Map",
    int: "Integer",
    list: "List",
    str: "String",
}

_BOOLEANS: Final = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,18}")

LABELS: Final = dict
"""Texts by language."""

ChangeRule = Callable[
    [Body, DocumentReader, Policy, Callable[[], str]], DocumentChange | Problem
]
"""Decides what an item changes, from the item, what the installation holds, the
strategies, and a function that generates external reference codes."""

SERVER_SET: Final = frozenset(
    ["actions", "creator", "dateCreated", "dateModified", "id"]
)
"""Properties of every document, and of its parts, that each installation sets."""

_ONLY_IN_OUTPUT: Final = frozenset({"status", "x-class-name"})
READ_ONLY: Final = SERVER_SET - {"creator"}
"""The properties of a document that forms and checks never fill."""

_TABLE_FORMATS: Final = frozenset({"CSV", "XLSX"})


@dataclass(frozen=True, slots=True, kw_only=True)
class PartList:
    """A list of parts that an overwritten document loses where its item lacks them.

    Attributes:
        label: What people call the parts: ``fields``.
        name: The property of the document that holds the list.
        key: The property that identifies a part within the list, or names it.
        holds_values: Entries hold values of a part, which go with it.
        stays: The stored list stays where an item does not have the property.
    """

    label: str
    name: str
    key: str
    holds_values: bool = True
    stays: bool = False


def _return_unchanged(body: Body) -> Body:
    return body


def _derive_nothing(_document: StoredDocument) -> Body:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentKind:
    """Everything that the package knows of one kind of documents.

    Attributes:
        name: Liferay's name of the kind: ``ObjectDefinition``.
        class_name: Liferay's DTO class, which its batch engine is called with.
        noun: The kind in Liferay's messages: ``object definition``.
        plural: The kind in our messages, in the plural: ``object definitions``.
        application: Liferay's application as labels name it.
        scope_name: The application in the names of its OAuth 2 scopes.
        api: The path of the REST API: ``/o/object-admin/v1.0``.
        collection: The last part of the path of the kind's list.
        add_permission: The permission of Liferay's that adds a document.
        properties: The names of the properties by type, separated by blanks.
        required: The properties that an item must have.
        read_only: The properties that an installation sets, for forms and checks.
        alternatives: Properties of which one is enough, each with the group's name.
        server_set: The properties that rules remove from every item.
        shape: The types that the rules rely on.
        change: The rule that decides what one item changes.
        defaults: What a document has where its item is silent.
        referenced_by: Properties of other documents that hold a code of this kind.
        builtin_documents: Documents that every installation of Liferay has. They cannot
            be deleted, and do not move.
        builtin_prefix: The prefix of such codes; empty where there is none.
        has_unique_names: No two documents share a name. Otherwise the external
            reference code identifies a document where a name would.
        has_status: Documents are drafts or published; all others are approved.
        part_lists: The lists whose parts go where an item lacks them.
        parse_body: Completes a body that an installation gave out.
        derive: Returns what an installation adds when it gives a document out.
    """

    name: str
    class_name: str
    noun: str
    plural: str
    application: str
    scope_name: str
    api: str
    collection: str
    add_permission: str
    properties: Mapping[str, str]
    required: frozenset[str]
    shape: Shape
    change: ChangeRule
    read_only: frozenset[str] = READ_ONLY
    alternatives: Mapping[str, str] = field(default_factory=dict)
    server_set: frozenset[str] = SERVER_SET
    defaults: Body = field(default_factory=dict)
    referenced_by: tuple[str, ...] = ()
    builtin_documents: tuple[Body, ...] = ()
    builtin_prefix: str = ""
    has_unique_names: bool = True
    has_status: bool = False
    part_lists: tuple[PartList, ...] = ()
    parse_body: Callable[[Body], Body] = _return_unchanged
    derive: Callable[[StoredDocument], Body] = _derive_nothing

    @property
    def path(self) -> str:
        """The path of the list of all documents, of a server of Liferay's API."""
        return f"{self.api}/{self.collection}"

    @property
    def builtin_ercs(self) -> frozenset[str]:
        """The codes of documents that every installation of Liferay has."""
        return frozenset(
            body["externalReferenceCode"] for body in self.builtin_documents
        )

    def is_builtin(self, erc: str) -> bool:
        """Return True if every installation of Liferay has a document of that ERC."""
        has_prefix = bool(self.builtin_prefix) and erc.startswith(self.builtin_prefix)
        return has_prefix or erc in self.builtin_ercs

    def name_of(self, body: Mapping[str, Any]) -> str:
        """Return what identifies a document among those of its kind, by name."""
        name = "name" if self.has_unique_names else "externalReferenceCode"
        return str(body.get(name) or "")

    def entity_type(self, unlisted: Iterable[str] = ()) -> EntityType:
        """Return the entity type of the kind.

        Args:
            unlisted: Further properties that stored documents have. They are fields,
                too, so that nothing of a document is lost because it is newer than
                the properties listed here.
        """
        types = {
            name: type_
            for type_, names in self.properties.items()
            for name in names.split()
        }
        fields = (
            Field(
                name=name,
                type=types.get(name, "object"),
                required=name in self.required,
                read_only=name in self.read_only,
                any_of_group=self.alternatives.get(name, ""),
                unsupported_formats=_TABLE_FORMATS,
            )
            for name in sorted(types.keys() | set(unlisted))
        )
        return EntityType(
            name=self.name,
            label=f"{self.name} (v1.0 - {self.application})",
            class_name=self.class_name,
            open=True,
            fields=tuple(fields),
        )

    def parse(self, item: Mapping[str, Any]) -> StoredDocument:
        """Return the document that an installation gave out as *item*."""
        output_only = self.server_set | _ONLY_IN_OUTPUT
        body = {
            name: value
            for name, value in item.items()
            if value is not None and name not in output_only
        }
        body = self.parse_body(body)
        erc = str(body.get("externalReferenceCode") or "")
        status = APPROVED
        if self.has_status:
            stated = item.get("status")
            code = stated.get("code") if isinstance(stated, dict) else stated
            status = code if isinstance(code, int) else APPROVED
        return StoredDocument(self.name, erc, self.name_of(body), status, body)

    def export(
        self, document: StoredDocument, number: int, created_ms: int, modified_ms: int
    ) -> Body:
        """Return a document as Liferay's REST API gives it out.

        Args:
            document: Approved or a draft; never a placeholder.
            number: The id of the document in its installation.
            created_ms: When it was created, in milliseconds since the epoch.
            modified_ms: When it was last changed.
        """
        dates = {
            "dateCreated": format_time(created_ms),
            "dateModified": format_time(modified_ms),
        }
        return document.body | dates | {"id": number} | self.derive(document)


def format_time(milliseconds: int) -> str:
    """Write a time as Liferay does: ``2024-03-05T06:07:08Z``."""
    moment = datetime.fromtimestamp(milliseconds / 1000, tz=UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def convert_scalars(item: Body, shape: Shape) -> Body:
    """Return an item with the texts of booleans and numbers converted.

    Liferay's JSON reader takes ``"true"`` for true and ``"0"`` for 0, and files made by
    hand rely on it. Other texts stay, and :func:`check_shape` reports them. The item is
    not changed.
    """
    converted = {
        name: _convert_scalar(item[name], expected)
        for name, expected in shape.items()
        if item.get(name) is not None
    }
    if all(value is item[name] for name, value in converted.items()):
        return item
    return {**item, **converted}


def _convert_scalar(value: Any, expected: Any) -> Any:
    if isinstance(expected, dict):
        return convert_scalars(value, expected) if isinstance(value, dict) else value
    if isinstance(expected, list):
        return _convert_elements(value, expected[0])
    text = value.strip() if isinstance(value, str) else ""
    if expected is bool:
        return _BOOLEANS.get(text, value)
    return int(text) if expected is int and _INTEGER.fullmatch(text) else value


def _convert_elements(value: Any, shape: Shape) -> Any:
    if not isinstance(value, list):
        return value
    elements = [_convert_scalar(element, shape) for element in value]
    pairs = zip(elements, value, strict=True)
    return value if all(new is old for new, old in pairs) else elements


def check_shape(item: Mapping[str, Any], shape: Shape) -> Problem | None:
    """Find the first value of a type that its property cannot have.

    The text is that of Liferay's JSON reader (docs/liferay/objects.md, Problem bodies).
    """
    for path, value, class_name in _misfits(item, shape, ""):
        text = value if isinstance(value, str) else json.dumps(value, default=str)
        return DocumentProblemType.WRONG_TYPE.problem(
            path, value, path=path, value=text, type=class_name
        )
    return None


def _misfits(
    item: Mapping[str, Any], shape: Shape, prefix: str
) -> Iterator[tuple[str, Any, str]]:
    for name, expected in shape.items():
        value = item.get(name)
        if value is None:
            continue
        path = f"{prefix}{name}"
        if isinstance(expected, list):
            yield from _list_misfits(value, expected[0], path)
        elif isinstance(expected, dict):
            yield from _object_misfits(value, expected, path)
        elif not isinstance(value, expected):
            yield path, value, _JAVA_CLASSES[expected]


def _list_misfits(
    value: Any, shape: Shape, path: str
) -> Iterator[tuple[str, Any, str]]:
    if not isinstance(value, list):
        yield path, value, _JAVA_CLASSES[list]
        return
    for index, element in enumerate(value):
        yield from _object_misfits(element, shape, f"{path}[{index}]")


def _object_misfits(
    value: Any, shape: Shape, path: str
) -> Iterator[tuple[str, Any, str]]:
    if isinstance(value, dict):
        yield from _misfits(value, shape, f"{path}.")
    else:
        yield path, value, _JAVA_CLASSES[dict]


class Operation(Enum):
    """What becomes of an item that is in order, as the method of Liferay's API."""

    CREATE = "POST"
    REPLACE = "PUT"
    PATCH = "PATCH"


def resolve_erc(
    item: Mapping[str, Any], policy: Policy, new_key: Callable[[], str]
) -> tuple[str, str] | Problem:
    """Return the ERC of an item and a note: a new ERC where the item has none."""
    field = "externalReferenceCode"
    erc = item.get(field)
    if erc and len(erc) > ERC_LIMIT:
        return NameProblemType.CODE_LONG.problem(field, erc, limit=ERC_LIMIT)
    if erc:
        return erc, ""
    if policy.import_strategy is ImportStrategy.UPDATE:
        return DocumentProblemType.NOTHING_TO_UPDATE.problem(field)
    return new_key(), GENERATED_KEY


def is_stored(document: StoredDocument | None) -> bool:
    """Return True if there is a document, and not only a placeholder of it."""
    return document is not None and not document.is_placeholder


def choose_operation(
    kind: DocumentKind, erc: str, stored: StoredDocument | None, policy: Policy
) -> Operation | Problem:
    """Choose by the strategies whether to create, replace, patch or refuse.

    A placeholder counts as missing: the item brings the document that was named.

    Args:
        kind: The kind of the item.
        erc: The external reference code of the item.
        stored: The document of that code; None where there is none.
        policy: The strategies of the import.
    """
    field = "externalReferenceCode"
    if not is_stored(stored):
        if policy.import_strategy is not ImportStrategy.UPDATE:
            return Operation.CREATE
        return DocumentProblemType.NOT_FOUND.problem(
            field, erc, kind=kind.name, erc=erc
        )
    if policy.import_strategy is ImportStrategy.INSERT:
        return NameProblemType.CODE_DUPLICATE.problem(
            field, erc, kind=kind.noun, erc=erc, company=COMPANY_ID
        )
    if policy.update_strategy is UpdateStrategy.PARTIAL_UPDATE:
        return Operation.PATCH
    return Operation.REPLACE


def finish_change(
    changes: ChangeSet, own: StoredDocument, operation: Operation, note: str
) -> DocumentChange:
    """Return what a change set comes to; an item that changes nothing is unchanged."""
    if changes.made_placeholder and not note:
        note = PLACEHOLDER
    documents = changes.changed_documents((own.kind, own.erc))
    if not documents:
        return DocumentChange(OutcomeKind.UNCHANGED, own.erc, (), note)
    is_new = operation is Operation.CREATE
    kind = OutcomeKind.CREATED if is_new else OutcomeKind.UPDATED
    return DocumentChange(kind, own.erc, documents, note)
