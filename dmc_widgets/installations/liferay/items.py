"""Items of a server: read by external reference code, and normalized.

A server adds to its items what is of no use elsewhere: links, pictures, the ids of
nested parts. It also leaves out what has no value. Normalized items equal those of
other installations.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from hashlib import blake2b
from typing import Any, Final
from urllib.parse import quote

from ...errors import Refused
from ...model.entity_type import OBJECT_ENTRY, EntityType, object_type_name
from ...objects.entries.system_properties import CATEGORY_BRIEFS, EMPTY
from ...objects.fields.many_to_many import (
    find_many_to_many_relationships,
    is_link_list,
)
from ...objects.fields.relationship import is_valid_erc
from ...objects.names import ERC
from ...ports import Item
from .http.client import QUERY_SAFE_CHARS, Client
from .http.errors import Response
from .http.exact_json import canonical
from .metadata import ServerMetadata, read_page, require_page

CODE_AND_ID: Final = f"{ERC},id"
"""The fields that identify an item."""

_ACTIONS: Final = "actions"
"""Links to what the user may do with an item; a server checks permissions for them."""

_MAX_KEYS: Final = 500  # in one request; a server with smaller pages returns several
_MAX_FILTER_CHARS: Final = 5500  # servers and proxies accept 8,000 for everything

_LOCAL_PROPERTIES: Final = frozenset(
    [
        "actions",
        "dateCreated",
        "dateModified",
        "id",
        "listTypeDefinitionId",
        "objectDefinitionId",
        "objectDefinitionId1",
        "objectDefinitionId2",
        "objectFieldId",
        "objectRelationshipId",
        "x-class-name",
    ]
)
"""Properties of nested parts of a definition that mean nothing on another server."""

_LOCAL_AUTHOR_PROPERTIES: Final = frozenset(
    ["additionalName", "contentType", "externalReferenceCode", "image", "profileURL"]
)
_CATEGORY_NAME: Final = "taxonomyCategoryName"
_CHOICE_PROPERTIES: Final = frozenset({"key", "name"})
_VOLATILE_FIELDS: Final = frozenset({"dateModified"})


def nested_names(entity_type: EntityType, names: Collection[str] | None) -> str:
    """Return the *nestedFields* that a server includes in an entry only if asked to.

    Args:
        entity_type: The entity type that the entries belong to.
        names: The names of the fields to read; None for all.
    """
    nested = []
    for field in entity_type.fields:
        if names is not None and field.name not in names:
            continue
        if is_link_list(field):
            nested.append(field.name)
        elif field.custom and field.type == "Attachment":
            nested.append(f"{field.name}.fileBase64")
    return ",".join(nested)


def item_checksum(item: Mapping[str, Any], entity_type: EntityType) -> str:
    """Return a checksum, in eight characters, of what an import can change in an item.

    Two checksums of an item show whether a batch has changed it. The date of change
    does not: a server sets it even where nothing changed.
    """
    read_only = {field.name for field in entity_type.fields if field.read_only}
    ignored = read_only | _VOLATILE_FIELDS
    values = {name: value for name, value in item.items() if name not in ignored}
    return blake2b(canonical(values), digest_size=4).hexdigest()


class ItemNormalizer:
    """Turns the items that a server returns into items with certain fields.

    Args:
        entity_type: The entity type that the items belong to.
        names: The names of the fields; None for all that an export may hold.
    """

    def __init__(
        self, entity_type: EntityType, names: tuple[str, ...] | None = None
    ) -> None:
        self._names = names
        self._all = tuple(field.name for field in entity_type.export_fields)
        self._is_entry = entity_type.class_name == OBJECT_ENTRY
        self._converters = _make_converters(entity_type) if self._is_entry else {}

    def item(self, raw: Mapping[str, Any]) -> Item:
        """Return the normalized item; fields without a value are None."""
        names = self._all if self._names is None else self._names
        item = {name: raw.get(name) for name in names}
        if self._is_entry:
            for name, convert in self._converters.items():
                is_list = convert is _normalize_codes and name in item
                if is_list or item.get(name) is not None:
                    item[name] = convert(item[name])
            return item
        if self._names is None:
            unlisted = raw.keys() - item.keys() - {"actions", "x-class-name"}
            item |= {name: raw[name] for name in sorted(unlisted)}
        return {name: _without_local_properties(value) for name, value in item.items()}


def _make_converters(entity_type: EntityType) -> dict[str, Callable[[Any], Any]]:
    converters: dict[str, Callable[[Any], Any]] = {
        "creator": _normalize_author,
        CATEGORY_BRIEFS: _normalize_briefs,
    }
    for field in entity_type.fields:
        if field.custom and field.type in {"MultiselectPicklist", "Picklist"}:
            converters[field.name] = _normalize_choice
        elif is_link_list(field):
            converters[field.name] = _normalize_codes
        elif field.custom and field.type == "PrecisionDecimal":
            converters[field.name] = _normalize_decimal
    return converters


def _normalize_codes(value: Any) -> Any:
    """Keep the codes of related entries, in the order of all installations."""
    entries = value if isinstance(value, list) else []
    codes = [entry.get(ERC) if isinstance(entry, dict) else entry for entry in entries]
    texts = [code for code in codes if isinstance(code, str)]
    return [{ERC: code} for code in sorted(texts)]


def _normalize_decimal(value: Any) -> Any:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return Decimal(str(value)) if is_number else value


def _normalize_choice(value: Any) -> Any:
    """Keep key and name of a choice, or of each choice in a list."""
    if isinstance(value, list):
        return [_normalize_choice(choice) for choice in value]
    if isinstance(value, dict):
        return {
            name: part for name, part in value.items() if name in _CHOICE_PROPERTIES
        }
    return value


def _normalize_briefs(value: Any) -> Any:
    """Give every category its name; a server leaves out names that are null."""
    if not isinstance(value, list):
        return value
    return [
        {_CATEGORY_NAME: None, **brief} if isinstance(brief, dict) else brief
        for brief in value
    ]


def _normalize_author(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {
        name: part
        for name, part in value.items()
        if name not in _LOCAL_AUTHOR_PROPERTIES
    }


def _without_local_properties(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_local_properties(part) for part in value]
    if isinstance(value, dict):
        return {
            name: _without_local_properties(part)
            for name, part in value.items()
            if name not in _LOCAL_PROPERTIES
        }
    return value


@dataclass(frozen=True, slots=True)
class RelatedType:
    """The other side of a many-to-many relationship.

    Attributes:
        type: The entity type of the entries there; it has nothing but its names.
        has_sites: The entries belong to sites.
    """

    type: EntityType
    has_sites: bool


class ScopeNotFound(Refused):
    """The server does not have the site, or no entries of the object in it."""


def _without_placeholders(items: Mapping[str, Item]) -> dict[str, Item]:
    """Leave out what is not there: entries that have only been named so far."""
    return {key: item for key, item in items.items() if not is_placeholder(item)}


def is_placeholder(item: Mapping[str, Any]) -> bool:
    """Return True if an item has only been named so far: its status is *empty*."""
    status = item.get("status")
    return isinstance(status, dict) and status.get("code") == EMPTY


class ItemFetcher:
    """Reads items of one server by their codes.

    Args:
        client: The client of the server.
        metadata: The metadata of the server.
    """

    def __init__(self, client: Client, metadata: ServerMetadata) -> None:
        self._client = client
        self._metadata = metadata
        self._without_filter: set[str] = set()

    def version(self) -> tuple[int, ...]:
        """Return the version of the server's API of definitions; empty if unknown."""
        return self._metadata.version()

    def list_path(self, entity_type: EntityType, scope: str = "") -> str:
        """Return the path of the list of an entity type's items."""
        return self._metadata.list_path(entity_type, scope)

    def related_types(self, entity_type: EntityType) -> dict[str, RelatedType]:
        """Return the other sides of an object's many-to-many relationships, by name."""
        names = [field.name for field in entity_type.fields if is_link_list(field)]
        if not names:
            return {}
        own = self._metadata.published_definition(entity_type)
        by_erc = {
            str(definition.get(ERC)): definition
            for definition in self._metadata.published_definitions()
        }
        others = find_many_to_many_relationships(by_erc).get(str(own.get(ERC)), {})
        return {
            name: _make_related_type(by_erc[others[name]])
            for name in names
            if name in others
        }

    def fetch(
        self,
        entity_type: EntityType,
        keys: Sequence[str],
        scope: str = "",
        fields: str = "",
    ) -> dict[str, Item]:
        """Return the items as the server returns them, by code.

        Args:
            entity_type: The entity type that the items belong to.
            keys: The codes; those that no item can have are ignored.
            scope: The key of a site.
            fields: The names of the fields, separated by commas; empty for all.

        Raises:
            ScopeNotFound: The server has no list of these items in the site.
            InstallationError: The server does not answer, or refuses.
        """
        options = {"fields": fields}
        if not fields:
            nested = nested_names(entity_type, None)
            options = {"nestedFields": nested, "restrictFields": _ACTIONS}
        return self._fetch(entity_type, keys, scope, options)

    def fetch_links(
        self,
        entity_type: EntityType,
        keys: Sequence[str],
        scope: str,
        names: Sequence[str],
    ) -> dict[str, Item]:
        """Return items as :meth:`fetch` does, with ids and lists of links alone."""
        nested = ",".join(names)
        options = {"fields": f"{CODE_AND_ID},{nested}", "nestedFields": nested}
        return self._fetch(entity_type, keys, scope, options)

    def _fetch(
        self,
        entity_type: EntityType,
        keys: Sequence[str],
        scope: str,
        options: Mapping[str, str],
    ) -> dict[str, Item]:
        path = self._metadata.list_path(entity_type, scope)
        valid = [key for key in dict.fromkeys(keys) if key and is_valid_erc(key)]
        params = {name: value for name, value in options.items() if value}
        if path not in self._without_filter:
            items = self._fetch_by_filter(path, valid, params)
            if items is not None:
                return _without_placeholders(items)
            self._without_filter.add(path)
        return _without_placeholders(self._fetch_singly(path, valid, params))

    def _fetch_by_filter(
        self, path: str, keys: Sequence[str], params: Mapping[str, Any]
    ) -> dict[str, Item] | None:
        """Fetch many items a request; None if the server cannot filter by code."""
        requests = [
            (path, {"filter": text, "page": 1, "pageSize": _MAX_KEYS, **params})
            for text in _make_filters(keys)
        ]
        wanted = set(keys)
        items: dict[str, Item] = {}
        responses = self._client.get_many(requests)
        for (_, page_params), response in zip(requests, responses, strict=True):
            if response.status in {400, 500, 501}:
                return None
            if response.status == 404 and "/scopes/" in path:
                reason = str(self._client.error_for(response))
                raise ScopeNotFound(self._client.name, reason)
            for item in self._all_pages(path, page_params, response):
                code = item.get(ERC)
                if code in wanted:  # some databases do not distinguish cases
                    items[str(code)] = item
        return items

    def _all_pages(
        self, path: str, params: Mapping[str, Any], response: Response
    ) -> Iterator[Item]:
        """Yield the items of a response, and of the pages after it."""
        page = require_page(self._client, self._client.require_json(response))
        number = 1
        while True:
            yield from page["items"]
            if number >= int(page["lastPage"]) or not page["items"]:
                return
            number += 1
            page = read_page(self._client, path, {**params, "page": number})

    def _fetch_singly(
        self, path: str, keys: Sequence[str], params: Mapping[str, Any]
    ) -> dict[str, Item]:
        requests = [(item_path(path, key), params) for key in keys]
        items: dict[str, Item] = {}
        responses = self._client.get_many(requests)
        for key, response in zip(keys, responses, strict=True):
            if response.status != 404:
                items[key] = dict(self._client.require_json(response))
        return items


def _make_related_type(definition: Item) -> RelatedType:
    short_name = str(definition["name"])
    entity_type = EntityType(
        name=object_type_name(short_name), label=short_name, class_name=OBJECT_ENTRY
    )
    return RelatedType(entity_type, definition.get("scope") == "site")


def item_path(path: str, key: str) -> str:
    """Return the path of the item with a code in the list at *path*."""
    return f"{path}/by-external-reference-code/{quote(key, safe='')}"


def _make_filters(keys: Sequence[str]) -> Iterator[str]:
    """Yield filters that together match all codes, each short enough for a URL."""
    literals: list[str] = []
    chars = 0
    for key in keys:
        literal = "'" + key.replace("'", "''") + "'"
        length = len(quote(literal, safe=QUERY_SAFE_CHARS)) + 1
        is_full = len(literals) == _MAX_KEYS or chars + length > _MAX_FILTER_CHARS
        if literals and is_full:
            yield f"{ERC} in ({','.join(literals)})"
            literals, chars = [], 0
        literals.append(literal)
        chars += length
    if literals:
        yield f"{ERC} in ({','.join(literals)})"
