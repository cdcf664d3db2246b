"""What one item does to object folders, which group definitions.

Liferay does not document rules for the names of folders. The texts here are those of
definition names, which share their exceptions' names. PUT replaces label and items,
PATCH changes what is present. Neither changes the name of a folder, nor empties it: an
empty list of items leaves the items that are there.

Liferay's Objects page exports folders together with their definitions. Liferay writes
the definition of each item that is not linked, by its external reference code and
whatever the import strategy: it adds the definition, or replaces the one that is there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from ...model.entity_type import OBJECT_FOLDER
from ...model.outcome import OutcomeKind, Problem
from ...model.strategies import ImportStrategy, Policy
from ..errors.document_problem_types import NameProblemType
from ..fields.many_to_many import declared_relationships
from ..languages import write_label_languages
from ..names import ERC, check_label, check_name
from .change_set import (
    APPROVED,
    DEFAULT_FOLDER,
    DEFINITION,
    FOLDER,
    FOLDER_CODE,
    SYSTEM_PREFIX,
    Body,
    ChangeSet,
    DocumentChange,
    DocumentReader,
    StoredDocument,
)
from .definition_bodies import is_system_definition
from .definitions import change_definition
from .document_kind import (
    LABELS,
    SERVER_SET,
    DocumentKind,
    Operation,
    Shape,
    check_shape,
    choose_operation,
    convert_scalars,
    finish_change,
    resolve_erc,
)
from .id_references import explain_id_references
from .placeholders import release_folder_name

_ITEMS: Final = "objectFolderItems"
_DEFINITION: Final = "objectDefinition"
_CODE: Final = "objectDefinitionExternalReferenceCode"

FOLDER_SHAPE: Final[Shape] = {
    "externalReferenceCode": str,
    "label": LABELS,
    "name": str,
    "objectFolderItems": [
        {
            "linkedObjectDefinition": bool,
            "objectDefinition": {},
            "objectDefinitionExternalReferenceCode": str,
        }
    ],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderContents:
    """The definitions that a folder includes.

    Attributes:
        folder: The name of the folder.
        written: The names of the definitions that are added or replaced.
        left_alone: The names of the definitions that only Liferay may change, or
            that belong to another folder.
    """

    folder: str
    written: tuple[str, ...]
    left_alone: tuple[str, ...]

    @property
    def note(self) -> str:
        """What happens to the definitions, for people."""
        notes = []
        if self.written:
            notes.append(
                f"ObjectFolder {self.folder} brings definitions along; they are added, "
                "or replaced where they exist, as in Liferay: "
                f"{', '.join(self.written)}."
            )
        if self.left_alone:
            left = ", ".join(self.left_alone)
            notes.append(
                f"ObjectFolder {self.folder} brings definitions along that are "
                f"Liferay's own or only linked; they are left alone: {left}."
            )
        return " ".join(notes)


def change_folder(
    item: Body, known: DocumentReader, policy: Policy, new_key: Callable[[], str]
) -> DocumentChange | Problem:
    """Decide what an item changes in the folders, and in the definitions that it holds.

    Args:
        item: The mapped item. It is not changed.
        known: What the installation holds.
        policy: The import strategy and the update strategy of the folder.
        new_key: Generates an external reference code for an item without one.
    """
    problem = check_shape(item, FOLDER_SHAPE)
    if problem:
        return problem
    folder = _change_folder(remove_definitions(item), known, policy, new_key)
    definitions = select_written_definitions(item)
    if isinstance(folder, Problem) or not definitions:
        return folder
    after = _PendingReader(known)
    after.keep(folder)
    note = folder.note
    for definition in definitions:
        body = definition | {FOLDER_CODE: folder.key}
        change = change_definition(body, after, Policy(), new_key)
        if isinstance(change, Problem):
            return _in_folder(change, definition)
        after.keep(change)
        note = note or change.note
    kind = folder.kind
    if after.documents and kind is OutcomeKind.UNCHANGED:
        kind = OutcomeKind.UPDATED
    return DocumentChange(kind, folder.key, after.documents, note)


def _change_folder(
    item: Body, known: DocumentReader, policy: Policy, new_key: Callable[[], str]
) -> DocumentChange | Problem:
    """Decide what an item changes in the folders, without the definitions in it.

    Args:
        item: The mapped item. It is not changed.
        known: What the installation holds.
        policy: The import strategy and the update strategy.
        new_key: Generates an external reference code for an item without one.
    """
    item = convert_scalars(item, FOLDER_SHAPE)
    resolved = check_shape(item, FOLDER_SHAPE) or resolve_erc(item, policy, new_key)
    if isinstance(resolved, Problem):
        return resolved
    erc, note = resolved
    item = write_label_languages(item)
    stored = known.by_erc(FOLDER, erc)
    if policy.import_strategy is ImportStrategy.INSERT:
        problem = _check_name(item, known, own=None)
        if problem:
            return problem
    operation = choose_operation(FOLDER_KIND, erc, stored, policy)
    if isinstance(operation, Problem):
        return operation
    before = stored.body if stored and operation is Operation.PATCH else {}
    body = _compose(item | {"externalReferenceCode": erc}, before)
    if stored is not None and operation is not Operation.CREATE:
        body["name"] = stored.name
        listed = body["objectFolderItems"] or stored.body["objectFolderItems"]
        body["objectFolderItems"] = listed
        if erc == DEFAULT_FOLDER:  # Liferay's own label stays
            body["label"] = stored.body["label"]
    problem = _check_name(body, known, own=stored)
    problem = problem or check_label(body.get("label"), "en_US", "label")
    if problem:
        return problem
    changes = ChangeSet(known)
    release_folder_name(changes, body["name"], erc)
    own = changes.put(StoredDocument(FOLDER, erc, body["name"], APPROVED, body))
    return finish_change(changes, own, operation, note)


def _compose(item: Body, before: Body) -> Body:
    trusted = {name: value for name, value in item.items() if name not in SERVER_SET}
    body = {k: v for k, v in (before | trusted).items() if v is not None}
    return body | {"objectFolderItems": body.get("objectFolderItems") or []}


def _check_name(
    body: Body, known: DocumentReader, *, own: StoredDocument | None
) -> Problem | None:
    name = body.get("name")
    problem = check_name(name, "name", upper=None)
    if problem or name is None:
        return problem
    namesake = known.by_name(FOLDER, name)
    if namesake is None or namesake.is_placeholder or (own and namesake.erc == own.erc):
        return None
    return NameProblemType.DUPLICATE.problem("name", name, name=name)


def remove_definitions(item: Body) -> Body:
    """Return a folder that refers to its definitions instead of including them."""
    listed = item.get(_ITEMS)
    if not isinstance(listed, list):
        return item
    return item | {_ITEMS: [_keep_reference(entry) for entry in listed]}


def read_folder_contents(item: Body) -> FolderContents | None:
    """Return the definitions that a folder includes; None where it includes none."""
    if check_shape(item, FOLDER_SHAPE):
        return None
    written = select_written_definitions(item)
    left = [
        definition for definition in _included_items(item) if definition not in written
    ]
    if not (written or left):
        return None
    return FolderContents(
        folder=str(item.get("name") or item.get(ERC)),
        written=tuple(map(_name, written)),
        left_alone=tuple(map(_name, left)),
    )


def list_included_codes(item: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the codes of the definitions that a folder adds or replaces."""
    body = dict(item)
    if check_shape(body, FOLDER_SHAPE):
        return ()
    codes = [definition.get(ERC) for definition in select_written_definitions(body)]
    return tuple(code for code in codes if isinstance(code, str) and code)


def _keep_reference(listed: Any) -> Any:
    if not isinstance(listed, dict) or not isinstance(listed.get(_DEFINITION), dict):
        return listed
    named = {name: value for name, value in listed.items() if name != _DEFINITION}
    code = listed.get(_CODE) or listed[_DEFINITION].get(ERC)
    return named | {_CODE: code} if code else named


def _included_items(item: Body) -> list[Body]:
    return [
        entry[_DEFINITION]
        for entry in item.get(_ITEMS) or ()
        if entry and entry.get(_DEFINITION)
    ]


def select_written_definitions(item: Body) -> list[Body]:
    """Return the definitions that a well-formed folder adds or replaces."""
    return [
        entry[_DEFINITION]
        for entry in item.get(_ITEMS) or ()
        if entry
        and entry.get(_DEFINITION)
        and not entry.get("linkedObjectDefinition")
        and not _is_protected(entry[_DEFINITION])
    ]


def _is_protected(definition: Body) -> bool:
    code = str(definition.get(ERC) or "")
    return is_system_definition(definition) or code.startswith(SYSTEM_PREFIX)


def _name(definition: Body) -> str:
    return str(definition.get("name") or definition.get(ERC))


def _in_folder(problem: Problem, definition: Body) -> Problem:
    name = _name(definition)
    path = ".".join(filter(None, (_ITEMS, name, problem.field)))
    explained = problem.with_cause(
        explain_id_references(DEFINITION, definition, problem)
    )
    explained = explained.with_cause(f"Object definition {name} of the folder:")
    return replace(explained, field=path)


class _PendingReader:
    """What an installation will hold once some changes are stored."""

    def __init__(self, known: DocumentReader) -> None:
        self._known = known
        self._changed: dict[tuple[str, str], StoredDocument] = {}

    @property
    def documents(self) -> tuple[StoredDocument, ...]:
        """All changed documents, in the order of the changes."""
        return tuple(self._changed.values())

    def keep(self, change: DocumentChange) -> None:
        """Add the documents of a change."""
        self._changed.update(
            ((document.kind, document.erc), document) for document in change.documents
        )

    def by_erc(self, kind: str, erc: str) -> StoredDocument | None:
        """Return the document of that ERC, which may be a placeholder."""
        return self._changed.get((kind, erc)) or self._known.by_erc(kind, erc)

    def by_name(self, kind: str, name: str) -> StoredDocument | None:
        """Return the document of that name, which may be a placeholder."""
        for document in self._changed.values():
            if document.kind == kind and document.name == name:
                return document
        stored = self._known.by_name(kind, name)
        if stored and (kind, stored.erc) in self._changed:
            return None  # the change gave it another name
        return stored

    def linking_to(self, erc: str) -> Sequence[tuple[str, str]]:
        """Return the many-to-many relationships that definitions declare to one."""
        before = [
            (owner, name)
            for owner, name in self._known.linking_to(erc)
            if (DEFINITION, owner) not in self._changed
        ]
        return before + [
            (document.erc, name)
            for document in self._changed.values()
            if document.kind == DEFINITION
            for name, other in declared_relationships(document.body)
            if other == erc
        ]


FOLDER_KIND: Final = DocumentKind(
    name=FOLDER,
    class_name=OBJECT_FOLDER,
    noun="object folder",
    plural="object folders",
    application="Liferay Object Admin REST",
    scope_name="Liferay.Object.Admin.REST",
    api="/o/object-admin/v1.0",
    collection="object-folders",
    add_permission="ADD_OBJECT_FOLDER",
    properties={
        "array": "objectFolderItems",
        "integer": "id",
        "object": "actions label",
        "string": "dateCreated dateModified externalReferenceCode name",
    },
    required=frozenset({"label", "name"}),
    shape=FOLDER_SHAPE,
    change=change_folder,
    referenced_by=(FOLDER_CODE,),
    builtin_documents=(
        {ERC: DEFAULT_FOLDER, "label": {"en_US": "Default"}, "name": "Default"},
    ),
)
