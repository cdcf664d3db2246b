"""Read parts: a server gives them out within the definition that they belong to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ....model.entity_type import EntityType
from ....objects.documents.kinds import KINDS_BY_NAME
from ....objects.filters.filter_fields import document_filter_fields
from ....objects.filters.item_query import ItemQuery
from ....objects.parts.part_items import key_items, list_part_items, owner_candidates
from ....objects.parts.part_kinds import PART_KINDS_BY_NAME
from ....ports import Item, Query
from ..items import ItemFetcher, ItemNormalizer
from ..metadata import ServerMetadata


class PartReader:
    """Reads the parts of one server.

    Args:
        metadata: The metadata of the server.
        fetcher: Reads documents by their codes.
    """

    def __init__(self, metadata: ServerMetadata, fetcher: ItemFetcher) -> None:
        self._metadata = metadata
        self._fetcher = fetcher

    def read(self, entity_type: EntityType, query: Query) -> list[Item]:
        """Return all parts of one kind that match, by the documents they belong to."""
        kind = PART_KINDS_BY_NAME[entity_type.name]
        matching = ItemQuery(
            document_filter_fields(entity_type),
            filter=query.filter,
            sort=query.sort,
            search=query.search,
        )
        owner_type = KINDS_BY_NAME[kind.owner].entity_type()
        normalize = ItemNormalizer(owner_type).item
        owners = self._metadata.read_all(self._metadata.list_path(owner_type))
        items = (
            item for owner in owners for item in list_part_items(kind, normalize(owner))
        )
        return [
            _select_fields(item, entity_type, query.fields)
            for item in matching.apply(items)
        ]

    def fetch(self, entity_type: EntityType, keys: Sequence[str]) -> dict[str, Item]:
        """Return the parts with these keys, such as ``TICKET/priority``."""
        return dict(self._iter_wanted(entity_type, keys))

    def _iter_wanted(
        self, entity_type: EntityType, keys: Sequence[str]
    ) -> Iterator[tuple[str, Item]]:
        kind = PART_KINDS_BY_NAME[entity_type.name]
        owner_type = KINDS_BY_NAME[kind.owner].entity_type()
        normalize = ItemNormalizer(owner_type).item
        codes = [code for key in keys for code in owner_candidates(key)]
        for raw in self._fetcher.fetch(owner_type, codes).values():
            owner = normalize(raw)
            for key, item in key_items(kind, owner, list_part_items(kind, owner)):
                if key in keys:
                    yield key, _select_fields(item, entity_type, None)


def part_paths(
    fetcher: ItemFetcher, entity_type: EntityType, keys: Sequence[str]
) -> dict[str, str]:
    """Return the paths of those parts that the server has, by their keys."""
    kind = PART_KINDS_BY_NAME[entity_type.name]
    owner_kind = KINDS_BY_NAME[kind.owner]
    codes = [code for key in keys for code in owner_candidates(key)]
    paths: dict[str, str] = {}
    for owner in fetcher.fetch(owner_kind.entity_type(), codes).values():
        parts = [x for x in owner.get(kind.array) or () if not x.get("reverse")]
        for key, part in key_items(kind, owner, parts):
            if key in keys and part.get("id"):
                paths.setdefault(key, f"{owner_kind.api}/{kind.path}/{part['id']}")
    return paths


def _select_fields(
    item: Item, entity_type: EntityType, names: Sequence[str] | None
) -> Item:
    """Return the named fields of an item; those without a value are None."""
    if names is not None:
        return {name: item.get(name) for name in names}
    return {field.name: None for field in entity_type.export_fields} | item
