"""Relationship fields of entries: three ways to state a parent, one to store it.

An item may state the parent as an object (``owner``), by its external reference code
(``r_owner_c_personERC``) or by its id (``r_owner_c_personId``). The code takes
precedence over the id: an id of the source means nothing here, or another entry, which
the outcome then reports. ``ownerERC`` alone is not a link; Liferay gives it out and
does not accept it.

Liferay accepts the children of an entry as a list under the name of a one-to-many
relationship, and creates and links them with it. Here each record is one entry, with
one outcome, one change and one undo; so a record with children inside fails, and
children are imported as records of their own that state their parent by its code.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ...model.entity_type import ChildRelationship, object_short_name, object_type_name
from ...model.outcome import Problem
from ..documents.change_set import SYSTEM_PREFIX
from ..errors.entry_problems import (
    invalid_value,
    nested_children,
    no_such_related_entry,
)
from ..names import ERC, ERC_LIMIT, erc_field_name, relationship_field_name
from ..text import format_scalar, quote_value
from .number import MAX_ID, parse_integer

_NAMING: Final = frozenset({ERC, "id"})
_TAKEN: Final = (
    "A parent is an object with the external reference code of an entry "
    f"({ERC}), or with its id."
)
_CODE_TAKEN: Final = "The external reference code of an entry is a text."

ABSENT: Final = object()
"""Returned where an item does not mention the relationship."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParentDefinition:
    """A definition whose entries may be parents.

    Attributes:
        id: The id of the definition in this installation.
        company_scoped: True if its entries belong to no site.
    """

    id: int
    company_scoped: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ParentRelationship:
    """One relationship of a definition, seen from the child.

    Attributes:
        id_name: The object field: ``r_owner_c_personId``.
        erc_name: The property for the code, under which entries store the parent.
        nested_name: The name of the relationship: ``owner``.
        parent: The definition of the parent; None where it does not exist here.
        system: True if the parent is Liferay's own; its code is stored unchecked.
        one_to_one: True if no two entries may have the same parent.
    """

    id_name: str
    erc_name: str
    nested_name: str
    parent: ParentDefinition | None = None
    system: bool = False
    one_to_one: bool = False

    @classmethod
    def of(
        cls, body: Mapping[str, Any], parents: Mapping[str, ParentDefinition]
    ) -> ParentRelationship:
        """Read a Relationship field of a definition.

        Args:
            body: An element of ``objectFields``.
            parents: The definitions that exist here, by their ERC.
        """
        id_name: str = body["name"]
        stated = {
            setting.get("name"): setting.get("value")
            for setting in body.get("objectFieldSettings") or ()
        }
        parent_erc = body.get("objectDefinitionExternalReferenceCode1") or ""
        return cls(
            id_name=id_name,
            erc_name=stated.get("objectRelationshipERCObjectFieldName")
            or f"{id_name.removesuffix('Id')}ERC",
            nested_name=id_name.split("_")[1] if "_" in id_name else "",
            parent=parents.get(parent_erc),
            system=parent_erc.startswith(SYSTEM_PREFIX),
            one_to_one=body.get("relationshipType") == "oneToOne",
        )

    def read(self, item: Mapping[str, Any]) -> Any:
        """Read the parent that an item states.

        Returns:
            :data:`ABSENT`; None for no parent; the parent's ERC as a text, or its
            id as an int; or a :class:`Problem`.
        """
        nested = item.get(self.nested_name)
        stated = item.get(self.erc_name)
        if isinstance(nested, dict):
            stated = nested.get(ERC) or stated
        elif nested is not None:
            return invalid_value(self.nested_name, nested, _TAKEN)
        if type(stated) is not str and stated is not None:
            text = format_scalar(stated)
            if text is None:
                return invalid_value(self.erc_name, stated, _CODE_TAKEN)
            stated = text
        if stated and stated.strip():
            if is_valid_erc(stated):
                return stated
            return no_such_related_entry(self.erc_name, stated)
        stated_id = self._read_id(self.id_name, item.get(self.id_name))
        if stated_id is None and not any(name in item for name in self._names):
            return ABSENT
        return stated_id if nested is None else self._nested_id(nested, stated_id)

    def id_beside(self, item: Mapping[str, Any]) -> int:
        """Return the id that an item states in addition to the code; 0 for none."""
        stated = item.get(self.id_name)
        whole = None if isinstance(stated, bool) else parse_integer(stated)
        return whole if whole is not None and 0 < whole <= MAX_ID else 0

    @property
    def _names(self) -> tuple[str, ...]:
        return self.id_name, self.erc_name, self.nested_name

    def _nested_id(self, nested: Mapping[str, Any], beside: Any) -> Any:
        """Return the id in a nested parent, unless the item states one of its own."""
        if beside is not None:
            return beside
        if _NAMING.isdisjoint(nested):
            return invalid_value(self.nested_name, nested, _TAKEN)
        return self._read_id(self.nested_name, nested.get("id"))

    def _read_id(self, field: str, stated: Any) -> int | Problem | None:
        if stated is None or (isinstance(stated, str) and not stated.strip()):
            return None
        whole = None if isinstance(stated, bool) else parse_integer(stated)
        if whole is None:
            cause = f"{quote_value(stated)} is not the id of an entry, a whole number."
            return invalid_value(field, stated, cause)
        if not 0 <= whole <= MAX_ID:
            return no_such_related_entry(field, stated)
        return whole or None


def is_valid_erc(text: str) -> bool:
    """Return True if an entry can have *text* as its external reference code."""
    if len(text) > ERC_LIMIT or "\0" in text:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def select_valid_ercs(texts: Sequence[str]) -> Sequence[str]:
    """Return those of *texts* that entries can have as external reference codes."""
    joined = "".join(texts)
    if joined.isascii() and "\0" not in joined:
        return [text for text in texts if len(text) <= ERC_LIMIT]
    return [text for text in texts if is_valid_erc(text)]


_PARENT_TYPES: Final = frozenset({"oneToMany", "oneToOne"})
_CHILD: Final = "objectDefinitionExternalReferenceCode2"


def find_child_relationships(
    definition: Mapping[str, Any], names: Mapping[str, str] | None = None
) -> Iterator[ChildRelationship]:
    """Yield the relationships to children that a definition declares.

    Args:
        definition: The body of the definition.
        names: The short names of definitions by ERC, used where the relationship
            states none.
    """
    short_name = object_short_name(definition.get("name"))
    for relationship in definition.get("objectRelationships") or ():
        code = relationship.get(_CHILD) or ""
        if relationship.get("type") not in _PARENT_TYPES or relationship.get("reverse"):
            continue
        child = str(
            relationship.get("objectDefinitionName2") or (names or {}).get(code, "")
        )
        if code.startswith(SYSTEM_PREFIX) or not child:
            continue
        field = relationship_field_name(relationship["name"], short_name)
        yield ChildRelationship(
            name=relationship["name"],
            child=object_type_name(object_short_name(child)),
            parent_code=erc_field_name(field),
        )


def check_nested_children(
    children: Iterable[ChildRelationship], item: Mapping[str, Any]
) -> Problem | None:
    """Report children within an item; an empty list is accepted."""
    for child in children:
        value = item.get(child.name)
        if value and isinstance(value, list | dict):
            return nested_children(child, value)
    return None
