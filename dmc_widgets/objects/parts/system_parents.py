"""Relationships whose parent is one of Liferay's own objects, such as ``L_USER``.

Liferay's own definitions are not held here: a relationship with one is known by the
Relationship field of its child. So an item of such a relationship becomes that field.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ..documents.change_set import SYSTEM_PREFIX, Body
from ..names import ERC, erc_field_name

_PARENTS: Final[Mapping[str, tuple[str, str]]] = {
    "L_ACCOUNT": ("AccountEntry", "accountEntryId"),
    "L_POSTAL_ADDRESS": ("Address", "addressId"),
}
"""The names and the primary keys of those whose names differ from their codes."""


def is_system_parent(erc: str) -> bool:
    """Return True if a code is that of one of Liferay's own definitions."""
    return erc.startswith(SYSTEM_PREFIX)


def build_system_parent_field(parent: str, relationship: Mapping[str, Any]) -> Body:
    """Return the Relationship field that a relationship makes in its child.

    Args:
        parent: The external reference code of Liferay's definition.
        relationship: The relationship, with its name and its type.
    """
    short_name, primary_key = _PARENTS.get(parent) or _guess_names(parent)
    name = f"r_{relationship['name']}_{primary_key}"
    field: Body = {
        "businessType": "Relationship",
        "indexed": True,
        "label": relationship.get("label") or {"en_US": relationship["name"]},
        "name": name,
        "objectDefinitionExternalReferenceCode1": parent,
        "objectFieldSettings": [
            {"name": "objectDefinition1ShortName", "value": short_name},
            {
                "name": "objectRelationshipERCObjectFieldName",
                "value": erc_field_name(name),
            },
        ],
        "relationshipType": relationship["type"],
        "required": False,
    }
    if relationship.get(ERC):
        field["objectRelationshipExternalReferenceCode"] = relationship[ERC]
    return field


def _guess_names(parent: str) -> tuple[str, str]:
    """Return ``CommerceOrder`` and ``commerceOrderId`` for ``L_COMMERCE_ORDER``."""
    words = parent.removeprefix(SYSTEM_PREFIX).split("_")
    short_name = "".join(word.capitalize() for word in words)
    return short_name, f"{short_name[:1].lower()}{short_name[1:]}Id"
