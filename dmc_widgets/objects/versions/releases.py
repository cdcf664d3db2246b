"""The published versions of Liferay, and the properties that each of them knows.

The table in ``properties.json`` was read from the server-side classes of eleven builds
that Liferay has published as ``release.portal.api`` and ``release.dxp.api``. It is made
anew by ``python -m tests.java.version_table``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

import orjson

from ...errors import UnknownName
from ...model.fitting import FittedItem, Loss
from .item_schemas import ItemSchemas, Property, Schema, is_empty

_ABSENT: Final = "-"
_READ_ONLY: Final = "r"
_KIND: Final = "Liferay version"
_ENTRY_SCHEMA: Final = "ObjectEntry"

OBJECT_ADMIN: Final = "object-admin"
LIST_TYPE: Final = "headless-admin-list-type"
OBJECT_REST: Final = "object-rest"
BATCH_ENGINE: Final = "headless-batch-engine"

_APIS_BY_PACKAGE: Final[Mapping[str, str]] = {
    "com.liferay.headless.admin.list.type": LIST_TYPE,
    "com.liferay.headless.batch.engine": BATCH_ENGINE,
    "com.liferay.object.admin.rest": OBJECT_ADMIN,
    "com.liferay.object.rest": OBJECT_REST,
}


@dataclass(frozen=True, slots=True)
class Release:
    """A published version of Liferay.

    Attributes:
        name: The number, as people write it: ``7.4.3.112``.
        artifact: The jar of its classes, as Maven names it.
        position: Its place among the known ones, from the oldest.
    """

    name: str
    artifact: str
    position: int

    @property
    def names(self) -> frozenset[str]:
        """All names that it goes by: number, artifact version, ``ga112``, ``u77``."""
        version = self.artifact.rpartition(":")[2]
        shorts = {part for part in version.split("-")[1:] if part.startswith("ga")}
        update = version.rpartition(".")[2]
        if update.startswith("u"):
            shorts.add(update)
        return frozenset({self.name, version, *shorts})

    def schemas(self, api: str) -> ItemSchemas:
        """Return the schemas of one of its APIs; without any if it lacks the API."""
        return _schemas(self.position, api)

    def schemas_of_class(self, class_name: str) -> ItemSchemas:
        """Return the schemas of the API that a class of items belongs to."""
        package = class_name.partition(".dto.")[0]
        return self.schemas(_APIS_BY_PACKAGE.get(package, ""))

    def fit(self, class_name: str, item: Mapping[str, Any]) -> FittedItem:
        """Leave out of an item what this version does not know.

        That includes what it reads without using it, while newer versions do: such as
        the entries of a picklist, which once had to be added one by one.
        """
        name = schema_name(class_name)
        fitted = self.schemas_of_class(class_name).fit(name, item)
        own = self.schemas_of_class(class_name).schemas.get(name, {})
        newest = list_releases()[-1].schemas_of_class(class_name).schemas.get(name, {})
        unused = {
            key: value
            for key, value in fitted.item.items()
            if key in own
            and own[key].read_only
            and key in newest
            and not newest[key].read_only
        }
        if not unused:
            return fitted
        kept = {k: v for k, v in fitted.item.items() if k not in unused}
        lost = (Loss(k, v) for k, v in unused.items() if not is_empty(v))
        return FittedItem(kept, (*fitted.losses, *lost))

    def has_class(self, class_name: str) -> bool:
        """Return True if items of a class exist in it."""
        return schema_name(class_name) in self.schemas_of_class(class_name)


def schema_name(class_name: str) -> str:
    """Return the name of the schema of a class of items."""
    return class_name.rpartition(".")[2]


def list_releases() -> tuple[Release, ...]:
    """Return the known versions, from the oldest."""
    versions: Mapping[str, str] = _table()["versions"]
    return tuple(
        Release(name, artifact, position)
        for position, (name, artifact) in enumerate(versions.items())
    )


def find_release(name: str) -> Release:
    """Return the version that goes by a name.

    Args:
        name: Such as ``7.4.3.112``, ``7.4.3.112-ga112``, ``ga112`` or ``u77``.

    Raises:
        UnknownName: No known version goes by that name; the error lists them.
    """
    wanted = name.strip().lower()
    for release in list_releases():
        if wanted in release.names:
            return release
    known = tuple(release.name for release in list_releases())
    raise UnknownName(kind=_KIND, name=name, known=known)


def identify_release(schemas: Mapping[str, Schema]) -> Release | None:
    """Return the newest version whose definitions have exactly these properties.

    Args:
        schemas: The schemas of a server's API of definitions.
    """
    for release in reversed(list_releases()):
        known = release.schemas(OBJECT_ADMIN).schemas
        names = known.keys() & schemas.keys()
        if "ObjectDefinition" in names and all(
            _own_names(known[name]) == _own_names(schemas[name]) for name in names
        ):
            return release
    return None


def _own_names(schema: Schema) -> frozenset[str]:
    return frozenset(schema) - {"x-class-name", "xClassName"}


@cache
def _table() -> Any:
    text = files(__package__).joinpath("properties.json").read_bytes()
    return orjson.loads(text)


@cache
def _schemas(position: int, api: str) -> ItemSchemas:
    classes: Mapping[str, Any] = _table()["apis"].get(api, {})
    schemas = {
        name: properties
        for name, table in classes.items()
        if (properties := dict(_iter_properties(position, table)))
    }
    return ItemSchemas(schemas, open_schemas=(_ENTRY_SCHEMA,))


def _iter_properties(
    position: int, table: Mapping[str, Any]
) -> Iterator[tuple[str, Property]]:
    for name, facts in table.items():
        for type_, accesses in facts["types"].items():
            access = accesses[position]
            if access == _ABSENT:
                continue
            values = {
                value
                for value, known in facts.get("values", {}).items()
                if known[position] != _ABSENT
            }
            known = Property(
                type=type_.removesuffix("[]"),
                is_list=type_.endswith("[]"),
                read_only=access == _READ_ONLY,
                values=frozenset(values),
            )
            yield name, known
