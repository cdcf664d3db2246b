"""Metadata of a server: definitions, entity types, paths and sites.

All definitions are read together, in few requests. The OpenAPI documents, one for each
object, are read only where fields are needed, several at a time. Both are cached for as
long as they can be true: definitions and picklists for a few seconds, documents until
the definition that they belong to has changed. Definitions and picklists that are read
as items are read anew, and remembered.

Liferay has no list over all sites: entries are read site by site. Which sites there are
is asked where Liferay's own Data Migration Center asks; see
``docs/liferay/data-migration-center.md``.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from ...errors import Refused, UnknownName
from ...model.entity_type import (
    OBJECT_ENTRY,
    EntityType,
    Site,
    object_type_name,
    sort_entity_types,
)
from ...objects.documents.change_set import DEFINITION, PICKLIST
from ...objects.documents.definition_fields import select_custom_fields
from ...objects.documents.kinds import (
    DOCUMENT_KINDS,
    KINDS_BY_NAME,
    build_document_entity_types,
)
from ...objects.entries.entity_type import build_entry_entity_type
from ...objects.fields.many_to_many import find_many_to_many_relationships
from ...objects.names import ERC
from ...objects.parts.part_kinds import PART_KINDS
from ...objects.versions.item_schemas import ItemSchemas
from ...objects.versions.releases import identify_release
from ...ports import Item
from .http.client import Client
from .openapi import (
    OpenApiDocument,
    merge_entry_type,
    parse_document,
    read_item_schemas,
    read_version,
    restrict_document_type,
    restrict_part_type,
)

PAGE_SIZE: Final = 500
"""The page size that is asked for; a server may return smaller pages, and says so."""

DOCUMENT_PATHS: Final[Mapping[str, str]] = {
    kind.name: kind.path for kind in DOCUMENT_KINDS
}

_KIND: Final = "entity type"
_FRESH_S: Final = 5.0
_OBJECT_PATH: Final = re.compile(r"/o/c/[\w-]+(?:/[\w-]+)*")
_SITES_PATH: Final = "/o/batch-planner/v1.0/plans/{}/site-scopes"


class _ReadList(NamedTuple):
    """A short list of the server, and when it was asked for."""

    at_s: float
    items: list[Item]


class ServerMetadata:
    """Definitions, picklists, OpenAPI documents and paths of one server.

    Args:
        client: The client of the server.
        clock: Returns seconds that never go back.
    """

    def __init__(
        self, client: Client, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._clock = clock
        self._lists: dict[str, _ReadList] = {}
        self._documents: dict[tuple[str, str], OpenApiDocument | None] = {}
        self._schemas: dict[str, ItemSchemas] = {}

    def invalidate(self) -> None:
        """Read all again when it is needed: something was written."""
        self._lists.clear()

    def published_definitions(self) -> list[Item]:
        """Return the definitions whose entries can be read and written."""
        definitions = self._read_recently(DOCUMENT_PATHS[DEFINITION])
        return [definition for definition in definitions if _is_published(definition)]

    def picklists(self) -> list[Item]:
        """Return the picklists with their entries."""
        return self._read_recently(DOCUMENT_PATHS[PICKLIST])

    def list_path(self, entity_type: EntityType, scope: str = "") -> str:
        """Return the path of the list of an entity type's items.

        Raises:
            UnknownName: The server does not have the object, or not any more.
            Refused: The server states no valid path for it.
        """
        if entity_type.class_name != OBJECT_ENTRY:
            if entity_type.name not in DOCUMENT_PATHS:
                raise UnknownName(_KIND, entity_type.name, tuple(DOCUMENT_PATHS))
            return DOCUMENT_PATHS[entity_type.name]
        path = self._object_path(self.published_definition(entity_type))
        return f"{path}/scopes/{quote(scope, safe='')}" if scope else path

    def published_definition(self, entity_type: EntityType) -> Item:
        """Return the published definition of an object's entries.

        Raises:
            UnknownName: The server does not have the object, or not any more.
        """
        for _ in range(2):
            known = {
                object_type_name(definition["name"]): definition
                for definition in self.published_definitions()
            }
            if entity_type.name in known:
                return known[entity_type.name]
            self.invalidate()
        raise UnknownName(_KIND, entity_type.name, tuple(sorted(known)))

    def documents(self, definitions: Sequence[Item]) -> list[OpenApiDocument | None]:
        """Return the OpenAPI document of each object; None for one that has none."""
        paths = [self._object_path(definition) for definition in definitions]
        versions = [
            str(definition.get("dateModified") or "") for definition in definitions
        ]
        keys = list(zip(paths, versions, strict=True))
        missing = [key for key in dict.fromkeys(keys) if key not in self._documents]
        for key, document in zip(missing, self._read_documents(missing), strict=True):
            self._documents[key] = document
        return [self._documents[key] for key in keys]

    def document(self, kind: str) -> OpenApiDocument | None:
        """Return the OpenAPI document of the API of a kind of definitions."""
        return self._api_document(KINDS_BY_NAME[kind].api)

    def _api_document(self, api: str) -> OpenApiDocument | None:
        key = (api, "")
        if key not in self._documents:
            (self._documents[key],) = self._read_documents([key])
        return self._documents[key]

    def item_schemas(self, entity_type: EntityType) -> ItemSchemas | None:
        """Return what the server's API knows of items; None for entries.

        Entries are not restricted: a server ignores what it does not know of them.
        """
        api = _find_api(entity_type)
        if not api:
            return None
        if api not in self._schemas:
            document = self._api_document(api)
            self._schemas[api] = (
                read_item_schemas(document) if document else ItemSchemas({})
            )
        return self._schemas[api]

    def release_name(self) -> str:
        """Return the published version whose definitions have the same properties.

        The server states the version of a client, which grows with every build. The
        properties tell what counts here.
        """
        document = self.document(DEFINITION)
        schemas = read_item_schemas(document).schemas if document else {}
        release = identify_release(schemas)
        return release.name if release else ""

    def version(self) -> tuple[int, ...]:
        """Return the version of the server's API of definitions; empty if unknown."""
        document = self.document(DEFINITION)
        return read_version(document) if document else ()

    def read_all(self, path: str) -> list[Item]:
        """Return every item of a short list as it is now, in the order of ids."""
        began, items = self._clock(), self._read_pages(path)
        self._lists[path] = _ReadList(began, items)
        return items

    def _read_recently(self, path: str) -> list[Item]:
        """Return a short list as it was a few seconds ago, or is now."""
        known = self._lists.get(path)
        if known is None or self._clock() - known.at_s > _FRESH_S:
            return self.read_all(path)
        return known.items

    def _read_pages(self, path: str) -> list[Item]:
        items: list[Item] = []
        number = 1
        while True:
            params = {"page": number, "pageSize": PAGE_SIZE}
            page = read_page(self._client, path, params)
            items += page["items"]
            if number >= page["lastPage"] or not page["items"]:
                return sorted(items, key=lambda item: int(item.get("id") or 0))
            number += 1

    def _read_documents(
        self, keys: Sequence[tuple[str, str]]
    ) -> list[OpenApiDocument | None]:
        requests: list[tuple[str, Mapping[str, Any]]] = [
            (f"{path}/openapi.json", {}) for path, _ in keys
        ]
        responses = self._client.get_many(requests)
        return [parse_document(response.json()) for response in responses]

    def _object_path(self, definition: Item) -> str:
        """Return the path that a definition states, if it is one below ``/o/c``.

        It is checked because it comes from the server, and credentials are sent to it.
        """
        stated = definition.get("restContextPath")
        path = stated if isinstance(stated, str) else ""
        path = path if path.startswith("/o/") else f"/o{path}"
        if not _OBJECT_PATH.fullmatch(path):
            name = definition.get("name")
            reason = f"The server states no path for the entries of {name}."
            raise Refused(self._client.name, reason)
        return path


def _find_api(entity_type: EntityType) -> str:
    """Return the API of a kind of documents, or of its parts; empty for entries."""
    package = entity_type.class_name.rpartition(".")[0]
    return next(
        (
            kind.api
            for kind in DOCUMENT_KINDS
            if kind.class_name.rpartition(".")[0] == package
        ),
        "",
    )


def read_page(client: Client, path: str, params: Mapping[str, Any]) -> Item:
    """Return a page of a list.

    Raises:
        InstallationError: The response is not a page.
    """
    return require_page(client, client.get_json(path, params))


def require_page(client: Client, value: Any) -> Item:
    """Return *value* if it is a page, with the counts that every page has to have.

    Raises:
        Refused: It is not a page.
    """
    items = value.get("items") if isinstance(value, dict) else None
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        reason = "The response is not from a Liferay REST API: a list has no items."
        raise Refused(client.name, reason)
    return {
        "items": items,
        "lastPage": _read_count(value.get("lastPage"), 1),
        "totalCount": _read_count(value.get("totalCount"), len(items)),
    }


def _read_count(value: Any, default: int) -> int:
    return value if isinstance(value, int) and value >= 0 else default


def _is_published(definition: Item) -> bool:
    status = definition.get("status")
    code = status.get("code") if isinstance(status, dict) else status
    is_fixed = definition.get("system") and not definition.get("modifiable")
    return code == 0 and not is_fixed


def list_entity_types(metadata: ServerMetadata) -> list[EntityType]:
    """Return the entity types of a server, in the order of their labels."""
    documents = [
        restrict_document_type(kind, metadata.document(kind.name))
        for kind in build_document_entity_types()
    ]
    entries = _entry_types(metadata, metadata.published_definitions())
    known = sort_entity_types([*documents, *entries, *_part_types(metadata)])
    api = metadata.document(DEFINITION)
    if api is None or not api.lazy_references:
        return known
    return [replace(entity_type, lazy_references=True) for entity_type in known]


def _part_types(metadata: ServerMetadata) -> list[EntityType]:
    return [
        restrict_part_type(kind, metadata.document(kind.owner)) for kind in PART_KINDS
    ]


def _entry_types(metadata: ServerMetadata, definitions: list[Item]) -> list[EntityType]:
    if not definitions:
        return []
    picklists = {str(picklist.get(ERC)): picklist for picklist in metadata.picklists()}
    documents = metadata.documents(definitions)
    by_erc = {str(definition.get(ERC)): definition for definition in definitions}
    relationships = find_many_to_many_relationships(by_erc)
    names = {erc: str(definition["name"]) for erc, definition in by_erc.items()}
    entity_types = []
    for (erc, definition), document in zip(by_erc.items(), documents, strict=True):
        related = {
            name: names[other] for name, other in relationships.get(erc, {}).items()
        }
        entity_type = build_entry_entity_type(
            _without_system_fields(definition), picklists, related, names
        )
        entity_types.append(merge_entry_type(entity_type, document))
    return entity_types


def _without_system_fields(definition: Item) -> Item:
    """Keep the custom fields; those of the system are the same in every object."""
    stated = definition.get("objectFields")
    fields = [
        field
        for field in (stated if isinstance(stated, list) else ())
        if isinstance(field, dict) and field.get("name") and field.get("businessType")
    ]
    return {**definition, "objectFields": select_custom_fields(fields)}


def list_sites(client: Client, entity_type: EntityType) -> list[Site]:
    """Return all sites that the user may see, each with its key in paths.

    Raises:
        Refused: The server does not list its sites: its Data Migration Center is
            missing, or the user may not use it. A list that may be incomplete is no
            substitute.
    """
    path = _SITES_PATH.format(quote(entity_type.key, safe=""))
    sites: dict[str, Site] = {}
    number, last = 1, 1
    while number <= last:
        params = {"export": "true", "page": number, "pageSize": PAGE_SIZE}
        response = client.request("GET", path, params=params)
        if not response.is_success:
            reason = (
                f"{entity_type.name} has entries in sites, and the server does not "
                "list its sites. Name them: --site of dmc migrate and dmc "
                "export-package, or the scope of a plan."
            )
            raise Refused(client.name, reason)
        page = require_page(client, response.json())
        for item in page["items"]:
            key = item.get("value")
            if isinstance(key, int | str) and key:
                stated = item.get("label")
                label = stated if isinstance(stated, str) and stated else str(key)
                sites.setdefault(str(key), Site(str(key), label))
        number, last = number + 1, page["lastPage"]
    return list(sites.values())


def count_items(
    client: Client, paths: Sequence[str], params: Mapping[str, Any]
) -> list[int]:
    """Return how many items match a query at each of some lists.

    Raises:
        InstallationError: One of the lists cannot be read.
    """
    requests = [(path, {**params, "page": 1, "pageSize": 1}) for path in paths]
    return [
        int(require_page(client, client.require_json(response))["totalCount"])
        for response in client.get_many(requests)
    ]
