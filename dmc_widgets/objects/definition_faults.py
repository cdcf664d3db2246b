"""What keeps a definition from being stored (objects facts, 1.8).

Each check looks at a whole body and returns the first fault it finds, or None.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from ..model.outcome import Problem
from .definition_fields import is_relationship
from .document_catalogue import DocumentFault, NameFault
from .documents import APPROVED, DEFINITION, SYSTEM_PREFIX, Body, Known, StoredDocument
from .field_faults import fields_fault
from .field_types import is_true
from .names import label_fault, name_fault, quoted, relationship_name

RELATIONSHIP_TYPES: Final = frozenset({"manyToMany", "oneToMany", "oneToOne"})

_SCOPES: Final = frozenset({"company", "depot", "site"})


def definition_name_fault(
    body: Body, known: Known, *, own: StoredDocument | None
) -> Problem | None:
    """Judge a definition's name, and whether it is free.

    Args:
        body: Of the definition to be.
        known: What the installation holds. A placeholder gives way.
        own: The stored definition that may bear the name; None if there is none.
    """
    name = body.get("name")
    fault = name_fault(name, "name", upper=True)
    if fault or name is None:
        return fault
    if body.get("system"):
        return DocumentFault.SYSTEM.problem("name", quoted(name), name=name)
    holder = known.by_name(DEFINITION, name)
    if holder is None or holder.is_placeholder or (own and holder.erc == own.erc):
        return None
    return NameFault.DUPLICATE.problem("name", quoted(name), name=f"C_{name}")


def definition_fault(body: Body) -> Problem | None:
    """Judge everything but the name and what depends on other documents."""
    return next(_faults(body), None)


def _faults(body: Body) -> Iterator[Problem]:
    checks: tuple[Callable[[Body], Problem | None], ...] = (
        _key_fault,
        _label_faults,
        _scope_fault,
        _storage_fault,
        fields_fault,
        _relationships_fault,
    )
    for check in checks:
        fault = check(body)
        if fault:
            yield fault


def publish_fault(body: Body, *, was_published: bool) -> Problem | None:
    """Ask a published definition for a field."""
    if body["objectFields"]:
        return None
    fault = DocumentFault.LAST_FIELD if was_published else DocumentFault.NO_FIELD
    return fault.problem("objectFields")


def status_fault(code: Any, *, was_published: bool) -> Problem | None:
    """Refuse to take a published definition back."""
    if not was_published or code in {None, APPROVED}:
        return None
    return DocumentFault.STATUS.problem("status", str(code))


def active_fault(body: Body, status: int) -> Problem | None:
    """Refuse to activate a draft."""
    if not body["active"] or status == APPROVED:
        return None
    return DocumentFault.ACTIVE.problem("active", "true")


def _key_fault(body: Body) -> Problem | None:
    erc = body["externalReferenceCode"]
    if not erc.startswith(SYSTEM_PREFIX):
        return None
    return NameFault.CODE_PREFIX.problem(
        "externalReferenceCode", quoted(erc), prefix=SYSTEM_PREFIX
    )


def _label_faults(body: Body) -> Problem | None:
    language = body["defaultLanguageId"]
    return label_fault(body.get("label"), language, "label") or label_fault(
        body.get("pluralLabel"), language, "pluralLabel", what="Plural label"
    )


def _scope_fault(body: Body) -> Problem | None:
    scope = body.get("scope")
    if not scope:
        return DocumentFault.SCOPE_NULL.problem("scope")
    if scope not in _SCOPES:
        return DocumentFault.SCOPE_UNKNOWN.problem("scope", quoted(scope), scope=scope)
    if scope == "depot" and body.get("panelCategoryKey"):
        return DocumentFault.SCOPE_DEPOT.problem("scope", quoted(scope))
    return None


def _storage_fault(body: Body) -> Problem | None:
    storage = body.get("storageType") or "default"
    if storage == "default":
        return None
    return DocumentFault.STORAGE.problem(
        "storageType", quoted(storage), storage=storage
    )


def _relationships_fault(body: Body) -> Problem | None:
    fields = plain_field_names(body)
    seen: set[str] = set()
    for relationship in body["objectRelationships"]:
        fault = _relationship_fault(relationship) or _edge_fault(relationship, body)
        if fault:
            return fault
        name = relationship["name"]
        if name in seen:
            return same_relationship_name(name, body["name"])
        if name in fields:
            return name_clash(name, body["name"])
        seen.add(name)
    seen.update(
        relationship_name(field["name"])
        for field in body["objectFields"]
        if is_relationship(field)
    )
    for name in sorted(fields & seen):
        return name_clash(name, body["name"])
    return None


def _relationship_fault(relationship: Body) -> Problem | None:
    where = "objectRelationships"
    name, kind = relationship.get("name"), relationship.get("type")
    misnamed = name_fault(name, f"{where}.name", upper=False)
    if misnamed:
        return misnamed
    if kind not in RELATIONSHIP_TYPES:
        return DocumentFault.RELATIONSHIP_TYPE.problem(
            f"{where}.{name}", quoted(str(kind)), type=kind or "null"
        )
    if is_true(relationship.get("edge")) and kind != "oneToMany":
        return DocumentFault.EDGE_TYPE.problem(f"{where}.{name}", quoted(str(kind)))
    if not relationship.get("objectDefinitionExternalReferenceCode2"):
        fault = DocumentFault.NOT_FOUND
        return fault.problem(f"{where}.{name}", kind=DEFINITION, erc="null")
    return None


def _edge_fault(relationship: Body, body: Body) -> Problem | None:
    """Refuse a tree whose root is a part of it."""
    other = relationship["objectDefinitionExternalReferenceCode2"]
    if not is_true(relationship.get("edge")) or other != body["externalReferenceCode"]:
        return None
    where = f"objectRelationships.{relationship['name']}"
    return DocumentFault.EDGE_SELF.problem(where, "true", name=body["name"])


def plain_field_names(body: Body) -> set[str]:
    """Return the names that no relationship of the definition may have."""
    return {
        field["name"] for field in body["objectFields"] if not is_relationship(field)
    }


def same_relationship_name(name: str, definition: str) -> Problem:
    """Refuse a second relationship of one name."""
    where = "objectRelationships.name"
    return NameFault.RELATIONSHIP.problem(where, quoted(name), definition=definition)


def name_clash(name: str, definition: str) -> Problem:
    """Refuse a field and a relationship of one name."""
    return NameFault.FIELD_AND_RELATIONSHIP.problem(
        "objectFields.name", quoted(name), definition=definition
    )
