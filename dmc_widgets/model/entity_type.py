"""Entity types and their fields, and the sites that entries belong to."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from .representation import ValueDisplay, html_table
from .strategies import ImportStrategy, UpdateStrategy

OBJECT_DEFINITION = "com.liferay.object.admin.rest.dto.v1_0.ObjectDefinition"
OBJECT_FOLDER = "com.liferay.object.admin.rest.dto.v1_0.ObjectFolder"
LIST_TYPE_DEFINITION = (
    "com.liferay.headless.admin.list.type.dto.v1_0.ListTypeDefinition"
)
OBJECT_ENTRY = "com.liferay.object.rest.dto.v1_0.ObjectEntry"

DEFAULT_DELEGATE = "DEFAULT"

_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


_OBJECT_PREFIX: Final = "C_"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Field(ValueDisplay):
    """A property of an entity type.

    Attributes:
        name: The property's name in files and requests.
        type: A type of OpenAPI: string, integer, number, boolean, array, object,
            or the object field's business type (``Picklist``) where it has one.
        label: The label for people; the name where there is no other.
        other_labels: Its labels in other languages, each after its language:
            ``(("de_DE", "Titel"),)``.
        required: An import must map it.
        read_only: The installation sets it; exports hold it, imports do not.
        fixed: Its definition calls it read-only: exports hold it, and imports accept it
            where it repeats the stored value. Migrations leave it out.
        has_default: A new item gets a default value where an import gives none.
        default: That value as a text, if the definition states it; empty if it is
            computed.
        stays: An overwritten item keeps the value that an import leaves out.
        write_only: Imports take it, exports do not hold it.
        on_request: An export holds it only where it is selected by its name.
        description: One sentence, or empty.
        any_of_group: Required fields of one group are satisfied by any member
            (the id, the ERC and the nested object of one relationship).
        unsupported_formats: Formats that cannot hold the field, such as ``CSV``.
        custom: A user added the field to an object. CSV encodes its texts
            once more before quoting, as Liferay does.
        parts: The properties of a nested value, one dotted CSV column each, in
            order: ``("key", "name")``. For a list ``("key_1", "name_1", …)``.
        parent: For a relationship, the key of the entity type whose entries the field
            names; empty for other fields, and where those entries do not move.
        linked: For a many-to-many relationship, the key of the entity type on its other
            side; empty for other fields.
        choices: For a picklist, pairs of a key and its name; empty for other fields,
            and where the picklist is not known.
        choice_names: For a picklist, pairs of a name, in any language, and its key.
        languages: For a localized field, the languages that the installation or the
            definition is known to have, the default first.
    """

    name: str
    type: str = "string"
    label: str = ""
    required: bool = False
    read_only: bool = False
    fixed: bool = False
    has_default: bool = False
    default: str = ""
    stays: bool = False
    write_only: bool = False
    on_request: bool = False
    description: str = ""
    any_of_group: str = ""
    unsupported_formats: frozenset[str] = frozenset()
    custom: bool = False
    parts: tuple[str, ...] = ()
    parent: str = ""
    linked: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    choice_names: tuple[tuple[str, str], ...] = ()
    languages: tuple[str, ...] = ()
    other_labels: tuple[tuple[str, str], ...] = ()

    @property
    def all_labels(self) -> tuple[str, ...]:
        """Its labels in all languages, the one for people first."""
        return (self.label, *(label for _, label in self.other_labels))

    def label_in(self, language: str) -> str:
        """Return the label in a language, or the one for people where it has none.

        >>> field.label_in("de")
        'Titel'

        Args:
            language: A code such as ``de`` or ``de_AT``; a region that has no label
                of its own takes that of another one.
        """
        wanted = language.replace("-", "_").casefold()
        labels = {code.casefold(): label for code, label in self.other_labels}
        if wanted in labels:
            return labels[wanted]
        base = wanted.partition("_")[0]
        alike = (
            text for code, text in labels.items() if code.partition("_")[0] == base
        )
        return next(alike, self.label)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildRelationship:
    """A relationship of an entity type's entries to their children.

    Attributes:
        name: The name of the relationship; files may hold children under it.
        child: The name of the children's entity type: ``C_Ticket``.
        parent_code: The children's field for the code of their parent.
    """

    name: str
    child: str
    parent_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityType:
    """A kind of thing that moves, and what the installation can do with it.

    Attributes:
        name: The short name: ``ObjectDefinition``, ``C_Ticket``.
        label: The label for people, in Liferay's pattern:
            ``Ticket (v1.0 - Liferay Object REST)``.
        class_name: Liferay's DTO class.
        delegate: The batch engine's delegate: ``C_Ticket``, else ``DEFAULT``.
        fields: Every field, ordered by name.
        open: Fields that are not listed are kept unchanged, so that no part of a
            definition is lost. Entries are not open: Liferay ignores fields that it
            does not know.
        filter_chars: The longest filter on its items. Servers take it in the request
            line, which has a limit.
        children: The relationships to children. They are not fields: children are
            records of their own.
        import_strategies: The import strategies that the installation supports.
        update_strategies: The update strategies that the installation supports.
        lazy_references: Entries may name entries that do not exist yet; see
            :attr:`~.strategies.Policy.lazy_references`.
        part_of: For parts of a definition or of a picklist, the name of the entity type
            that they belong to; otherwise empty.
        parent_field: For such parts, the field that names the definition or the
            picklist by its external reference code; otherwise empty.
    """

    name: str
    label: str
    class_name: str
    delegate: str = DEFAULT_DELEGATE
    fields: tuple[Field, ...] = ()
    open: bool = False
    filter_chars: int = 4_000
    children: tuple[ChildRelationship, ...] = ()
    import_strategies: frozenset[ImportStrategy] = field(
        default=frozenset(ImportStrategy)
    )
    update_strategies: frozenset[UpdateStrategy] = field(
        default=frozenset(UpdateStrategy)
    )
    lazy_references: bool = False
    part_of: str = ""
    parent_field: str = ""

    @property
    def key(self) -> str:
        """Liferay's internalClassNameKey: class, or class and delegate."""
        return class_name_key(self.class_name, self.delegate)

    @property
    def short_name(self) -> str:
        """The name without the prefix of objects: ``Ticket`` for ``C_Ticket``."""
        return object_short_name(self.name)

    @property
    def import_fields(self) -> tuple[Field, ...]:
        """The fields that an import may fill: required ones first, then by name."""
        writable = [field for field in self.fields if not field.read_only]
        return tuple(sorted(writable, key=lambda each: (not each.required, each.name)))

    @property
    def export_fields(self) -> tuple[Field, ...]:
        """The fields that an export may hold: required ones first, then by name."""
        readable = [field for field in self.fields if not field.write_only]
        return tuple(sorted(readable, key=lambda each: (not each.required, each.name)))

    def __repr__(self) -> str:
        return f"<EntityType {self.name}: {self.label}, {len(self.fields)} fields>"

    def _repr_html_(self) -> str:
        rows = (
            (field.name, field.type, "yes" if field.required else "", field.description)
            for field in self.fields
        )
        columns = ("Field", "Type", "Required", "Description")
        return html_table(self.label, columns, rows)

    def is_named(self, name: str) -> bool:
        """Return True if *name* is its name, its key or its label.

        Names count with and without ``C_``, labels with and without the version in
        parentheses: ``Ticket``, ``C_Ticket``, ``Ticket (v1.0 - Liferay Object REST)``.
        """
        labels = {self.label, self.label.partition(" (")[0]}
        return name in {self.name, self.key, self.short_name, *labels}


def sort_entity_types(entity_types: Iterable[EntityType]) -> list[EntityType]:
    """Return entity types by label; parts of others come after all that stand alone."""
    return sorted(entity_types, key=lambda kind: (bool(kind.part_of), kind.label))


def object_type_name(short_name: object) -> str:
    """Return the name of the entity type of an object's entries: ``C_Ticket``."""
    return f"{_OBJECT_PREFIX}{short_name}"


def object_short_name(name: object) -> str:
    """Return the name of an object without its prefix; empty where there is no name."""
    return str(name or "").removeprefix(_OBJECT_PREFIX)


def class_name_key(class_name: str, delegate: str | None) -> str:
    """Join class and delegate as Liferay does: ``…ObjectEntry#C_Ticket``."""
    if not delegate or delegate == DEFAULT_DELEGATE:
        return class_name
    return f"{class_name}#{delegate}"


def search_text(key: str) -> str:
    """Return the text in which a search for *key* looks: its name and its words.

    The class is left out: ``com.liferay`` would find everything.
    """
    name = simple_name(key)
    words = _WORD_START.sub(" ", object_short_name(name))
    further = ["Picklist"] if key == LIST_TYPE_DEFINITION else []
    return "\n".join([name, words, *further])


def simple_name(key: str) -> str:
    """Return the short name of a key: the delegate, else the class's own name."""
    class_name, _, delegate = key.partition("#")
    return delegate or class_name.rpartition(".")[2]


@dataclass(frozen=True, slots=True, repr=False)
class Site(ValueDisplay):
    """A site as people choose it.

    Attributes:
        key: Its name in plans and paths: its key, or its id on a server.
        label: The label for people.
    """

    key: str
    label: str
