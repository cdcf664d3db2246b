"""SizedIterator items: page after page, or by an export task where there are many.

An export task costs the server one pass over its data and us one download, but it
builds the whole file in its memory first and shows nothing until then. So it is for
reading everything that there is, from :data:`EXPORT_TASK_FROM` items on; whatever a
person waits for, or narrows down, comes in pages. So do entries with files or
many-to-many relationships, which older servers leave out of exports. Where an export
task fails, pages do, too.

Reading by an export task: ordered, waited for, downloaded, streamed from a file.
"""

from __future__ import annotations

import io
import tempfile
import uuid
import zipfile
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from dataclasses import replace
from itertools import chain
from operator import length_hint
from typing import Any, Final, cast

from ...errors import InvalidQuery, Refused, Unreachable
from ...model.entity_type import DEFAULT_DELEGATE, OBJECT_ENTRY, EntityType
from ...objects.entries.system_properties import has_site_scope
from ...ports import Item, Query
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
from .items import ItemNormalizer, nested_names
from .metadata import (
    PAGE_SIZE,
    ServerMetadata,
    count_items,
    list_sites,
    read_page,
    require_page,
)

_BUFFER_BYTES: Final = 256 * 1024
_EXPORT_TASKS: Final = f"{BATCH_ENGINE_API}/export-task"


def export_items(
    client: Client, entity_type: EntityType, query: Query, sort: str
) -> Iterator[Item] | None:
    """Yield every item as the server's export task wrote it.

    Args:
        client: Of the server.
        entity_type: Of the items.
        query: Fields and scope.
        sort: The order of the items.

    Returns:
        None where the server could not export; nothing has been read then.
    """
    try:
        task = _create_export_task(client, entity_type, query, sort)
    except Refused:
        return None
    done = wait_for_task(client, task, "export-task", make_poll_schedule(client))
    if done is None or done.get("executeStatus") != COMPLETED:
        return None
    return _read_archive(client, done)


def _create_export_task(
    client: Client, entity_type: EntityType, query: Query, sort: str
) -> Item:
    """Post the task; its ERC tells afterwards whether it arrived."""
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
    for number in range(1, client.limits.tries + 1):
        try:
            answer = client.request("POST", path, params=params)
        except UnknownDelivery as doubt:
            client.cancel_token.sleep(client.limits.wait_s * number)
            fault: Exception = doubt.error
        else:
            if answer.is_success:
                return require_task(client, client.require_json(answer))
            fault = client.error_for(answer)
        found = client.find_json(f"{_EXPORT_TASKS}/by-external-reference-code/{erc}")
        if found is not None:
            return require_task(client, found)
        if not isinstance(fault, Unreachable):
            raise fault
    raise fault


def _read_archive(client: Client, task: Item) -> Iterator[Item]:
    with tempfile.TemporaryFile() as file:
        answer = client.download(f"{_EXPORT_TASKS}/{task['id']}/content", file)
        if not answer.is_success:
            raise client.error_for(answer)
        file.seek(0)
        try:
            with (
                zipfile.ZipFile(file) as archive,
                archive.open(archive.infolist()[0]) as raw,
                # A zip's own way to find the end of a line is slow.
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
            reason = "The export that the server made is damaged."
            raise Unreachable(client.name, reason) from exc


def _parse_item(line: bytes) -> dict[str, Any]:
    item = decode(line)
    if type(item) is dict:
        return item
    raise TypeError(type(item).__name__)


EXPORT_TASK_FROM: Final = 20_000
_BY_ID: Final = "id:asc"
_BY_DATE: Final = "dateCreated:asc"


class SizedIterator:
    """A length that is known after the first page, and the items."""

    def __init__(self, items: Iterator[Item], number: int) -> None:
        self._items = items
        self._number = number

    def __iter__(self) -> Iterator[Item]:
        return self

    def __next__(self) -> Item:
        return next(self._items)

    def __length_hint__(self) -> int:
        return self._number


class EntityReader:
    """Reads the items of one server.

    Args:
        client: Of the server.
        directory: Of the server.
        export_from: How many items are worth an export task.
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
            sites = [each.key for each in list_sites(self._client, entity_type)]
            if not sites:
                return SizedIterator(iter(()), 0)
            return self._read_sites(entity_type, query, sites)
        return self._read(entity_type, query)

    def _read_sites(
        self, entity_type: EntityType, query: Query, sites: list[str]
    ) -> Iterator[Item]:
        """Read one site after another; those that have nothing are passed over.

        The first one is asked at once, so that it refuses a query without sense.
        """
        first, *others = (replace(query, scope=site) for site in sites)
        begun = self._read(entity_type, first)
        paths = [self._metadata.list_path(entity_type, other.scope) for other in others]
        narrowed = {"filter": query.filter, "search": query.search}
        asked = {name: text for name, text in narrowed.items() if text}
        counts = count_items(self._client, paths, asked)
        full = (each for each, number in zip(others, counts, strict=True) if number)
        following = (self._read(entity_type, each) for each in full)
        items = chain(begun, chain.from_iterable(following))
        return SizedIterator(items, length_hint(begun) + sum(counts))

    def _read(self, entity_type: EntityType, query: Query) -> Iterator[Item]:
        reader = ItemNormalizer(entity_type, query.fields)
        path = self._metadata.list_path(entity_type, query.scope)
        if entity_type.class_name != OBJECT_ENTRY:
            found = self._metadata.read_all(path)
            return SizedIterator((reader.item(each) for each in found), len(found))
        asked = _query_params(query)
        nested = nested_names(entity_type, query.fields)
        if nested:
            asked["nestedFields"] = nested
        first, asked = self._first_page(path, query, asked)
        number = int(first["totalCount"])
        pages = self._pages(path, asked, first)
        raw: Iterator[Item] = chain.from_iterable(pages)
        if number >= self._export_from and _is_unfiltered(query) and not nested:
            sort = asked.get("sort", "")
            raw = self._exported(entity_type, query, sort, raw)
        return SizedIterator(map(reader.item, raw), number)

    def _exported(
        self,
        entity_type: EntityType,
        query: Query,
        sort: str,
        otherwise: Iterator[Item],
    ) -> Iterator[Item]:
        """Yield what an export task wrote; it is ordered when the first is asked for.

        Who only wants to know how many there are costs the server no export.
        """
        raw = export_items(self._client, entity_type, query, sort)
        yield from otherwise if raw is None else raw

    def _first_page(
        self, path: str, query: Query, asked: dict[str, Any]
    ) -> tuple[Item, dict[str, Any]]:
        """Ask for the first page, in the best order that the server offers.

        Raises:
            InvalidQuery: It does not understand what was asked for.
        """
        for sort in (query.sort,) if query.sort else (_BY_ID, _BY_DATE, ""):
            wished = {**asked, "sort": sort} if sort else asked
            answer = self._client.request("GET", path, params=wished)
            if answer.status != 400:
                return self._page(answer, path), wished
        if query.filter or query.sort:
            what = "filter" if query.filter else "sort"
            title = answer.problem()[0] or "The server does not understand it."
            raise InvalidQuery(what, title[:1].lower() + title[1:])
        raise self._client.error_for(answer)

    def _page(self, answer: Response, path: str) -> Item:
        if answer.status == 404 and "/scopes/" not in path:
            reason = (
                "The entries at this place belong to sites, or are gone. Name the site."
            )
            raise Refused(self._client.name, reason)
        return require_page(self._client, self._client.require_json(answer))

    def _pages(
        self, path: str, asked: dict[str, Any], first: Item
    ) -> Iterator[list[Item]]:
        """Yield the items of each page; the next one is fetched meanwhile.

        Where items are deleted while they are read, those behind them move to
        earlier pages. So when the count falls, reading steps back that far, and
        passes over what has been read, which the ids tell.
        """
        is_by_id = asked.get("sort") == _BY_ID
        page, number, last_id = first, 1, 0
        while True:
            following = self._ahead(path, asked, page, number)
            items = page["items"]
            yield [x for x in items if not is_by_id or _item_id(x) > last_id]
            last_id = max([last_id, *map(_item_id, items)])
            if following is None:
                return
            total = int(page["totalCount"])
            number += 1
            page = self._client.cancel_token.result(following)
            lost = total - int(page["totalCount"])
            if is_by_id and lost > 0:
                number = max(1, number - 1 - lost // max(1, len(items)))
                page = read_page(self._client, path, {**asked, "page": number})

    def _ahead(
        self, path: str, asked: dict[str, Any], page: Item, number: int
    ) -> Future[Item] | None:
        if number >= int(page["lastPage"]) or not page["items"]:
            return None
        following = {**asked, "page": number + 1}
        return submit(lambda: read_page(self._client, path, following))


def _query_params(query: Query) -> dict[str, Any]:
    asked: dict[str, Any] = {"page": 1, "pageSize": PAGE_SIZE}
    if query.fields is not None:
        # The id is how reading tells what it has read.
        asked["fields"] = ",".join(sorted({*query.fields, "id"}))
    if query.filter:
        asked["filter"] = query.filter
    if query.search:
        asked["search"] = query.search
    return asked


def _is_unfiltered(query: Query) -> bool:
    return not (query.filter or query.search or query.sort)


def _item_id(item: Mapping[str, Any]) -> int:
    stated = item.get("id")
    return stated if isinstance(stated, int) else 0
