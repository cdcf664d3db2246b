"""Read items: page by page, or by an export task if there are many.

An export task costs the server one pass over its data and us one download, but the
server builds the whole file in memory first, and returns nothing until then. So it is
used for reading everything, from :data:`EXPORT_TASK_FROM` items on. Whatever a person
waits for, or narrows down, is read in pages. So are entries with files or many-to-many
relationships, which older servers leave out of exports. Pages are read, too, where an
export task fails.
"""

from __future__ import annotations

import io
import tempfile
import uuid
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from itertools import chain, filterfalse
from operator import length_hint
from typing import Any, Final, cast

from ...errors import InvalidQuery, Refused, Unreachable
from ...model.entity_type import DEFAULT_DELEGATE, OBJECT_ENTRY, EntityType
from ...objects.entries.system_properties import has_site_scope
from ...ports import Item, Page, Query
from .batch_task import (
    BATCH_ENGINE_API,
    COMPLETED,
    make_poll_schedule,
    require_task,
    wait_for_task,
)
from .http.cancellation import submit
from .http.client import Client
from .http.errors import Response, UnknownDelivery
from .http.exact_json import decode
from .items import ItemNormalizer, is_placeholder, nested_names
from .metadata import (
    PAGE_SIZE,
    ServerMetadata,
    count_items,
    list_sites,
    read_page,
    require_page,
)

EXPORT_TASK_FROM: Final = 20_000

_BUFFER_BYTES: Final = 256 * 1024
_EXPORT_TASKS: Final = f"{BATCH_ENGINE_API}/export-task"
_BY_ID: Final = "id:asc"
_BY_DATE: Final = "dateCreated:asc"


class SizedIterator:
    """An iterator over items whose number is known after the first page.

    Args:
        items: The items.
        size: How many there are, for ``operator.length_hint``.
    """

    def __init__(self, items: Iterator[Item], size: int) -> None:
        self._items = items
        self._size = size

    def __iter__(self) -> Iterator[Item]:
        return self

    def __next__(self) -> Item:
        return next(self._items)

    def __length_hint__(self) -> int:
        return self._size


class EntityReader:
    """Reads the items of one server.

    Args:
        client: The client of the server.
        metadata: The metadata of the server.
        export_from: The number of items from which an export task is used.
    """

    def __init__(
        self,
        client: Client,
        metadata: ServerMetadata,
        export_from: int = EXPORT_TASK_FROM,
    ) -> None:
        self._client = client
        self._metadata = metadata
        self._export_from = export_from

    def read(self, entity_type: EntityType, query: Query) -> Iterator[Item]:
        """Yield items in the order in which they were added, site by site."""
        if has_site_scope(entity_type) and not query.scope:
            sites = [site.key for site in list_sites(self._client, entity_type)]
            if not sites:
                return SizedIterator(iter(()), 0)
            return self._read_sites(entity_type, query, sites)
        return self._read(entity_type, query)

    def page(
        self, entity_type: EntityType, query: Query, page: int, page_size: int
    ) -> Page:
        """Return one page of entries; the server is asked for no others.

        The contents of attachments are left out. A page of all sites may take entries
        from several of them.
        """
        start = (page - 1) * page_size
        if not has_site_scope(entity_type) or query.scope:
            return self._window(entity_type, query, start, page_size)
        sites = [site.key for site in list_sites(self._client, entity_type)]
        queries = [replace(query, scope=site) for site in sites]
        if not queries:
            return Page([], 0)
        items: list[Item] = []
        total = 0
        for site_query, count in zip(
            queries, self._count_sites(entity_type, queries), strict=True
        ):
            first = max(0, start - total)
            wanted = min(page_size - len(items), count - first)
            if wanted > 0:
                items += self._window(entity_type, site_query, first, wanted).items
            total += count
        return Page(items, total)

    def _window(
        self, entity_type: EntityType, query: Query, start: int, size: int
    ) -> Page:
        """Return the entries from *start* on; pages of the server begin elsewhere."""
        path = self._metadata.list_path(entity_type, query.scope)
        normalizer = ItemNormalizer(entity_type, query.fields)
        params = {**_query_params(query), "pageSize": size, "page": start // size + 1}
        nested = nested_names(entity_type, _names_without_files(entity_type, query))
        if nested:
            params["nestedFields"] = nested
        first, params = self._first_page(path, query, params)
        raw, skipped = list(first["items"]), start % size
        if skipped and len(raw) == size:
            following = {**params, "page": params["page"] + 1}
            raw += read_page(self._client, path, following)["items"]
        raw = raw[skipped : skipped + size]
        if "status" not in query.filter:  # a filter may ask for placeholders
            raw = [item for item in raw if not is_placeholder(item)]
        return Page([normalizer.item(item) for item in raw], int(first["totalCount"]))

    def _count_sites(
        self, entity_type: EntityType, queries: Sequence[Query]
    ) -> list[int]:
        """Return how many entries match each query.

        Raises:
            InvalidQuery: The server does not understand the first of them.
        """
        path = self._metadata.list_path(entity_type, queries[0].scope)
        first = {**_query_params(queries[0]), "pageSize": 1}
        self._first_page(path, queries[0], first)
        paths = [self._metadata.list_path(entity_type, x.scope) for x in queries]
        options = {"filter": queries[0].filter, "search": queries[0].search}
        params = {name: text for name, text in options.items() if text}
        return count_items(self._client, paths, params)

    def _read_sites(
        self, entity_type: EntityType, query: Query, sites: list[str]
    ) -> Iterator[Item]:
        """Read one site after another, without those that have no matching items.

        The first one is read at once, so that a query that makes no sense is refused.
        """
        first, *others = (replace(query, scope=site) for site in sites)
        first_items = self._read(entity_type, first)
        paths = [self._metadata.list_path(entity_type, other.scope) for other in others]
        options = {"filter": query.filter, "search": query.search}
        params = {name: text for name, text in options.items() if text}
        counts = count_items(self._client, paths, params)
        matching = [other for other, count in zip(others, counts, strict=True) if count]
        other_items = (self._read(entity_type, other) for other in matching)
        items = chain(first_items, chain.from_iterable(other_items))
        return SizedIterator(items, length_hint(first_items) + sum(counts))

    def _read(self, entity_type: EntityType, query: Query) -> Iterator[Item]:
        normalizer = ItemNormalizer(entity_type, query.fields)
        path = self._metadata.list_path(entity_type, query.scope)
        if entity_type.class_name != OBJECT_ENTRY:
            items = list(filterfalse(is_placeholder, self._metadata.read_all(path)))
            return SizedIterator(map(normalizer.item, items), len(items))
        params = _query_params(query)
        nested = nested_names(entity_type, query.fields)
        if nested:
            params["nestedFields"] = nested
        first, params = self._first_page(path, query, params)
        count = int(first["totalCount"])
        pages = self._pages(path, params, first)
        raw: Iterator[Item] = chain.from_iterable(pages)
        if count >= self._export_from and _is_unfiltered(query) and not nested:
            raw = self._export(entity_type, query, params.get("sort", ""), raw)
        if "status" not in query.filter:  # a filter may ask for placeholders
            raw = filterfalse(is_placeholder, raw)
        return SizedIterator(map(normalizer.item, raw), count)

    def _export(
        self,
        entity_type: EntityType,
        query: Query,
        sort: str,
        fallback: Iterator[Item],
    ) -> Iterator[Item]:
        """Yield the items of an export task, which is created with the first of them.

        A caller that needs the number of items alone costs the server no export.
        """
        raw = export_items(self._client, entity_type, query, sort)
        yield from fallback if raw is None else raw

    def _first_page(
        self, path: str, query: Query, params: dict[str, Any]
    ) -> tuple[Item, dict[str, Any]]:
        """Return the first page, and the parameters with the best order supported.

        Raises:
            InvalidQuery: The server does not understand the query.
        """
        for sort in (query.sort,) if query.sort else (_BY_ID, _BY_DATE, ""):
            sorted_params = {**params, "sort": sort} if sort else params
            response = self._client.request("GET", path, params=sorted_params)
            if response.status != 400:
                return self._require_page(response, path), sorted_params
        if query.filter or query.sort:
            option = "filter" if query.filter else "sort"
            title = response.problem()[0] or "The server does not understand it."
            raise InvalidQuery(option, title[:1].lower() + title[1:])
        raise self._client.error_for(response)

    def _require_page(self, response: Response, path: str) -> Item:
        if response.status == 404 and "/scopes/" not in path:
            reason = (
                "The entries of this object belong to sites, or do not exist any more. "
                "Name the site."
            )
            raise Refused(self._client.name, reason)
        return require_page(self._client, self._client.require_json(response))

    def _pages(
        self, path: str, params: dict[str, Any], first: Item
    ) -> Iterator[list[Item]]:
        """Yield the items of each page; the next page is fetched in the background.

        Items that are deleted during reading move those after them to earlier pages.
        So when the total falls, reading goes back that many items, and skips what it
        has read already, which it knows by the ids.
        """
        is_by_id = params.get("sort") == _BY_ID
        page, number, last_id = first, 1, 0
        while True:
            following = self._fetch_following(path, params, page, number)
            items = page["items"]
            yield [item for item in items if not is_by_id or _item_id(item) > last_id]
            last_id = max([last_id, *map(_item_id, items)])
            if following is None:
                return
            total = int(page["totalCount"])
            number += 1
            page = self._client.cancel_token.result(following)
            deleted = total - int(page["totalCount"])
            if is_by_id and deleted > 0:
                number = max(1, number - 1 - deleted // max(1, len(items)))
                page = read_page(self._client, path, {**params, "page": number})

    def _fetch_following(
        self, path: str, params: dict[str, Any], page: Item, number: int
    ) -> Future[Item] | None:
        """Start fetching the page after *page*; None if it is the last one."""
        if number >= int(page["lastPage"]) or not page["items"]:
            return None
        following = {**params, "page": number + 1}
        return submit(lambda: read_page(self._client, path, following))


def _query_params(query: Query) -> dict[str, Any]:
    params: dict[str, Any] = {"page": 1, "pageSize": PAGE_SIZE}
    if query.fields is not None:
        # Reading recognizes by the id what it has read already.
        params["fields"] = ",".join(sorted({*query.fields, "id"}))
    if query.filter:
        params["filter"] = query.filter
    if query.search:
        params["search"] = query.search
    return params


def _names_without_files(entity_type: EntityType, query: Query) -> list[str]:
    names = query.fields or [field.name for field in entity_type.fields]
    files = {field.name for field in entity_type.fields if field.type == "Attachment"}
    return [name for name in names if name not in files]


def _is_unfiltered(query: Query) -> bool:
    return not (query.filter or query.search or query.sort)


def _item_id(item: Mapping[str, Any]) -> int:
    value = item.get("id")
    return value if isinstance(value, int) else 0


def export_items(
    client: Client, entity_type: EntityType, query: Query, sort: str
) -> Iterator[Item] | None:
    """Return every item as an export task of the server writes it.

    Args:
        client: The client of the server.
        entity_type: The entity type that the items belong to.
        query: The fields and the scope to read.
        sort: The order of the items.

    Returns:
        None if the server could not export them.
    """
    try:
        task = _create_export_task(client, entity_type, query, sort)
    except Refused:
        return None
    ended = wait_for_task(client, task, "export-task", make_poll_schedule(client))
    if ended is None or ended.get("executeStatus") != COMPLETED:
        return None
    return _read_archive(client, ended)


def _create_export_task(
    client: Client, entity_type: EntityType, query: Query, sort: str
) -> Item:
    """Create an export task; in doubt, its ERC shows whether it was created."""
    erc = f"dmc-{uuid.uuid4()}"
    names = query.fields or tuple(field.name for field in entity_type.export_fields)
    params = {"externalReferenceCode": erc, "fieldNames": ",".join(names)}
    if entity_type.delegate != DEFAULT_DELEGATE:
        params["taskItemDelegateName"] = entity_type.delegate
    if query.scope:
        params["scopeKey"] = query.scope
    if sort:
        params["sort"] = sort
    path = f"{_EXPORT_TASKS}/{entity_type.class_name}/JSONL"
    for attempt in range(1, client.limits.tries + 1):
        try:
            response = client.request("POST", path, params=params)
        except UnknownDelivery as doubt:
            client.cancel_token.sleep(client.limits.wait_s * attempt)
            error: Exception = doubt.error
        else:
            if response.is_success:
                return require_task(client, client.require_json(response))
            error = client.error_for(response)
        task = client.find_json(f"{_EXPORT_TASKS}/by-external-reference-code/{erc}")
        if task is not None:
            return require_task(client, task)
        if not isinstance(error, Unreachable):
            raise error
    raise error


def _read_archive(client: Client, task: Item) -> Iterator[Item]:
    with tempfile.TemporaryFile() as file:
        response = client.download(f"{_EXPORT_TASKS}/{task['id']}/content", file)
        if not response.is_success:
            raise client.error_for(response)
        file.seek(0)
        try:
            with (
                zipfile.ZipFile(file) as archive,
                archive.open(archive.infolist()[0]) as raw,
                # A zip entry itself is slow at finding the ends of lines.
                io.BufferedReader(cast("io.RawIOBase", raw), _BUFFER_BYTES) as lines,
            ):
                for line in lines:
                    if line.strip():
                        yield _parse_item(line)
        except (
            zipfile.BadZipFile,
            ValueError,
            TypeError,
            IndexError,
            EOFError,
        ) as exc:
            reason = "The export file of the server is damaged."
            raise Unreachable(client.name, reason) from exc


def _parse_item(line: bytes) -> dict[str, Any]:
    item = decode(line)
    if type(item) is dict:
        return item
    raise TypeError(type(item).__name__)
