"""What one item does to object folders, which group definitions.

Liferay's rules for folder names are not in the sources at hand; the texts are those
of definition names, which share their exceptions' names. PUT replaces label and items,
PATCH changes what is present. Neither changes the name of a folder, nor empties it:
an empty list of items leaves those that are there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ..model.outcome import Problem
from ..model.strategies import ImportStrategy, Policy
from .decisions import Step, conclude, decide, key_of
from .document_catalogue import NameFault
from .documents import (
    APPROVED,
    DEFAULT_FOLDER,
    EMPTY,
    FOLDER,
    Body,
    Change,
    Desk,
    Known,
    StoredDocument,
)
from .names import derived_name, label_fault, name_fault, quoted
from .shapes import FOLDER_SHAPE, shape_fault

_UNTRUSTED: Final = frozenset(
    ["actions", "creator", "dateCreated", "dateModified", "id"]
)


def change_folder(
    item: Body, known: Known, policy: Policy, new_key: Callable[[], str]
) -> Change | Problem:
    """Decide what a folder of a file comes to.

    Args:
        item: As it was mapped. It is not changed.
        known: What the installation holds.
        policy: The import and the update strategy.
        new_key: Makes an ERC for an item that has none.
    """
    keyed = shape_fault(item, FOLDER_SHAPE) or key_of(item, policy, new_key)
    if isinstance(keyed, Problem):
        return keyed
    erc, note = keyed
    stored = known.by_erc(FOLDER, erc)
    if policy.on_existing is ImportStrategy.INSERT:
        fault = _name_fault(item, known, own=None)
        if fault:
            return fault
    step = decide(FOLDER, erc, stored, policy)
    if isinstance(step, Problem):
        return step
    before = stored.body if stored and step is Step.PATCH else {}
    body = _composed(item | {"externalReferenceCode": erc}, before)
    if stored is not None and step is not Step.CREATE:
        body["name"] = stored.name
        listed = body["objectFolderItems"] or stored.body["objectFolderItems"]
        body["objectFolderItems"] = listed
    fault = _name_fault(body, known, own=stored)
    fault = fault or label_fault(body.get("label"), "en_US", "label")
    if fault:
        return fault
    desk = Desk(known)
    _give_way(desk, body["name"], erc)
    own = desk.put(StoredDocument(FOLDER, erc, body["name"], APPROVED, body))
    return conclude(desk, own, step, note)


def _composed(item: Body, before: Body) -> Body:
    trusted = {name: value for name, value in item.items() if name not in _UNTRUSTED}
    body = {k: v for k, v in (before | trusted).items() if v is not None}
    return body | {"objectFolderItems": body.get("objectFolderItems") or []}


def ensure_folder(desk: Desk, erc: str) -> None:
    """Make a placeholder, where no folder of that ERC is here yet."""
    if erc == DEFAULT_FOLDER or desk.find(FOLDER, erc):
        return
    desk.place(_placeholder(desk, erc))


def _placeholder(desk: Desk, erc: str) -> StoredDocument:
    name = derived_name(erc, lambda each: desk.named(FOLDER, each) is not None)
    body = {
        "externalReferenceCode": erc,
        "label": {"en_US": erc},
        "name": name,
        "objectFolderItems": [],
    }
    return StoredDocument(FOLDER, erc, name, EMPTY, body)


def _give_way(desk: Desk, name: str, erc: str) -> None:
    holder = desk.named(FOLDER, name)
    if holder and holder.erc != erc and holder.is_placeholder:
        desk.put(_placeholder(desk, holder.erc))


def _name_fault(
    body: Body, known: Known, *, own: StoredDocument | None
) -> Problem | None:
    name = body.get("name")
    fault = name_fault(name, "name", upper=None)
    if fault or name is None:
        return fault
    holder = known.by_name(FOLDER, name)
    if holder is None or holder.is_placeholder or (own and holder.erc == own.erc):
        return None
    return NameFault.DUPLICATE.problem("name", quoted(name), name=name)
