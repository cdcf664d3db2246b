"""What one item does to object folders, which group definitions.

Liferay's rules for folder names are not in the sources at hand; the texts are those
of definition names, which share their exceptions' names. PUT replaces label and items,
PATCH changes what is present. Neither changes the name of a folder, nor empties it:
an empty list of items leaves those that are there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ...model.outcome import Problem
from ...model.strategies import ImportStrategy, Policy
from ..errors.document_problem_types import NameProblemType
from ..names import check_label, check_name, derive_name, quote_text
from .change_set import (
    APPROVED,
    DEFAULT_FOLDER,
    FOLDER,
    PLACEHOLDER_STATUS,
    Body,
    ChangeSet,
    DocumentChange,
    DocumentReader,
    Operation,
    StoredDocument,
    choose_operation,
    finish_change,
    resolve_erc,
)
from .kinds import FOLDER_SHAPE, check_shape

_SERVER_SET: Final = frozenset(
    ["actions", "creator", "dateCreated", "dateModified", "id"]
)


def change_folder(
    item: Body, known: DocumentReader, policy: Policy, new_key: Callable[[], str]
) -> DocumentChange | Problem:
    """Decide what a folder of a file comes to.

    Args:
        item: As it was mapped. It is not changed.
        known: What the installation holds.
        policy: The import and the update strategy.
        new_key: Makes an ERC for an item that has none.
    """
    keyed = check_shape(item, FOLDER_SHAPE) or resolve_erc(item, policy, new_key)
    if isinstance(keyed, Problem):
        return keyed
    erc, note = keyed
    stored = known.by_erc(FOLDER, erc)
    if policy.import_strategy is ImportStrategy.INSERT:
        fault = _check_name(item, known, own=None)
        if fault:
            return fault
    step = choose_operation(FOLDER, erc, stored, policy)
    if isinstance(step, Problem):
        return step
    before = stored.body if stored and step is Operation.PATCH else {}
    body = _compose(item | {"externalReferenceCode": erc}, before)
    if stored is not None and step is not Operation.CREATE:
        body["name"] = stored.name
        listed = body["objectFolderItems"] or stored.body["objectFolderItems"]
        body["objectFolderItems"] = listed
    fault = _check_name(body, known, own=stored)
    fault = fault or check_label(body.get("label"), "en_US", "label")
    if fault:
        return fault
    desk = ChangeSet(known)
    _rename_placeholder(desk, body["name"], erc)
    own = desk.put(StoredDocument(FOLDER, erc, body["name"], APPROVED, body))
    return finish_change(desk, own, step, note)


def _compose(item: Body, before: Body) -> Body:
    trusted = {name: value for name, value in item.items() if name not in _SERVER_SET}
    body = {k: v for k, v in (before | trusted).items() if v is not None}
    return body | {"objectFolderItems": body.get("objectFolderItems") or []}


def ensure_folder(desk: ChangeSet, erc: str) -> None:
    """Make a placeholder, where no folder of that ERC is here yet."""
    if erc == DEFAULT_FOLDER or desk.find(FOLDER, erc):
        return
    desk.place(_placeholder(desk, erc))


def _placeholder(desk: ChangeSet, erc: str) -> StoredDocument:
    name = derive_name(erc, lambda each: desk.named(FOLDER, each) is not None)
    body = {
        "externalReferenceCode": erc,
        "label": {"en_US": erc},
        "name": name,
        "objectFolderItems": [],
    }
    return StoredDocument(FOLDER, erc, name, PLACEHOLDER_STATUS, body)


def _rename_placeholder(desk: ChangeSet, name: str, erc: str) -> None:
    holder = desk.named(FOLDER, name)
    if holder and holder.erc != erc and holder.is_placeholder:
        desk.put(_placeholder(desk, holder.erc))


def _check_name(
    body: Body, known: DocumentReader, *, own: StoredDocument | None
) -> Problem | None:
    name = body.get("name")
    fault = check_name(name, "name", upper=None)
    if fault or name is None:
        return fault
    holder = known.by_name(FOLDER, name)
    if holder is None or holder.is_placeholder or (own and holder.erc == own.erc):
        return None
    return NameProblemType.DUPLICATE.problem("name", quote_text(name), name=name)
