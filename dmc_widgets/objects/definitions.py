"""What one item does to object definitions.

The decision follows Liferay's ObjectDefinitionResourceImpl (objects facts, 1.9):
POST, PUT and PATCH, then relationships, picklists and the folder that the item
names, then publishing when its status code is 0.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..model.outcome import NESTED_KEPT, Problem
from ..model.strategies import ImportStrategy, Policy
from .decisions import Step, conclude, decide, exists, key_of
from .definition_faults import (
    active_fault,
    definition_fault,
    definition_name_fault,
    publish_fault,
    status_fault,
)
from .definition_fields import PICKLIST_TYPES, needed_keys
from .definition_forms import carries_nested, patched_body, replaced_body
from .documents import (
    APPROVED,
    DEFINITION,
    DRAFT,
    Body,
    Change,
    Desk,
    Known,
    StoredDocument,
)
from .folders import ensure_folder
from .picklists import ensure_picklist
from .relationships import give_way, link
from .shapes import DEFINITION_SHAPE, shape_fault


def change_definition(
    item: Body, known: Known, policy: Policy, new_key: Callable[[], str]
) -> Change | Problem:
    """Decide what an object definition of a file comes to.

    Args:
        item: As it was mapped. It is not changed.
        known: What the installation holds.
        policy: The import and the update strategy.
        new_key: Makes an ERC for an item that has none.
    """
    keyed = shape_fault(item, DEFINITION_SHAPE) or key_of(item, policy, new_key)
    if isinstance(keyed, Problem):
        return keyed
    erc, note = keyed
    item = _trimmed(item) | {"externalReferenceCode": erc}
    stored = known.by_erc(DEFINITION, erc)
    step = _step(item, stored, known, policy)
    if isinstance(step, Problem):
        return step
    own = _composed(item, step, stored)
    if isinstance(own, Problem):
        return own
    fault = definition_name_fault(own.body, known, own=stored)
    fault = fault or definition_fault(own.body)
    if fault:
        return fault
    if step is Step.PATCH and carries_nested(item):
        note = note or NESTED_KEPT
    return _settled(Desk(known), own, stored, (step, note))


def _step(
    item: Body, stored: StoredDocument | None, known: Known, policy: Policy
) -> Step | Problem:
    """Decide by the strategies; Liferay judges a new name before an ERC."""
    if policy.on_existing is ImportStrategy.INSERT:
        fault = definition_name_fault(item, known, own=None)
        if fault:
            return fault
    return decide(DEFINITION, item["externalReferenceCode"], stored, policy)


def _trimmed(item: Body) -> Body:
    name = item.get("name")
    return item if name is None else item | {"name": name.strip()}


def _composed(
    item: Body, step: Step, stored: StoredDocument | None
) -> StoredDocument | Problem:
    """Return the definition as the item wants it, not yet linked to others."""
    was_published = stored is not None and stored.status == APPROVED
    if step is Step.PATCH and stored is not None:
        body, status = patched_body(item, stored), stored.status
    else:
        code = (item.get("status") or {}).get("code")
        fault = status_fault(code, was_published=was_published)
        if fault:
            return fault
        body = replaced_body(item, stored)
        status = APPROVED if was_published or code == APPROVED else DRAFT
    body["active"] = _active(body.get("active"), status, stored)
    name = body.get("name") or ""
    composed = StoredDocument(
        DEFINITION, body["externalReferenceCode"], name, status, body
    )
    return active_fault(body, status) or composed


def _active(stated: Any, status: int, stored: StoredDocument | None) -> bool:
    """Keep *active* where the item is silent; publishing switches it on."""
    if stated is not None:
        return bool(stated)
    if stored is not None and exists(stored) and stored.status == status:
        return bool(stored.body["active"])
    return status == APPROVED


def _settled(
    desk: Desk,
    own: StoredDocument,
    stored: StoredDocument | None,
    decided: tuple[Step, str],
) -> Change | Problem:
    """Link, publish and gather. Names that the item takes are free by now."""
    give_way(desk, own.name, own.erc)
    before = stored.body["objectRelationships"] if stored else ()
    fault = link(desk, own, before)
    if fault:
        return fault
    final = desk.definition(own.erc)
    if final.status == APPROVED:
        was_published = stored is not None and stored.status == APPROVED
        fault = publish_fault(final.body, was_published=was_published)
        if fault:
            return fault
    _ensure_named(desk, final)
    step, note = decided
    return conclude(desk, final, step, note)


def _ensure_named(desk: Desk, definition: StoredDocument) -> None:
    """Make the picklists and the folder that are named and not here yet."""
    for field in definition.body["objectFields"]:
        if field["businessType"] in PICKLIST_TYPES:
            erc = field["listTypeDefinitionExternalReferenceCode"]
            ensure_picklist(desk, erc, needed_keys(field))
    folder = definition.body.get("objectFolderExternalReferenceCode")
    if folder:
        ensure_folder(desk, folder)
