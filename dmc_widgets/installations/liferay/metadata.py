"""What a server holds definitions of, and where their entries are.

The definitions are read as a whole, in few requests; the OpenAPI documents, one an
object, only where fields are asked for, several at a time. Both are kept for as long
as they may be true: definitions for a few seconds, documents until the definition
they belong to has changed.

What may move out of and into a server, and with which strategies.

The sites of a server, where an object's entries belong to them.

Liferay has no list over all sites: entries are read site by site. Which ones there
are is told where its own Data Migration Center asks.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from ...errors import Refused, UnknownName
from ...model.entity_type import OBJECT_ENTRY, EntityType, Site, object_type_name
from ...objects.documents.change_set import DEFINITION, PICKLIST
from ...objects.documents.definition_fields import select_custom_fields
from ...objects.documents.kinds import (
    DOCUMENT_KINDS,
    KINDS_BY_NAME,
    build_document_entity_types,
)
from ...objects.entries.entity_type import build_entry_entity_type
from ...objects.fields.many_to_many import find_many_to_many_relationships
from ...ports import Item
from .http.client import Client
from .openapi import (
    OpenApiDocument,
    merge_entry_type,
    parse_document,
    read_version,
    restrict_document_type,
)

PAGE_SIZE: Final = 500
"""Asked for; the server grants what it grants, and says so."""

DOCUMENT_PATHS: Final[Mapping[str, str]] = {
    kind.name: kind.path for kind in DOCUMENT_KINDS
}

_KIND: Final = "entity type"
_FRESH_S: Final = 5.0
_OBJECT_PATH: Final = re.compile(r"/o/c/[\w-]+(?:/[\w-]+)*")


class ServerMetadata:
    """Definitions, picklists, documents and paths of one server.

    Args:
        client: Of the server.
        clock: Seconds that only grow.
    """

    def __init__(
        self, client: Client, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._clock = clock
        self._definitions: list[Item] = []
        self._read_at = float("-inf")
        self._documents: dict[tuple[str, str], OpenApiDocument | None] = {}

    def forget(self) -> None:
        """Read anew what is asked for next: something was written."""
        self._read_at = float("-inf")

    def published(self) -> list[Item]:
        """Return the definitions whose entries can be read and written."""
        if self._clock() - self._read_at > _FRESH_S:
            self._definitions = self.all_items(DOCUMENT_PATHS[DEFINITION])
            self._read_at = self._clock()
        return [
            definition for definition in self._definitions if _is_published(definition)
        ]

    def picklists(self) -> list[Item]:
        """Return the picklists with their entries."""
        return self.all_items(DOCUMENT_PATHS[PICKLIST])

    def path_of(self, entity_type: EntityType, scope: str = "") -> str:
        """Return where the items of an entity type are.

        Raises:
            UnknownName: The server has no such object, or no more.
            Refused: It states a path that is none.
        """
        if entity_type.class_name != OBJECT_ENTRY:
            if entity_type.name not in DOCUMENT_PATHS:
                raise UnknownName(_KIND, entity_type.name, tuple(DOCUMENT_PATHS))
            return DOCUMENT_PATHS[entity_type.name]
        path = self._object_path(self.definition_of(entity_type))
        return f"{path}/scopes/{quote(scope, safe='')}" if scope else path

    def definition_of(self, entity_type: EntityType) -> Item:
        """Return the published definition of an object's entries.

        Raises:
            UnknownName: The server has no such object, or no more.
        """
        for _ in range(2):
            known = {object_type_name(each["name"]): each for each in self.published()}
            if entity_type.name in known:
                return known[entity_type.name]
            self.forget()
        raise UnknownName(_KIND, entity_type.name, tuple(sorted(known)))

    def documents(self, definitions: Sequence[Item]) -> list[OpenApiDocument | None]:
        """Return the OpenAPI documents of objects; None where there is none."""
        paths = [self._object_path(definition) for definition in definitions]
        versions = [
            str(definition.get("dateModified") or "") for definition in definitions
        ]
        keys = list(zip(paths, versions, strict=True))
        missing = [key for key in dict.fromkeys(keys) if key not in self._documents]
        for key, document in zip(missing, self._read(missing), strict=True):
            self._documents[key] = document
        return [self._documents[key] for key in keys]

    def document(self, kind: str) -> OpenApiDocument | None:
        """Return the OpenAPI document that describes definitions or picklists."""
        key = (KINDS_BY_NAME[kind].api, "")
        if key not in self._documents:
            (self._documents[key],) = self._read([key])
        return self._documents[key]

    def version(self) -> tuple[int, ...]:
        """Return the version of the server's API of definitions; empty if unknown."""
        document = self.document(DEFINITION)
        return read_version(document) if document else ()

    def all_items(self, path: str) -> list[Item]:
        """Return every item of a short list, by id."""
        items: list[Item] = []
        page = 1
        while True:
            asked = {"page": page, "pageSize": PAGE_SIZE}
            answer = read_page(self._client, path, asked)
            items += answer["items"]
            if page >= answer["lastPage"] or not answer["items"]:
                return sorted(items, key=lambda each: int(each.get("id") or 0))
            page += 1

    def _read(self, keys: Sequence[tuple[str, str]]) -> list[OpenApiDocument | None]:
        asked: list[tuple[str, Mapping[str, Any]]] = [
            (f"{path}/openapi.json", {}) for path, _ in keys
        ]
        return [parse_document(each.json()) for each in self._client.get_all(asked)]

    def _object_path(self, definition: Item) -> str:
        """Return the path that a definition states, if it is one below ``/o/c``.

        It comes from a server, and credentials are sent there.
        """
        stated = definition.get("restContextPath")
        path = stated if isinstance(stated, str) else ""
        path = path if path.startswith("/o/") else f"/o{path}"
        if not _OBJECT_PATH.fullmatch(path):
            name = definition.get("name")
            reason = f"The server states no path for the entries of {name}."
            raise Refused(self._client.name, reason)
        return path


def read_page(client: Client, path: str, params: Mapping[str, Any]) -> Item:
    """Return a page of a list.

    Raises:
        InstallationError: There is none.
    """
    return require_page(client, client.get(path, params))


def require_page(client: Client, page: Any) -> Item:
    """Return *page* if it is one, with what every page has to state.

    Raises:
        Refused: It is none.
    """
    items = page.get("items") if isinstance(page, dict) else None
    if not isinstance(items, list) or not all(isinstance(x, dict) for x in items):
        reason = "What answered is no REST API of Liferay: a list came without items."
        raise Refused(client.name, reason)
    return {
        "items": items,
        "lastPage": _read_count(page.get("lastPage"), 1),
        "totalCount": _read_count(page.get("totalCount"), len(items)),
    }


def _read_count(stated: Any, otherwise: int) -> int:
    return stated if isinstance(stated, int) and stated >= 0 else otherwise


def _is_published(definition: Item) -> bool:
    status = definition.get("status")
    code = status.get("code") if isinstance(status, dict) else status
    return code == 0 and not (
        definition.get("system") and not _is_modifiable(definition)
    )


def _is_modifiable(definition: Item) -> bool:
    return bool(definition.get("modifiable"))


def entity_types(directory: ServerMetadata) -> list[EntityType]:
    """Return the entity types of a server, in the order of their labels."""
    kinds = [
        restrict_document_type(each, directory.document(each.name))
        for each in build_document_entity_types()
    ]
    definitions = directory.published()
    found = kinds + _entry_types(directory, definitions)
    return sorted(found, key=lambda each: each.label)


def _entry_types(
    directory: ServerMetadata, definitions: list[Item]
) -> list[EntityType]:
    if not definitions:
        return []
    picklists = {
        str(picklist.get("externalReferenceCode")): picklist
        for picklist in directory.picklists()
    }
    documents = directory.documents(definitions)
    bodies = {
        str(definition.get("externalReferenceCode")): definition
        for definition in definitions
    }
    links = find_many_to_many_relationships(bodies)
    names = {erc: str(body["name"]) for erc, body in bodies.items()}
    found = []
    for (erc, body), document in zip(bodies.items(), documents, strict=True):
        linked = {k: names[other] for k, other in links.get(erc, {}).items()}
        known = build_entry_entity_type(
            _without_system_fields(body), picklists, linked, names
        )
        found.append(merge_entry_type(known, document))
    return found


def _without_system_fields(definition: Item) -> Item:
    """Leave the fields that somebody made; those of the system are the same in all."""
    stated = definition.get("objectFields")
    fields = [
        each
        for each in (stated if isinstance(stated, list) else ())
        if isinstance(each, dict) and each.get("name") and each.get("businessType")
    ]
    return {**definition, "objectFields": select_custom_fields(fields)}


_SITES_PATH: Final = "/o/batch-planner/v1.0/plans/{}/site-scopes"


def list_sites(client: Client, entity_type: EntityType) -> list[Site]:
    """Return the sites, each with what names it in paths: all that the user may see.

    Raises:
        Refused: The server does not tell: its Data Migration Center is gone, or the
            user may not ask it. A list that may lack some is no way out.
    """
    path = _SITES_PATH.format(quote(entity_type.key, safe=""))
    found: dict[str, Site] = {}
    number, last = 1, 1
    while number <= last:
        params = {"export": "true", "page": number, "pageSize": PAGE_SIZE}
        answer = client.ask("GET", path, params=params)
        if not answer.is_good:
            reason = (
                f"{entity_type.name} has entries in sites, and the server does not "
                "tell which sites there are. Name them: --site of dmc migrate and dmc "
                "export-package, or the scope of a plan."
            )
            raise Refused(client.name, reason)
        page = require_page(client, answer.json())
        for item in page["items"]:
            key = item.get("value")
            if isinstance(key, int | str) and key:
                label = item.get("label")
                named = label if isinstance(label, str) and label else str(key)
                found.setdefault(str(key), Site(str(key), named))
        number, last = number + 1, page["lastPage"]
    return list(found.values())


def count_items(
    client: Client, paths: Sequence[str], params: Mapping[str, Any]
) -> list[int]:
    """Return how many items a query finds at each of some lists.

    Raises:
        InstallationError: One of them cannot be read.
    """
    asked = [(path, {**params, "page": 1, "pageSize": 1}) for path in paths]
    answers = client.get_all(asked)
    return [
        int(require_page(client, client.value(answer))["totalCount"])
        for answer in answers
    ]
