"""Items as a server gives them out, made the same as those of other installations.

A server adds what is of no use elsewhere: links, pictures, the ids of nested parts.
It also leaves out what has no value. Here that is put right.

Items by their external reference codes: many a request, or one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from hashlib import blake2b
from typing import Any, Final
from urllib.parse import quote

from ...errors import Refused
from ...model.entity_type import OBJECT_ENTRY, EntityType, Field, object_type_name
from ...objects.entries.system_properties import CATEGORY_BRIEFS
from ...objects.fields.many_to_many import find_many_to_many_relationships
from ...objects.fields.relationship import is_valid_erc
from ...objects.names import ERC
from ...ports import Item
from .http.client import QUERY_SAFE_CHARS, Client
from .http.errors import Response
from .http.exact_json import canonical
from .metadata import ServerMetadata, require_page

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


class ItemNormalizer:
    """Turns what a server gives out into items with the fields asked for.

    Args:
        entity_type: Of the items.
        names: The fields asked for; None for all that an export may hold.
    """

    def __init__(
        self, entity_type: EntityType, names: tuple[str, ...] | None = None
    ) -> None:
        self._names = names
        self._all = tuple(field.name for field in entity_type.export_fields)
        self._is_entry = entity_type.class_name == OBJECT_ENTRY
        self._converters = _make_converters(entity_type) if self._is_entry else {}

    def item(self, given: Mapping[str, Any]) -> Item:
        """Return the item; fields without a value are None."""
        names = self._all if self._names is None else self._names
        item = {name: given.get(name) for name in names}
        if self._is_entry:
            for name, convert in self._converters.items():
                if item.get(name) is not None or (
                    convert is _normalize_codes and name in item
                ):
                    item[name] = convert(item[name])
            return item
        if self._names is None:
            unlisted = given.keys() - item.keys() - {"actions", "x-class-name"}
            item |= {name: given[name] for name in sorted(unlisted)}
        return {name: _without_ids(value) for name, value in item.items()}


def _make_converters(entity_type: EntityType) -> dict[str, Callable[[Any], Any]]:
    found: dict[str, Callable[[Any], Any]] = {
        "creator": _normalize_author,
        CATEGORY_BRIEFS: _normalize_briefs,
    }
    for field in entity_type.fields:
        if field.custom and field.type in {"MultiselectPicklist", "Picklist"}:
            found[field.name] = _normalize_choice
        elif is_link_list(field):
            found[field.name] = _normalize_codes
        elif field.custom and field.type == "PrecisionDecimal":
            found[field.name] = _normalize_decimal
    return found


def is_link_list(field: Field) -> bool:
    """Say whether a field holds the entries of a many-to-many relationship."""
    return field.custom and field.type == "array"


def nested_names(entity_type: EntityType, names: Collection[str] | None) -> str:
    """Name what a server only gives out with an entry if it is asked to.

    Args:
        entity_type: Of the entries.
        names: The fields asked for; None for all.
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


def _normalize_codes(value: Any) -> Any:
    """Leave the codes of related entries, in the order of all installations."""
    given = value if isinstance(value, list) else []
    codes = [x.get(ERC) if isinstance(x, dict) else x for x in given]
    return [{ERC: each} for each in sorted(x for x in codes if isinstance(x, str))]


def _normalize_decimal(value: Any) -> Any:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return Decimal(str(value)) if is_number else value


def _normalize_choice(value: Any) -> Any:
    """Leave key and name of a choice, or of each choice in a list."""
    if isinstance(value, list):
        return [_normalize_choice(each) for each in value]
    if isinstance(value, dict):
        return {k: v for k, v in value.items() if k in _CHOICE_PROPERTIES}
    return value


def _normalize_briefs(value: Any) -> Any:
    """Give every category its name; a server leaves out what is null."""
    if not isinstance(value, list):
        return value
    return [{_CATEGORY_NAME: None, **x} if isinstance(x, dict) else x for x in value]


def _normalize_author(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {k: v for k, v in value.items() if k not in _LOCAL_AUTHOR_PROPERTIES}


def _without_ids(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_ids(each) for each in value]
    if isinstance(value, dict):
        return {
            name: _without_ids(each)
            for name, each in value.items()
            if name not in _LOCAL_PROPERTIES
        }
    return value


def item_checksum(item: Mapping[str, Any], entity_type: EntityType) -> str:
    """Sum up what of a stored item an import could change, in eight characters.

    Two sums of one item tell whether a batch changed it: a server sets the date
    of change even where nothing did.
    """
    fixed = {
        field.name for field in entity_type.fields if field.read_only
    } | _VOLATILE_FIELDS
    kept = {name: value for name, value in item.items() if name not in fixed}
    return blake2b(canonical(kept), digest_size=4).hexdigest()


CODE_AND_ID: Final = f"{ERC},id"
"""The least that says which item is which."""

_MAX_KEYS: Final = 500  # of one request; a server that makes pages smaller gives more
_MAX_FILTER_CHARS: Final = (
    5500  # servers and proxies take 8,000 with everything around it
)


@dataclass(frozen=True, slots=True)
class RelatedType:
    """The other side of a many-to-many relationship.

    Attributes:
        type: Of the entries there; it bears nothing but its names.
        has_sites: They belong to sites.
    """

    type: EntityType
    has_sites: bool


class ScopeNotFound(Refused):
    """The server has no such site, or no entries of the object in it."""


class ItemFetcher:
    """Finds items of one server by their codes.

    Args:
        client: Of the server.
        directory: Of the server.
    """

    def __init__(self, client: Client, metadata: ServerMetadata) -> None:
        self._client = client
        self._metadata = metadata
        self._without_filter: set[str] = set()

    def version(self) -> tuple[int, ...]:
        """Return the version of the server's API of definitions; empty if unknown."""
        return self._metadata.version()

    def list_path(self, entity_type: EntityType, scope: str = "") -> str:
        """Return where the items of an entity type are."""
        return self._metadata.list_path(entity_type, scope)

    def related_types(self, entity_type: EntityType) -> dict[str, RelatedType]:
        """Return the other sides of an object's many-to-many relationships, by name."""
        names = [field.name for field in entity_type.fields if is_link_list(field)]
        if not names:
            return {}
        own = self._metadata.published_definition(entity_type)
        bodies = {
            str(each.get(ERC)): each for each in self._metadata.published_definitions()
        }
        others = find_many_to_many_relationships(bodies).get(str(own.get(ERC)), {})
        return {
            name: _make_related_type(bodies[others[name]])
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
        """Return the items as the server gives them out, by code.

        Args:
            entity_type: Of the items.
            keys: Those that no item could bear are passed over.
            scope: A site's key.
            fields: Names joined by commas; empty for all.

        Raises:
            ScopeNotFound: The server has no list of these items in the site.
            InstallationError: It does not answer.
        """
        path = self._metadata.list_path(entity_type, scope)
        wanted = [key for key in dict.fromkeys(keys) if key and is_valid_erc(key)]
        nested = "" if fields else nested_names(entity_type, None)
        extra = {"fields": fields, "nestedFields": nested}
        extra = {name: value for name, value in extra.items() if value}
        if path not in self._without_filter:
            found = self._filtered(path, wanted, extra)
            if found is not None:
                return found
            self._without_filter.add(path)
        return self._one_by_one(path, wanted, extra)

    def _filtered(
        self, path: str, keys: Sequence[str], extra: Mapping[str, Any]
    ) -> dict[str, Item] | None:
        """Ask by filter; None where the server takes none for codes."""
        asked = [
            (path, {"filter": each, "page": 1, "pageSize": _MAX_KEYS, **extra})
            for each in _make_filters(keys)
        ]
        wanted = set(keys)
        found: dict[str, Item] = {}
        for (_, params), answer in zip(
            asked, self._client.get_many(asked), strict=True
        ):
            if answer.status in {400, 500, 501}:
                return None
            if answer.status == 404 and "/scopes/" in path:
                raise ScopeNotFound(
                    self._client.name, str(self._client.error_for(answer))
                )
            for item in self._all_pages(path, params, answer):
                code = item.get(ERC)
                if code in wanted:  # some databases do not tell upper from lower case
                    found[str(code)] = item
        return found

    def _all_pages(
        self, path: str, params: Mapping[str, Any], answer: Response
    ) -> Iterator[Item]:
        """Yield the items of an answer, and of what the server cut off from it."""
        page = require_page(self._client, self._client.require_json(answer))
        number = 1
        while True:
            yield from page["items"]
            if number >= int(page["lastPage"]) or not page["items"]:
                return
            number += 1
            again = self._client.get_json(path, {**params, "page": number})
            page = require_page(self._client, again)

    def _one_by_one(
        self, path: str, keys: Sequence[str], extra: Mapping[str, Any]
    ) -> dict[str, Item]:
        asked = [(item_path(path, key), extra) for key in keys]
        found: dict[str, Item] = {}
        for key, answer in zip(keys, self._client.get_many(asked), strict=True):
            if answer.status != 404:
                found[key] = dict(self._client.require_json(answer))
        return found


def _make_related_type(definition: Item) -> RelatedType:
    short = str(definition["name"])
    entity_type = EntityType(
        name=object_type_name(short), label=short, class_name=OBJECT_ENTRY
    )
    return RelatedType(entity_type, definition.get("scope") == "site")


def item_path(path: str, key: str) -> str:
    """Return the place of the item with that code."""
    return f"{path}/by-external-reference-code/{quote(key, safe='')}"


def _make_filters(keys: Sequence[str]) -> Iterator[str]:
    """Cut the codes into filters that a URL has room for."""
    texts: list[str] = []
    chars = 0
    for key in keys:
        text = "'" + key.replace("'", "''") + "'"
        length = len(quote(text, safe=QUERY_SAFE_CHARS)) + 1
        if texts and (len(texts) == _MAX_KEYS or chars + length > _MAX_FILTER_CHARS):
            yield f"{ERC} in ({','.join(texts)})"
            texts, chars = [], 0
        texts.append(text)
        chars += length
    if texts:
        yield f"{ERC} in ({','.join(texts)})"
