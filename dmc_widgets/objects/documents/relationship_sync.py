"""Relationships: one declaration, seen from two definitions.

The parent's document keeps the relationship, the child's document the Relationship
field it makes. Either may be read first, and either may declare it: what the other
side lacks is added to it, and a side that is not here yet gets a placeholder. A
system object (``L_USER``) is never looked up: its relationships and fields stay as
they came, and entries link to it by ERC.

manyToMany makes no field, but its name belongs to both sides: items bear their links
under it. oneToOne is kept as oneToMany is; that a parent has one
child only is checked where entries are written.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

from ...model.outcome import Problem
from ..fields.many_to_many import declared_relationships
from ..names import (
    check_name,
    derive_name,
    erc_field_name,
    guess_parent_name,
    relationship_field_name,
    relationship_name,
)
from .change_set import (
    DEFINITION,
    PLACEHOLDER_STATUS,
    SYSTEM_PREFIX,
    Body,
    ChangeSet,
    StoredDocument,
)
from .definition_bodies import build_placeholder_body
from .definition_checks import (
    duplicate_relationship_name,
    field_and_relationship_name,
    plain_field_names,
)
from .definition_fields import RELATIONSHIP, get_setting, is_relationship

_FIELDED: Final = frozenset({"oneToMany", "oneToOne"})

_ERC: Final = "externalReferenceCode"
_PARENT: Final = "objectDefinitionExternalReferenceCode1"
_CHILD: Final = "objectDefinitionExternalReferenceCode2"
_CHILD_NAME: Final = "objectDefinitionName2"
_FIELD_ERC: Final = "objectRelationshipExternalReferenceCode"
_SHORT_NAME: Final = "objectDefinition1ShortName"
_TWIN: Final = "objectRelationshipERCObjectFieldName"


def link_definition(
    desk: ChangeSet, own: StoredDocument, before: Iterable[Body]
) -> Problem | None:
    """Bring a definition and those that it is related to in line.

    Args:
        desk: Holds the result; *own* is laid on it first.
        own: The definition as its item wants it.
        before: The relationships that it declared so far. One that is gone takes
            the child's field with it.
    """
    desk.put(own)
    for field in own.body["objectFields"]:
        parent_erc = field.get(_PARENT)
        if is_relationship(field) and parent_erc and not _is_system(parent_erc):
            problem = _declare_in_parent(desk, own.erc, field)
            if problem:
                return problem
    declared = _fielded(desk.definition(own.erc).body["objectRelationships"])
    for relationship in declared:
        problem = _declare_in_child(desk, own.erc, relationship)
        if problem:
            return problem
    problem = _link_name_fault(desk, desk.definition(own.erc))
    if problem:
        return problem
    there = {(each["name"], each[_CHILD]) for each in declared}
    for relationship in _fielded(before):
        if (relationship["name"], relationship[_CHILD]) not in there:
            _remove_from_child(desk, own.erc, relationship)
    return None


def rename_placeholder(desk: ChangeSet, name: str, erc: str) -> None:
    """Rename a placeholder that holds the name of a definition that is there."""
    holder = desk.named(DEFINITION, name)
    if holder is None or holder.erc == erc or not holder.is_placeholder:
        return
    free = derive_name(
        holder.erc, lambda each: desk.named(DEFINITION, each) is not None
    )
    renamed = replace(holder, name=free, body=holder.body | {"name": free})
    link_definition(desk, renamed, ())


def _declare_in_parent(desk: ChangeSet, child_erc: str, field: Body) -> Problem | None:
    parent_erc = field[_PARENT]
    child = desk.definition(child_erc)
    parent = desk.find(DEFINITION, parent_erc)
    if parent is None:
        stated = get_setting(field, _SHORT_NAME) or guess_parent_name(field["name"])
        parent = _placeholder(desk, parent_erc, stated)
    found = _relationship_of(parent, field)
    if found and found[_CHILD] != child_erc:
        return duplicate_relationship_name(found["name"], parent.name)
    relationship = (found or _relationship_from(field)) | {
        _PARENT: parent_erc,
        _CHILD: child_erc,
        _CHILD_NAME: child.name,
    }
    if not relationship.get(_ERC) and field.get(_FIELD_ERC):
        relationship[_ERC] = field[_FIELD_ERC]
    if relationship["name"] in plain_field_names(parent.body):
        return field_and_relationship_name(relationship["name"], parent.name)
    parent = _with_relationship(desk, parent_erc, found, relationship)
    _with_field(desk, child_erc, field, _linked(field, relationship, parent))
    return None


def _declare_in_child(
    desk: ChangeSet, parent_erc: str, relationship: Body
) -> Problem | None:
    child_erc = relationship[_CHILD]
    parent = desk.definition(parent_erc)
    child = desk.find(DEFINITION, child_erc)
    if child is None:
        child = _placeholder(desk, child_erc, relationship.get(_CHILD_NAME))
    if relationship["name"] in plain_field_names(child.body):
        return field_and_relationship_name(relationship["name"], child.name)
    fields = child.body["objectFields"]
    made = next((f for f in fields if _is_made_by(f, parent_erc, relationship)), None)
    field = _linked(made or _field_from(relationship), relationship, parent)
    _with_field(desk, child_erc, made, field)
    named = relationship | {_CHILD_NAME: child.name}
    _with_relationship(desk, parent_erc, relationship, named)
    return None


def _link_name_fault(desk: ChangeSet, own: StoredDocument) -> Problem | None:
    """Judge the names of many-to-many relationships, on both of their sides."""
    for owner, name in desk.linking_to(own.erc):
        if owner != own.erc:
            fault = _taken_in(own, name, owner)
            if fault:
                return fault
    for name, other_erc in declared_relationships(own.body):
        other = desk.find(DEFINITION, other_erc)
        for owner, taken in desk.linking_to(other_erc):
            if taken == name and owner != own.erc:
                shown = other_erc if other is None else other.name
                return duplicate_relationship_name(name, shown)
        if other is not None and other.erc != own.erc:
            fault = _taken_in(other, name, own.erc)
            if fault:
                return fault
    return None


def _taken_in(side: StoredDocument, name: str, owner: str) -> Problem | None:
    """Say what else bears the name of *owner*'s relationship in the other definition.

    Its own declaration of the same relationship, the reverse side, is no other.
    """
    if name in plain_field_names(side.body):
        return field_and_relationship_name(name, side.name)
    fields = {
        relationship_name(field["name"])
        for field in side.body["objectFields"]
        if is_relationship(field)
    }
    others = {
        relationship["name"]
        for relationship in side.body["objectRelationships"]
        if not (relationship.get("reverse") and relationship.get(_CHILD) == owner)
    }
    if name in fields | others:
        return duplicate_relationship_name(name, side.name)
    return None


def _remove_from_child(desk: ChangeSet, parent_erc: str, relationship: Body) -> None:
    child = desk.find(DEFINITION, relationship[_CHILD])
    if child is None:
        return
    kept = [
        field
        for field in child.body["objectFields"]
        if not _is_made_by(field, parent_erc, relationship)
    ]
    desk.put(replace(child, body=child.body | {"objectFields": kept}))


def _placeholder(desk: ChangeSet, erc: str, stated: Any) -> StoredDocument:
    """Lay a placeholder under the stated name, if that can be, else a derived one."""

    def is_taken(name: str) -> bool:
        return desk.named(DEFINITION, name) is not None

    usable = isinstance(stated, str) and not check_name(stated, "", upper=True)
    name = stated if usable and not is_taken(stated) else derive_name(erc, is_taken)
    body = build_placeholder_body(erc, name)
    return desk.place(StoredDocument(DEFINITION, erc, name, PLACEHOLDER_STATUS, body))


def _with_relationship(
    desk: ChangeSet, parent_erc: str, old: Body | None, new: Body
) -> StoredDocument:
    parent = desk.definition(parent_erc)
    all_of_it = _exchanged(parent.body["objectRelationships"], old, new)
    return desk.put(
        replace(parent, body=parent.body | {"objectRelationships": all_of_it})
    )


def _with_field(desk: ChangeSet, child_erc: str, old: Body | None, new: Body) -> None:
    child = desk.definition(child_erc)
    fields = _exchanged(child.body["objectFields"], old, new)
    # A file may hold the field twice, under the parent's old name and its new one.
    once = list({field["name"]: field for field in fields}.values())
    desk.put(replace(child, body=child.body | {"objectFields": once}))


def _exchanged(bodies: list[Body], old: Body | None, new: Body) -> list[Body]:
    if old is None:
        return [*bodies, new]
    return [new if body["name"] == old["name"] else body for body in bodies]


def _linked(field: Body, relationship: Body, parent: StoredDocument) -> Body:
    """Give a Relationship field what its relationship decides; the rest is its own."""
    name = relationship_field_name(relationship["name"], parent.name)
    decided = {_SHORT_NAME: parent.name, _TWIN: erc_field_name(name)}
    settings = [
        setting
        for setting in field.get("objectFieldSettings") or ()
        if setting.get("name") not in decided
    ]
    settings += [{"name": key, "value": value} for key, value in decided.items()]
    result = field | {
        "DBType": "Long",
        "businessType": RELATIONSHIP,
        "name": name,
        _PARENT: parent.erc,
        "objectFieldSettings": settings,
        "relationshipType": relationship["type"],
        "type": "Long",
    }
    if not result.get("label"):
        result["label"] = relationship.get("label") or {"en_US": relationship["name"]}
    if relationship.get(_ERC):
        result[_FIELD_ERC] = relationship[_ERC]
    return result


def _field_from(relationship: Body) -> Body:
    """Make the child's field as Liferay does, or as the relationship describes it."""
    described = relationship.get("objectField") or {}
    return {
        "indexed": True,
        "indexedAsKeyword": False,
        "indexedLanguageId": "",
        "localized": False,
        "readOnly": "false",
        "readOnlyConditionExpression": "",
        "required": False,
        "state": False,
        "system": False,
        **described,
    }


def _relationship_from(field: Body) -> Body:
    """Make the parent's relationship from what the child's field tells of it."""
    stated = field.get("relationshipType")
    return {
        "deletionType": "prevent",
        "label": field.get("label") or {},
        "name": relationship_name(field["name"]),
        "reverse": False,
        "system": False,
        "type": stated if stated in _FIELDED else "oneToMany",
    }


def _relationship_of(parent: StoredDocument, field: Body) -> Body | None:
    for relationship in parent.body["objectRelationships"]:
        if relationship["type"] in _FIELDED and _is_made_by(
            field, parent.erc, relationship
        ):
            return dict(relationship)
    return None


def _is_made_by(field: Body, parent_erc: str, relationship: Body) -> bool:
    """Match by the parent, and by the relationship's name or ERC."""
    if not is_relationship(field) or field.get(_PARENT) not in {None, "", parent_erc}:
        return False
    if relationship_name(field["name"]) == relationship["name"]:
        return True
    erc = relationship.get(_ERC)
    return bool(erc) and field.get(_FIELD_ERC) == erc


def _fielded(relationships: Iterable[Body]) -> list[Body]:
    return [
        relationship
        for relationship in relationships
        if relationship["type"] in _FIELDED and not _is_system(relationship[_CHILD])
    ]


def _is_system(erc: str) -> bool:
    return erc.startswith(SYSTEM_PREFIX)
