"""What may move between installations: entity types and their fields.

The sites of an installation, to which entries of some objects belong.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A property of an entity type.

    Attributes:
        name: The property's name in files and requests.
        type: A word of OpenAPI: string, integer, number, boolean, array, object,
            or the object field's business type (``Picklist``) where it has one.
        label: For people; the name where there is nothing better.
        required: An import must map it.
        read_only: The installation sets it; exports hold it, imports do not.
        fixed: Its definition calls it read-only: exports hold it, and imports take it
            where it says what the entry has already. Migrations leave it out.
        has_default: A new item gets a value where an import gives it none.
        default: That value as a text, if the definition states it; empty if it is
            computed.
        stays: An item that is overwritten keeps the value that an import leaves out.
        write_only: Imports take it, exports do not hold it.
        on_request: An export holds it only where it is asked for by its name.
        description: One sentence, or empty.
        any_of_group: Required fields of one group are satisfied by any member
            (the id, the ERC and the nested object of one relationship).
        unsupported_formats: Formats that cannot hold the field, such as ``CSV``.
        custom: A field that somebody added to an object. CSV encodes its texts
            once more before quoting, as Liferay does.
        parts: The properties of a nested value, one dotted CSV column each, in
            order: ``("key", "name")``. For a list ``("key_1", "name_1", …)``.
        parent: Of a relationship, the key of the entity type whose entries the field
            names; empty for other fields, and where those entries do not move.
        choices: Of a picklist, pairs of a key and its name; empty for other fields,
            and where the picklist is not known.
        choice_names: Of a picklist, pairs of a name, in any language, and its key.
        languages: Of the values by language of a localized field, those that the
            installation or the definition is known to have, the default first.
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
    choices: tuple[tuple[str, str], ...] = ()
    choice_names: tuple[tuple[str, str], ...] = ()
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildRelationship:
    """A relationship of an entity type's entries to their children.

    Attributes:
        name: Of the relationship; files may hold children under it.
        child: The name of the children's entity type: ``C_Ticket``.
        parent_code: The children's field for the code of their parent.
    """

    name: str
    child: str
    parent_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityType:
    """A kind of thing that moves, with what the installation can do with it.

    Attributes:
        name: The short name: ``ObjectDefinition``, ``C_Ticket``.
        label: For people, in Liferay's pattern:
            ``Ticket (v1.0 - Liferay Object REST)``.
        class_name: Liferay's DTO class.
        delegate: The batch engine's delegate: ``C_Ticket``, else ``DEFAULT``.
        fields: Every field, ordered by name.
        open: Fields that are not listed are kept as they come, so that no part
            of a definition is lost. Entries are not open: Liferay ignores what
            it does not know in them.
        filter_chars: How long a filter on its items may be. Servers take it in the
            line of a request, which has a limit.
        children: The relationships to children. They are no fields: children are
            records of their own.
        import_strategies: Those the installation carries out.
        update_strategies: Those the installation carries out.
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
        """What an import may fill: required fields first, then by name."""
        writable = [field for field in self.fields if not field.read_only]
        return tuple(sorted(writable, key=lambda each: (not each.required, each.name)))

    @property
    def export_fields(self) -> tuple[Field, ...]:
        """What an export may hold: required fields first, then by name."""
        readable = [field for field in self.fields if not field.write_only]
        return tuple(sorted(readable, key=lambda each: (not each.required, each.name)))

    def is_named(self, name: str) -> bool:
        """Say whether a person may call it *name*: `Campaign`, `C_Campaign`, key."""
        return name in {self.name, self.key, self.short_name}


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
    """Return what people may type to find *key*: ``ObjectDefinition`` and its label.

    The class stays out of it: ``com.liferay`` would find everything.
    """
    name = simple_name(key)
    words = _WORD_START.sub(" ", object_short_name(name))
    further = ["Picklist"] if key == LIST_TYPE_DEFINITION else []
    return "\n".join([name, words, *further])


def simple_name(key: str) -> str:
    """Shorten a key to what lists show: the delegate, else the class's own name."""
    class_name, _, delegate = key.partition("#")
    return delegate or class_name.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class Site:
    """A site as people choose it.

    Attributes:
        key: What names it in plans and paths: its key, or a server's id of it.
        label: What people call it.
    """

    key: str
    label: str
