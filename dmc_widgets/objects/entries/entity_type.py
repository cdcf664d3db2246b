"""The entity type of an object's entries, built from its definition.

It has the fields that Liferay's OpenAPI document of the object has; see
docs/liferay/data-migration-center.md, Entity types and fields.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from ...model.entity_type import (
    OBJECT_ENTRY,
    EntityType,
    Field,
    class_name_key,
    object_type_name,
)
from ..documents.change_set import SYSTEM_PREFIX, Body
from ..documents.definition_fields import (
    ALWAYS_READ_ONLY,
    format_default,
    get_setting,
    has_default_value,
    is_relationship,
)
from ..fields.attachment import ATTACHMENT
from ..fields.field_rules import COMPUTED, is_true
from ..fields.localized import i18n_name
from ..fields.many_to_many import declared_relationships
from ..fields.picklist import list_entry_names
from ..fields.relationship import find_child_relationships
from ..names import ERC, SCOPE_KEY, erc_field_name, get_translation, relationship_name
from .system_properties import CATEGORY_BRIEFS, CATEGORY_IDS, KEYWORDS

_ONE_VALUE: Final = COMPUTED | {ATTACHMENT}
"""Types that have one value in all languages."""

_NO_TABLE: Final = frozenset({"CSV", "XLSX"})

_ENTRY_FIELDS: Final = (
    Field(
        name="creator",
        type="object",
        label="Author",
        read_only=True,
        parts=("familyName", "givenName", "id", "name"),
    ),
    Field(name="dateCreated", label="Create Date", read_only=True),
    Field(name="dateModified", label="Modified Date", read_only=True),
    Field(name="externalReferenceCode", label="External Reference Code"),
    Field(name="id", type="integer", label="ID", read_only=True),
    Field(name=KEYWORDS, type="array", label="Keywords"),
    Field(
        name="status",
        type="object",
        label="Status",
        parts=("code", "label", "label_i18n"),
    ),
    Field(
        name=CATEGORY_BRIEFS,
        type="array",
        label="Categories",
        unsupported_formats=_NO_TABLE,
    ),
    Field(
        name=CATEGORY_IDS,
        type="array",
        label="Category IDs",
        write_only=True,
        unsupported_formats=_NO_TABLE,
    ),
)


def build_entry_entity_type(
    definition: Body,
    picklists: Mapping[str, Body] | None = None,
    linked: Mapping[str, str] | None = None,
    names: Mapping[str, str] | None = None,
) -> EntityType:
    """Return the entity type of a published definition's entries.

    Args:
        definition: The body of the definition.
        picklists: The bodies of picklists by ERC. A field that may hold several
            entries of a picklist has as many columns in CSV.
        linked: The other definition's short name by the name of each many-to-many
            relationship, whichever side declares it.
        names: The short names of definitions by ERC, to find the other end of a
            relationship.
    """
    short_name = definition["name"]
    custom = _custom_fields(definition, picklists or {}, names or {})
    fields = [*_ENTRY_FIELDS, *custom]
    declared = dict(declared_relationships(definition))
    fields += [
        _link_field(name, other, is_declared=name in declared)
        for name, other in (linked or {}).items()
    ]
    if (definition.get("scope") or "company") != "company":
        fields.append(Field(name=SCOPE_KEY, label="Scope Key"))
    return EntityType(
        name=object_type_name(short_name),
        label=f"{short_name} (v1.0 - Liferay Object REST)",
        class_name=OBJECT_ENTRY,
        delegate=object_type_name(short_name),
        children=tuple(find_child_relationships(definition, names)),
        fields=tuple(sorted(fields, key=lambda each: each.name)),
    )


def _link_field(name: str, other: str, *, is_declared: bool) -> Field:
    """Build the field of a many-to-many relationship: a list, or one cell of a table.

    Exports of both sides would refer to entries of each other, and neither could be
    imported first, so only the declaring side exports its links by default.
    """
    return Field(
        name=name,
        type="array",
        description=f"External reference codes of entries of C_{other}",
        on_request=not is_declared,
        stays=True,
        custom=True,
        linked=class_name_key(OBJECT_ENTRY, object_type_name(other)),
    )


def _custom_fields(
    definition: Body, picklists: Mapping[str, Body], names: Mapping[str, str]
) -> Iterator[Field]:
    language = definition.get("defaultLanguageId") or "en_US"
    for field in definition.get("objectFields") or ():
        label = get_translation(field.get("label"), language) or field["name"]
        if is_relationship(field):
            yield from _relationship_fields(field, label, names)
        else:
            plain = _custom_field(field, label, picklists, language)
            if is_true(field.get("localized")) and plain.type not in _ONE_VALUE:
                yield from _localized_fields(plain, language)
            else:
                yield plain


def _custom_field(
    field: Body, label: str, picklists: Mapping[str, Body], language: str
) -> Field:
    business_type = field["businessType"]
    has_default = has_default_value(field, business_type)
    return Field(
        name=field["name"],
        type=business_type,
        label=label,
        other_labels=_other_labels(field, label),
        required=bool(field.get("required")),
        read_only=business_type in ALWAYS_READ_ONLY,
        fixed=is_true(field.get("readOnly")) and business_type not in ALWAYS_READ_ONLY,
        has_default=has_default,
        default=format_default(field) if has_default else "",
        stays=is_true(field.get("readOnly")) or business_type == "AutoIncrement",
        custom=True,
        description=_description(field, business_type),
        parts=_parts(field, business_type, picklists),
        choices=_choices(field, business_type, picklists, language),
        choice_names=_choice_names(field, business_type, picklists),
    )


def _other_labels(field: Body, label: str) -> tuple[tuple[str, str], ...]:
    """Return languages and labels of a field, those that are *label* left out."""
    labels = field.get("label")
    if not isinstance(labels, dict):
        return ()
    return tuple(
        (language, text)
        for language, text in labels.items()
        if isinstance(text, str) and text and text != label
    )


_READ_ONLY_WORDS = {
    "true": "Read-only: keeps the value that it has",
    "conditional": "Read-only under a condition, which only Liferay evaluates",
}


def _description(field: Body, business_type: str) -> str:
    """Describe what is unexpected about the field; empty for nothing."""
    if business_type == "Aggregation" and get_setting(field, "filters"):
        return (
            "Has filters, whose form is not known here: an embedded installation "
            "reads it as null"
        )
    if business_type not in ALWAYS_READ_ONLY:
        return _READ_ONLY_WORDS.get(str(field.get("readOnly")).lower(), "")
    return ""


def _localized_fields(plain: Field, language: str) -> Iterator[Field]:
    """Yield the default language's value and the map of all; one of them is enough."""
    yield replace(plain, any_of_group=plain.name)
    yield Field(
        name=i18n_name(plain.name),
        type="object",
        label=plain.label,
        required=plain.required,
        fixed=plain.fixed,
        has_default=plain.has_default,
        default=plain.default,
        stays=plain.stays,
        any_of_group=plain.name,
        custom=True,
        languages=(language,),
    )


def _choice_names(
    field: Body, business_type: str, picklists: Mapping[str, Body]
) -> tuple[tuple[str, str], ...]:
    """Return the names of the field's picklist in all languages, each with its key."""
    return tuple(
        (name, entry["key"])
        for entry in _picklist_entries(field, business_type, picklists)
        for name in list_entry_names(entry)
    )


def _picklist_entries(
    field: Body, business_type: str, picklists: Mapping[str, Body]
) -> Iterable[Body]:
    if business_type not in {"Picklist", "MultiselectPicklist"}:
        return ()
    erc = field.get("listTypeDefinitionExternalReferenceCode") or ""
    return picklists.get(erc, {}).get("listTypeEntries") or ()


def _choices(
    field: Body, business_type: str, picklists: Mapping[str, Body], language: str
) -> tuple[tuple[str, str], ...]:
    """Return the keys of the field's picklist, each with its name."""
    return tuple(
        (
            x["key"],
            get_translation(x.get("name_i18n"), language) or x.get("name") or x["key"],
        )
        for x in _picklist_entries(field, business_type, picklists)
    )


def _parts(
    field: Body, business_type: str, picklists: Mapping[str, Body]
) -> tuple[str, ...]:
    if business_type == "Picklist":
        return ("key", "name")
    if business_type == ATTACHMENT:  # a cell of a spreadsheet holds no file
        return (ERC, "name", "size")
    if business_type != "MultiselectPicklist":
        return ()
    erc = field.get("listTypeDefinitionExternalReferenceCode") or ""
    count = len(picklists.get(erc, {}).get("listTypeEntries") or ())
    return tuple(
        f"{part}_{number}" for number in range(1, count + 1) for part in ("key", "name")
    )


def _relationship_fields(
    field: Body, label: str, names: Mapping[str, str]
) -> Iterator[Field]:
    """Yield the three ways to state a parent, any of them enough, and a fourth field.

    Liferay repeats the parent's ERC as ``<relationship>ERC`` in its output, and does
    not accept it as input.
    """
    group = relationship_name(field["name"])
    stated = get_setting(field, "objectRelationshipERCObjectFieldName")
    twin = (
        stated if isinstance(stated, str) and stated else erc_field_name(field["name"])
    )
    shared: dict[str, Any] = {
        "label": label,
        "required": bool(field.get("required")),
        "fixed": is_true(field.get("readOnly")),
        "stays": True,
        "any_of_group": group,
        "custom": True,
        "parent": _parent_key(field, names),
    }
    yield Field(name=field["name"], type="integer", **shared)
    yield Field(name=twin, type="string", **shared)
    yield Field(name=f"{group}ERC", label=label, custom=True, read_only=True)
    yield Field(
        name=group,
        type="object",
        write_only=True,
        unsupported_formats=_NO_TABLE,
        **shared,
    )


def _parent_key(field: Body, names: Mapping[str, str]) -> str:
    """Return the key of the parent's entity type; empty for Liferay's own objects."""
    erc = field.get("objectDefinitionExternalReferenceCode1") or ""
    stated = get_setting(field, "objectDefinition1ShortName")
    name = names.get(erc) or (stated if isinstance(stated, str) else "")
    if not name or erc.startswith(SYSTEM_PREFIX):
        return ""
    return class_name_key(OBJECT_ENTRY, object_type_name(name))
