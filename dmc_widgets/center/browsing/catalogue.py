"""What an installation defines, by the names that people gave: a catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ...errors import UnknownName
from ...model.entity_type import (
    LIST_TYPE_DEFINITION,
    OBJECT_DEFINITION,
    OBJECT_FOLDER,
    EntityType,
    object_short_name,
    object_type_name,
)
from ...model.representation import html_table
from ...objects.documents.definition_fields import get_setting, list_objects
from ...objects.fields.field_rules import is_true
from ...objects.names import ERC, get_translation
from ...ports import Installation, Query

_LANGUAGE: Final = "en_US"
_RELATIONSHIP: Final = "Relationship"
_APPROVED: Final = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSummary:
    """A field of an object definition.

    Attributes:
        name: The name in files and requests.
        label: The label for people.
        type: The business type, such as ``Picklist``.
        required: An entry needs a value.
        unique: No two entries have the same value.
        default: The value of new entries, or empty.
        localized: It has a value for each language.
        system: Every definition has it.
        read_only: Entries show it and do not take it.
        picklist: The external reference code of its picklist, or empty.
        parent: For a relationship, the code of the parent's definition, or empty.
    """

    name: str
    label: str
    type: str
    required: bool = False
    unique: bool = False
    default: str = ""
    localized: bool = False
    system: bool = False
    read_only: bool = False
    picklist: str = ""
    parent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationshipSummary:
    """A relationship between two object definitions.

    Attributes:
        name: Its name.
        label: The label for people.
        type: ``oneToMany``, ``oneToOne`` or ``manyToMany``.
        source: The code of the definition that declares it: the parent.
        target: The code of the definition on the other side: the child.
        deletion: What becomes of children of a deleted entry, such as ``cascade``.
    """

    name: str
    label: str
    type: str
    source: str
    target: str
    deletion: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectSummary:
    """An object definition.

    Attributes:
        code: The external reference code.
        name: The short name, such as ``Ticket``.
        label: The label for people.
        plural_label: The label of several entries.
        folder: The code of its folder, or empty.
        scope: ``company`` or ``site``.
        status: Such as ``approved`` or ``draft``.
        is_published: Its entries can be read.
        system: It is one of Liferay's own.
        title_field: The name of the field that names an entry, or empty.
        fields: Its fields, as the definition lists them.
    """

    code: str
    name: str
    label: str
    plural_label: str = ""
    folder: str = ""
    scope: str = "company"
    status: str = ""
    is_published: bool = True
    system: bool = False
    title_field: str = ""
    fields: tuple[FieldSummary, ...] = ()

    @property
    def entity(self) -> str:
        """The name of the entity type of its entries: ``C_Ticket``."""
        return object_type_name(self.name)

    @property
    def own_fields(self) -> tuple[FieldSummary, ...]:
        """The fields that people have added, without relationships."""
        return tuple(
            field
            for field in self.fields
            if not field.system and field.type != _RELATIONSHIP
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PicklistSummary:
    """A picklist.

    Attributes:
        code: The external reference code.
        name: The name for people.
        entries: Pairs of the key and the name of each entry.
    """

    code: str
    name: str
    entries: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderSummary:
    """A folder of object definitions, with its external reference code and its name."""

    code: str
    name: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """What an installation defines.

    >>> with center.installations.connect("Sample source") as source:
    ...     [found.label for found in source.catalogue().objects]
    ['Bicycle', 'Customer', 'Repair']

    Attributes:
        objects: The object definitions, by label.
        picklists: The picklists, by name.
        folders: The folders, by label.
        relationships: The relationships between definitions.
    """

    objects: tuple[ObjectSummary, ...] = ()
    picklists: tuple[PicklistSummary, ...] = ()
    folders: tuple[FolderSummary, ...] = ()
    relationships: tuple[RelationshipSummary, ...] = ()

    def find_object(self, name: str) -> ObjectSummary:
        """Return a definition by its name, label or code.

        Raises:
            UnknownName: There is none; the error lists the known ones.
        """
        short = object_short_name(name)
        for found in self.objects:
            if short in {found.name, found.code} or name == found.label:
                return found
        known = tuple(found.name for found in self.objects)
        raise UnknownName(kind="object definition", name=name, known=known)

    def object_label(self, code: str) -> str:
        """Return the label of the definition with a code; the code if it is unknown."""
        labels = {found.code: found.label for found in self.objects}
        return labels.get(code, code)

    def relationships_of(self, code: str) -> tuple[RelationshipSummary, ...]:
        """Return the relationships that begin or end at a definition."""
        return tuple(
            found
            for found in self.relationships
            if code in {found.source, found.target}
        )

    def users_of(self, picklist: str) -> tuple[tuple[ObjectSummary, FieldSummary], ...]:
        """Return the definitions and fields that use the picklist with a code."""
        return tuple(
            (found, field)
            for found in self.objects
            for field in found.fields
            if field.picklist == picklist
        )

    def __repr__(self) -> str:
        return (
            f"<Catalogue: {len(self.objects):,} objects, {len(self.picklists):,} "
            f"picklists, {len(self.folders):,} folders>"
        )

    def _repr_html_(self) -> str:
        rows = (
            (found.label, found.name, str(len(found.own_fields)), found.status)
            for found in self.objects
        )
        return html_table("Objects", ("Label", "Name", "Fields", "Status"), rows)


def read_catalogue(installation: Installation) -> Catalogue:
    """Read the definitions, picklists and folders of an installation.

    Raises:
        InstallationError: It does not answer.
    """
    types = {kind.key: kind for kind in installation.entity_types()}

    def read(key: str) -> Iterator[Mapping[str, Any]]:
        kind: EntityType | None = types.get(key)
        return iter(()) if kind is None else installation.read(kind, Query())

    definitions = [*read(OBJECT_DEFINITION)]
    return Catalogue(
        objects=_by_label(map(_summarize_object, definitions)),
        picklists=tuple(
            sorted(
                map(_summarize_picklist, read(LIST_TYPE_DEFINITION)),
                key=lambda found: found.name.casefold(),
            )
        ),
        folders=_by_label(map(_summarize_folder, read(OBJECT_FOLDER))),
        relationships=tuple(_find_relationships(definitions)),
    )


def _by_label(found: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(sorted(found, key=lambda each: each.label.casefold()))


def _summarize_object(definition: Mapping[str, Any]) -> ObjectSummary:
    language = str(definition.get("defaultLanguageId") or _LANGUAGE)
    name = _text(definition.get("name"))
    status = definition.get("status")
    stated = status if isinstance(status, dict) else {"code": status}
    return ObjectSummary(
        code=_text(definition.get(ERC)),
        name=name,
        label=_label(definition.get("label"), language, name),
        plural_label=_label(definition.get("pluralLabel"), language, ""),
        folder=_text(definition.get("objectFolderExternalReferenceCode")),
        scope=_text(definition.get("scope")) or "company",
        status=_text(stated.get("label")),
        is_published=stated.get("code") in {_APPROVED, None},
        system=is_true(definition.get("system")),
        title_field=_text(definition.get("titleObjectFieldName")),
        fields=tuple(
            _summarize_field(field, language)
            for field in list_objects(definition.get("objectFields"))
        ),
    )


def _summarize_field(field: Mapping[str, Any], language: str) -> FieldSummary:
    name = _text(field.get("name"))
    default = get_setting(field, "defaultValue")
    return FieldSummary(
        name=name,
        label=_label(field.get("label"), language, name),
        type=_text(field.get("businessType")),
        required=is_true(field.get("required")),
        unique=is_true(get_setting(field, "uniqueValues")),
        default=_text(field.get("defaultValue") if default is None else default),
        localized=is_true(field.get("localized")),
        system=is_true(field.get("system")),
        read_only=is_true(field.get("readOnly")),
        picklist=_text(field.get("listTypeDefinitionExternalReferenceCode")),
        parent=_text(field.get("objectDefinitionExternalReferenceCode1")),
    )


def _summarize_picklist(picklist: Mapping[str, Any]) -> PicklistSummary:
    return PicklistSummary(
        code=_text(picklist.get(ERC)),
        name=_text(picklist.get("name"))
        or _label(picklist.get("name_i18n"), _LANGUAGE, _text(picklist.get(ERC))),
        entries=tuple(
            (_text(entry.get("key")), _text(entry.get("name")))
            for entry in list_objects(picklist.get("listTypeEntries"))
        ),
    )


def _summarize_folder(folder: Mapping[str, Any]) -> FolderSummary:
    name = _text(folder.get("name"))
    return FolderSummary(
        code=_text(folder.get(ERC)),
        name=name,
        label=_label(folder.get("label"), _LANGUAGE, name),
    )


def _find_relationships(
    definitions: Iterable[Mapping[str, Any]],
) -> Iterator[RelationshipSummary]:
    """Yield each relationship once; a server lists some of them on both sides."""
    known: set[tuple[str, str]] = set()
    for definition in definitions:
        code = _text(definition.get(ERC))
        for stated in list_objects(definition.get("objectRelationships")):
            name = _text(stated.get("name"))
            source = _text(stated.get("objectDefinitionExternalReferenceCode1")) or code
            if (source, name) in known or is_true(stated.get("reverse")):
                continue
            known.add((source, name))
            yield RelationshipSummary(
                name=name,
                label=_label(stated.get("label"), _LANGUAGE, name),
                type=_text(stated.get("type")),
                source=source,
                target=_text(stated.get("objectDefinitionExternalReferenceCode2")),
                deletion=_text(stated.get("deletionType")),
            )


def _label(labels: Any, language: str, default: str) -> str:
    """Return the label in a language, else in English, else any, else *default*."""
    stated = get_translation(labels, language) or get_translation(labels, _LANGUAGE)
    others = labels.values() if isinstance(labels, dict) else ()
    return stated or next((x for x in others if isinstance(x, str) and x), default)


def _text(value: Any) -> str:
    return "" if value is None else str(value)
