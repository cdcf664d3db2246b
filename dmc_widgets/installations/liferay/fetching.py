"""Items by their external reference codes: many a request, or one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from ...errors import Refused
from ...model.entity import OBJECT_ENTRY, EntityType
from ...objects.entry_faults import ERC
from ...objects.links import could_be_erc
from ...objects.many_links import linked_definitions
from ...ports import Item
from .client import PLAIN, Client
from .directory import Directory, checked_page
from .faults import Answer
from .items import is_link_list, nested_names

CODE_AND_ID: Final = f"{ERC},id"
"""The least that says which item is which."""

_KEYS: Final = 500  # of one request; a server that makes pages smaller gives more
_URL_CHARS: Final = 5500  # servers and proxies take 8,000 with everything around it


@dataclass(frozen=True, slots=True)
class Related:
    """The other side of a many-to-many relationship.

    Attributes:
        type: Of the entries there; it bears nothing but its names.
        has_sites: They belong to sites.
    """

    type: EntityType
    has_sites: bool


class NoSuchList(Refused):
    """The server has no such site, or no entries of the object in it."""


class Fetcher:
    """Finds items of one server by their codes.

    Args:
        client: Of the server.
        directory: Of the server.
    """

    def __init__(self, client: Client, directory: Directory) -> None:
        self._client = client
        self._directory = directory
        self._without_filter: set[str] = set()

    def version(self) -> tuple[int, ...]:
        """Return the version of the server's API of definitions; empty if unknown."""
        return self._directory.version()

    def path_of(self, entity_type: EntityType, scope: str = "") -> str:
        """Return where the items of an entity type are."""
        return self._directory.path_of(entity_type, scope)

    def related(self, entity_type: EntityType) -> dict[str, Related]:
        """Return the other sides of an object's many-to-many relationships, by name."""
        names = [field.name for field in entity_type.fields if is_link_list(field)]
        if not names:
            return {}
        own = self._directory.definition_of(entity_type)
        bodies = {str(each.get(ERC)): each for each in self._directory.published()}
        others = linked_definitions(bodies).get(str(own.get(ERC)), {})
        return {
            name: _related(bodies[others[name]]) for name in names if name in others
        }

    def raw_items(
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
            NoSuchList: The server has no list of these items in the site.
            InstallationError: It does not answer.
        """
        path = self._directory.path_of(entity_type, scope)
        wanted = [key for key in dict.fromkeys(keys) if key and could_be_erc(key)]
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
            (path, {"filter": each, "page": 1, "pageSize": _KEYS, **extra})
            for each in _filters(keys)
        ]
        wanted = set(keys)
        found: dict[str, Item] = {}
        for (_, params), answer in zip(asked, self._client.get_all(asked), strict=True):
            if answer.status in {400, 500, 501}:
                return None
            if answer.status == 404 and "/scopes/" in path:
                raise NoSuchList(self._client.name, str(self._client.fault(answer)))
            for item in self._all_pages(path, params, answer):
                code = item.get(ERC)
                if code in wanted:  # some databases do not tell upper from lower case
                    found[str(code)] = item
        return found

    def _all_pages(
        self, path: str, params: Mapping[str, Any], answer: Answer
    ) -> Iterator[Item]:
        """Yield the items of an answer, and of what the server cut off from it."""
        page = checked_page(self._client, self._client.value(answer))
        number = 1
        while True:
            yield from page["items"]
            if number >= int(page["lastPage"]) or not page["items"]:
                return
            number += 1
            again = self._client.get(path, {**params, "page": number})
            page = checked_page(self._client, again)

    def _one_by_one(
        self, path: str, keys: Sequence[str], extra: Mapping[str, Any]
    ) -> dict[str, Item]:
        asked = [(coded(path, key), extra) for key in keys]
        found: dict[str, Item] = {}
        for key, answer in zip(keys, self._client.get_all(asked), strict=True):
            if answer.status != 404:
                found[key] = dict(self._client.value(answer))
        return found


def _related(definition: Item) -> Related:
    short = str(definition["name"])
    entity_type = EntityType(name=f"C_{short}", label=short, class_name=OBJECT_ENTRY)
    return Related(entity_type, definition.get("scope") == "site")


def coded(path: str, key: str) -> str:
    """Return the place of the item with that code."""
    return f"{path}/by-external-reference-code/{quote(key, safe='')}"


def _filters(keys: Sequence[str]) -> Iterator[str]:
    """Cut the codes into filters that a URL has room for."""
    texts: list[str] = []
    chars = 0
    for key in keys:
        text = "'" + key.replace("'", "''") + "'"
        length = len(quote(text, safe=PLAIN)) + 1
        if texts and (len(texts) == _KEYS or chars + length > _URL_CHARS):
            yield f"{ERC} in ({','.join(texts)})"
            texts, chars = [], 0
        texts.append(text)
        chars += length
    if texts:
        yield f"{ERC} in ({','.join(texts)})"
