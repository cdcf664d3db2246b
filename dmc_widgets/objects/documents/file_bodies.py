"""The body of a document as a file holds it for another installation.

An installation gives out more than another one takes: what it sets itself, and null for
what a document lacks. Liferay refuses a whole item for some of these, so files leave
them out. Empty texts and lists stay: they say that something is not there, while
silence leaves it as it is.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from ...model.entity_type import OBJECT_ENTRY, EntityType
from ..versions.item_schemas import Schema
from ..versions.releases import list_releases, schema_name
from .change_set import Body
from .document_kind import SERVER_SET

_NEVER_TAKEN: Final = (SERVER_SET - {"creator"}) | {"x-class-name"}
"""Properties of every part that no installation takes."""


def is_document_type(entity_type: EntityType) -> bool:
    """Return True for definitions, picklists and folders, and for parts of them."""
    return entity_type.class_name != OBJECT_ENTRY


def file_body(
    entity_type: EntityType, item: Mapping[str, Any], chosen: Collection[str] = ()
) -> Body:
    """Return a document without what is null, and without what only servers set.

    What they set within its parts stays: Liferay ignores it there, and it tells a
    reader something, such as whether an action has ever run.

    Args:
        entity_type: The entity type of the document.
        item: The document as an installation gave it out. It is not changed.
        chosen: Properties of the document itself that stay, even if servers set them.
    """
    read_only = {field.name for field in entity_type.fields if field.read_only}
    left_out = (read_only | {"x-class-name"}) - set(chosen)
    return {
        name: value
        for name, value in item.items()
        if value is not None and name not in left_out
    }


def package_body(entity_type: EntityType, item: Mapping[str, Any]) -> Body:
    """Return a document as :func:`file_body` does, its parts without such properties.

    A package is for machines: it holds what an import takes, and no more.
    """
    newest = list_releases()[-1].schemas_of_class(entity_type.class_name).schemas
    schema = newest.get(schema_name(entity_type.class_name), {})
    return {
        name: _clean(value, name, schema, newest)
        for name, value in file_body(entity_type, item).items()
    }


def _clean(value: Any, name: str, schema: Schema, schemas: Mapping[str, Schema]) -> Any:
    known = schema.get(name)
    if known is None or known.type not in schemas:
        return value
    nested = schemas[known.type]
    if isinstance(value, list):
        return [_clean_part(part, nested, schemas) for part in value]
    return _clean_part(value, nested, schemas)


def _clean_part(value: Any, schema: Schema, schemas: Mapping[str, Schema]) -> Any:
    if not isinstance(value, dict):
        return value
    return {
        name: _clean(part, name, schema, schemas)
        for name, part in value.items()
        if part is not None
        and name not in _NEVER_TAKEN
        and not (name in schema and schema[name].read_only)
    }
