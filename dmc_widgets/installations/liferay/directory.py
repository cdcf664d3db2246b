"""What a server holds definitions of, and where their entries are.

The definitions are read as a whole, in few requests; the OpenAPI documents, one an
object, only where fields are asked for, several at a time. Both are kept for as long
as they may be true: definitions for a few seconds, documents until the definition
they belong to has changed.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from ...errors import Refused, UnknownName
from ...model.entity import OBJECT_ENTRY, EntityType
from ...objects.documents import DEFINITION, FOLDER, PICKLIST
from ...ports import Item
from .client import Client
from .openapi import Document, document_of, version_in

ADMIN: Final = "/o/object-admin/v1.0"
LIST_TYPE: Final = "/o/headless-admin-list-type/v1.0"
PAGE_SIZE: Final = 500
"""Asked for; the server grants what it grants, and says so."""

PATHS: Final[Mapping[str, str]] = {
    DEFINITION: f"{ADMIN}/object-definitions",
    FOLDER: f"{ADMIN}/object-folders",
    PICKLIST: f"{LIST_TYPE}/list-type-definitions",
}
_ROOTS: Final[Mapping[str, str]] = {
    DEFINITION: ADMIN,
    FOLDER: ADMIN,
    PICKLIST: LIST_TYPE,
}

_KIND: Final = "entity type"
_FRESH_S: Final = 5.0
_OBJECT_PATH: Final = re.compile(r"/o/c/[\w-]+(?:/[\w-]+)*")


class Directory:
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
        self._documents: dict[tuple[str, str], Document | None] = {}

    def forget(self) -> None:
        """Read anew what is asked for next: something was written."""
        self._read_at = float("-inf")

    def published(self) -> list[Item]:
        """Return the definitions whose entries can be read and written."""
        if self._clock() - self._read_at > _FRESH_S:
            self._definitions = self.all_items(PATHS[DEFINITION])
            self._read_at = self._clock()
        return [
            definition for definition in self._definitions if _is_published(definition)
        ]

    def picklists(self) -> list[Item]:
        """Return the picklists with their entries."""
        return self.all_items(PATHS[PICKLIST])

    def path_of(self, entity_type: EntityType, scope: str = "") -> str:
        """Return where the items of an entity type are.

        Raises:
            UnknownName: The server has no such object, or no more.
            Refused: It states a path that is none.
        """
        if entity_type.class_name != OBJECT_ENTRY:
            if entity_type.name not in PATHS:
                raise UnknownName(_KIND, entity_type.name, tuple(PATHS))
            return PATHS[entity_type.name]
        path = self._object_path(self.definition_of(entity_type))
        return f"{path}/scopes/{quote(scope, safe='')}" if scope else path

    def definition_of(self, entity_type: EntityType) -> Item:
        """Return the published definition of an object's entries.

        Raises:
            UnknownName: The server has no such object, or no more.
        """
        for _ in range(2):
            known = {f"C_{each['name']}": each for each in self.published()}
            if entity_type.name in known:
                return known[entity_type.name]
            self.forget()
        raise UnknownName(_KIND, entity_type.name, tuple(sorted(known)))

    def documents(self, definitions: Sequence[Item]) -> list[Document | None]:
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

    def document(self, kind: str) -> Document | None:
        """Return the OpenAPI document that describes definitions or picklists."""
        key = (_ROOTS[kind], "")
        if key not in self._documents:
            (self._documents[key],) = self._read([key])
        return self._documents[key]

    def version(self) -> tuple[int, ...]:
        """Return the version of the server's API of definitions; empty if unknown."""
        document = self.document(DEFINITION)
        return version_in(document) if document else ()

    def all_items(self, path: str) -> list[Item]:
        """Return every item of a short list, by id."""
        items: list[Item] = []
        page = 1
        while True:
            asked = {"page": page, "pageSize": PAGE_SIZE}
            answer = page_of(self._client, path, asked)
            items += answer["items"]
            if page >= answer["lastPage"] or not answer["items"]:
                return sorted(items, key=lambda each: int(each.get("id") or 0))
            page += 1

    def _read(self, keys: Sequence[tuple[str, str]]) -> list[Document | None]:
        asked: list[tuple[str, Mapping[str, Any]]] = [
            (f"{path}/openapi.json", {}) for path, _ in keys
        ]
        return [document_of(each.json()) for each in self._client.get_all(asked)]

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


def page_of(client: Client, path: str, params: Mapping[str, Any]) -> Item:
    """Return a page of a list.

    Raises:
        InstallationError: There is none.
    """
    return checked_page(client, client.get(path, params))


def checked_page(client: Client, page: Any) -> Item:
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
        "lastPage": _count(page.get("lastPage"), 1),
        "totalCount": _count(page.get("totalCount"), len(items)),
    }


def _count(stated: Any, otherwise: int) -> int:
    return stated if isinstance(stated, int) and stated >= 0 else otherwise


def _is_published(definition: Item) -> bool:
    status = definition.get("status")
    code = status.get("code") if isinstance(status, dict) else status
    return code == 0 and not (
        definition.get("system") and not _is_modifiable(definition)
    )


def _is_modifiable(definition: Item) -> bool:
    return bool(definition.get("modifiable"))
