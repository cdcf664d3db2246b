"""Relationships: one declaration, kept in two definitions.

The parent's document holds the relationship, the child's document the Relationship
field that it creates. Either may be imported first, and either may declare it: what
the other side lacks is added to it, and a side that does not exist yet gets a
placeholder. A system object (``L_USER``) is never looked up: its relationships and
fields stay as they came, and entries link to it by ERC.

manyToMany creates no field, but its name belongs to both sides, because items hold
their links under it. oneToOne is stored as oneToMany is; that a parent has one child
only is checked where entries are written.
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
    list_plain_fields,
)
from .definition_fields import RELATIONSHIP, get_setting, is_relationship

_TYPES_WITH_FIELDS: Final = frozenset({"oneToMany", "oneToOne"})

_ERC: Final = "externalReferenceCode"
_PARENT: Final = "objectDefinitionExternalReferenceCode1"
_CHILD: Final = "objectDefinitionExternalReferenceCode2"
_CHILD_NAME: Final = "objectDefinitionName2"
_FIELD_ERC: Final = "objectRelationshipExternalReferenceCode"
_SHORT_NAME_SETTING: Final = "objectDefinition1ShortName"
_ERC_FIELD_SETTING: Final = "objectRelationshipERCObjectFieldName"


def link_definition(
    changes: ChangeSet, own: StoredDocument, before: Iterable[Body]
) -> Problem | None:
    """Make a definition and those that it is related to consistent.

    Args:
        changes: The changes of the item, which receive the result; *own* comes first.
        own: The definition as its item states it.
        before: The relationships that it declared so far. Removing one removes the
            child's field, too.
    """
    changes.put(own)
    for field in own.body["objectFields"]:
        parent_erc = field.get(_PARENT)
        if is_relationship(field) and parent_erc and not _is_system(parent_erc):
            problem = _declare_in_parent(changes, own.erc, field)
            if problem:
                return problem
    declared = _with_fields(changes.definition(own.erc).body["objectRelationships"])
    for relationship in declared:
        problem = _declare_in_child(changes, own.erc, relationship)
        if problem:
            return problem
    problem = _check_link_names(changes, changes.definition(own.erc))
    if problem:
        return problem
    still_declared = {
        (relationship["name"], relationship[_CHILD]) for relationship in declared
    }
    for relationship in _with_fields(before):
        if (relationship["name"], relationship[_CHILD]) not in still_declared:
            _remove_from_child(changes, own.erc, relationship)
    return None


def rename_placeholder(changes: ChangeSet, name: str, erc: str) -> None:
    """Rename a placeholder that has the name of an existing definition."""
    namesake = changes.find_by_name(DEFINITION, name)
    if namesake is None or namesake.erc == erc or not namesake.is_placeholder:
        return
    free = derive_name(
        namesake.erc, lambda name: changes.find_by_name(DEFINITION, name) is not None
    )
    renamed = replace(namesake, name=free, body=namesake.body | {"name": free})
    link_definition(changes, renamed, ())


def _declare_in_parent(
    changes: ChangeSet, child_erc: str, field: Body
) -> Problem | None:
    parent_erc = field[_PARENT]
    child = changes.definition(child_erc)
    parent = changes.find(DEFINITION, parent_erc)
    if parent is None:
        stated = get_setting(field, _SHORT_NAME_SETTING) or guess_parent_name(
            field["name"]
        )
        parent = _placeholder(changes, parent_erc, stated)
    stored = _find_relationship(parent.body, field)
    if stored and is_taken_as_it_is(stored, child_erc, field):
        _leave_out_field(changes, child_erc, field)
        return None
    if stored and stored[_CHILD] != child_erc:
        return duplicate_relationship_name(stored["name"], parent.name)
    relationship = (stored or _build_relationship(field)) | {
        _PARENT: parent_erc,
        _CHILD: child_erc,
        _CHILD_NAME: child.name,
    }
    if not relationship.get(_ERC) and field.get(_FIELD_ERC):
        relationship[_ERC] = field[_FIELD_ERC]
    if relationship["name"] in list_plain_fields(parent.body):
        return field_and_relationship_name(relationship["name"], parent.name)
    parent = _with_relationship(changes, parent_erc, stored, relationship)
    _with_field(
        changes, child_erc, field, _apply_relationship(field, relationship, parent)
    )
    return None


def _declare_in_child(
    changes: ChangeSet, parent_erc: str, relationship: Body
) -> Problem | None:
    child_erc = relationship[_CHILD]
    parent = changes.definition(parent_erc)
    child = changes.find(DEFINITION, child_erc)
    if child is None:
        child = _placeholder(changes, child_erc, relationship.get(_CHILD_NAME))
    if relationship["name"] in list_plain_fields(child.body):
        return field_and_relationship_name(relationship["name"], child.name)
    fields = child.body["objectFields"]
    made = next((f for f in fields if _is_made_by(f, parent_erc, relationship)), None)
    field = _apply_relationship(
        made or _build_field(relationship), relationship, parent
    )
    _with_field(changes, child_erc, made, field)
    named = relationship | {_CHILD_NAME: child.name}
    _with_relationship(changes, parent_erc, relationship, named)
    return None


def _check_link_names(changes: ChangeSet, own: StoredDocument) -> Problem | None:
    """Check the names of many-to-many relationships, on both of their sides."""
    for owner, name in changes.linking_to(own.erc):
        if owner != own.erc:
            problem = _check_name_is_free(own, name, owner)
            if problem:
                return problem
    for name, other_erc in declared_relationships(own.body):
        other = changes.find(DEFINITION, other_erc)
        for owner, taken in changes.linking_to(other_erc):
            if taken == name and owner != own.erc:
                other_name = other_erc if other is None else other.name
                return duplicate_relationship_name(name, other_name)
        if other is not None and other.erc != own.erc:
            problem = _check_name_is_free(other, name, own.erc)
            if problem:
                return problem
    return None


def _check_name_is_free(side: StoredDocument, name: str, owner: str) -> Problem | None:
    """Report a field or another relationship with the name of *owner*'s relationship.

    The reverse side of the same relationship is allowed to have the name.
    """
    if name in list_plain_fields(side.body):
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


def _remove_from_child(changes: ChangeSet, parent_erc: str, relationship: Body) -> None:
    child = changes.find(DEFINITION, relationship[_CHILD])
    if child is None:
        return
    remaining = [
        field
        for field in child.body["objectFields"]
        if not _is_made_by(field, parent_erc, relationship)
    ]
    changes.put(replace(child, body=child.body | {"objectFields": remaining}))


def _placeholder(changes: ChangeSet, erc: str, stated: Any) -> StoredDocument:
    """Add a placeholder under the stated name, if it is free, else a derived one."""

    def is_taken(name: str) -> bool:
        return changes.find_by_name(DEFINITION, name) is not None

    usable = isinstance(stated, str) and not check_name(stated, "", upper=True)
    name = stated if usable and not is_taken(stated) else derive_name(erc, is_taken)
    body = build_placeholder_body(erc, name)
    return changes.add_placeholder(
        StoredDocument(DEFINITION, erc, name, PLACEHOLDER_STATUS, body)
    )


def _with_relationship(
    changes: ChangeSet, parent_erc: str, old: Body | None, new: Body
) -> StoredDocument:
    parent = changes.definition(parent_erc)
    all_of_it = _replace_by_name(parent.body["objectRelationships"], old, new)
    return changes.put(
        replace(parent, body=parent.body | {"objectRelationships": all_of_it})
    )


def _with_field(
    changes: ChangeSet, child_erc: str, old: Body | None, new: Body
) -> None:
    child = changes.definition(child_erc)
    fields = _replace_by_name(child.body["objectFields"], old, new)
    # A file may hold the field twice, under the parent's old name and its new one.
    once = list({field["name"]: field for field in fields}.values())
    changes.put(replace(child, body=child.body | {"objectFields": once}))


def _replace_by_name(bodies: list[Body], old: Body | None, new: Body) -> list[Body]:
    if old is None:
        return [*bodies, new]
    return [new if body["name"] == old["name"] else body for body in bodies]


def _apply_relationship(
    field: Body, relationship: Body, parent: StoredDocument
) -> Body:
    """Set the properties of a Relationship field that its relationship determines."""
    name = relationship_field_name(relationship["name"], parent.name)
    decided = {
        _SHORT_NAME_SETTING: parent.name,
        _ERC_FIELD_SETTING: erc_field_name(name),
    }
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


def _build_field(relationship: Body) -> Body:
    """Build the child's field as Liferay does, or as the relationship describes it."""
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


def _build_relationship(field: Body) -> Body:
    """Build the parent's relationship from the child's field."""
    stated = field.get("relationshipType")
    return {
        "deletionType": "prevent",
        "label": field.get("label") or {},
        "name": relationship_name(field["name"]),
        "reverse": False,
        "system": False,
        "type": stated if stated in _TYPES_WITH_FIELDS else "oneToMany",
    }


def _find_relationship(parent: Body, field: Body) -> Body | None:
    """Return the relationship of the parent that a field belongs to, by code or name.

    The code comes first, and finds relationships of all types, as in Liferay.
    """
    declared = parent["objectRelationships"]
    code = field.get(_FIELD_ERC)
    for relationship in declared:
        if code and relationship.get(_ERC) == code:
            return dict(relationship)
    name = relationship_name(field["name"])
    for relationship in _having_field(declared):
        if relationship["name"] == name:
            return dict(relationship)
    return None


def is_taken_as_it_is(relationship: Body, child_erc: str, field: Body) -> bool:
    """Return True if a field names, by its code, a relationship that leads elsewhere.

    Liferay takes such a relationship as it is: it does not lead to the definition with
    the field, which gets no field for it.

    Args:
        relationship: The relationship of the parent.
        child_erc: The code of the definition that has the field.
        field: The Relationship field.
    """
    code = field.get(_FIELD_ERC)
    if not code or relationship.get(_ERC) != code:
        return False
    has_field = relationship["type"] in _TYPES_WITH_FIELDS
    return not has_field or relationship[_CHILD] != child_erc


def _leave_out_field(changes: ChangeSet, child_erc: str, field: Body) -> None:
    child = changes.definition(child_erc)
    remaining = [x for x in child.body["objectFields"] if x["name"] != field["name"]]
    changes.put(replace(child, body=child.body | {"objectFields": remaining}))


def _is_made_by(field: Body, parent_erc: str, relationship: Body) -> bool:
    """Return True if the parent matches, and the relationship's name or ERC."""
    if not is_relationship(field) or field.get(_PARENT) not in {None, "", parent_erc}:
        return False
    if relationship_name(field["name"]) == relationship["name"]:
        return True
    erc = relationship.get(_ERC)
    return bool(erc) and field.get(_FIELD_ERC) == erc


def _having_field(relationships: Iterable[Body]) -> list[Body]:
    return [
        relationship
        for relationship in relationships
        if relationship["type"] in _TYPES_WITH_FIELDS
    ]


def _with_fields(relationships: Iterable[Body]) -> list[Body]:
    return [
        relationship
        for relationship in _having_field(relationships)
        if not _is_system(relationship[_CHILD])
    ]


def _is_system(erc: str) -> bool:
    return erc.startswith(SYSTEM_PREFIX)
