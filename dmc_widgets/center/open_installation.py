"""An installation that is open for reading, by the names that people use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import UnknownName
from ..model.coercion import name_tuple
from ..model.entity_type import EntityType, Field, Site, sort_entity_types
from ..model.plan import ImportPlan, Selection
from ..model.preview import Preview
from ..objects.comparison.differences import Difference
from ..objects.names import ERC
from ..ports import Installation, Item, Query
from ..tasks.imports.file_head import HEAD_RECORDS, FileHead
from ..tasks.installation_access import find_entity_type, open_snapshot
from ..tasks.installation_comparison import compare_installations
from ..tasks.site_checks import list_sites
from .browsing import (
    Catalogue,
    EntryLink,
    EntryPage,
    MatchCount,
    MigrationOrder,
    find_entry_links,
    open_attachment,
    read_catalogue,
    read_entry_page,
    read_migration_order,
)
from .files import preview_in
from .frames import items_to_frame

if TYPE_CHECKING:  # pandas takes a second to load, so only frames load it
    import pandas as pd


class OpenInstallation:
    """An open installation; :func:`dmc_widgets.connect` returns it.

    Entity types are named by their short name (``Ticket``, ``C_Ticket``), their label
    or their key, or given as a value.

    >>> with dmc.connect("sqlite:///archive.db") as archive:
    ...     for item in archive.read("Ticket", filter="priority gt 3"):
    ...         print(item["title"])

    Args:
        adapter: The opened installation. It is closed with this object.
        url: The address to show, without a secret.
    """

    def __init__(self, adapter: Installation, url: str) -> None:
        self.url = url
        self._adapter = adapter
        self._types: list[EntityType] | None = None

    def __enter__(self) -> OpenInstallation:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection. Closing twice is harmless."""
        self._adapter.close()

    def entity_types(self) -> list[EntityType]:
        """Return the entity types that can be moved, by label."""
        types = self._adapter.entity_types()
        self._types = sort_entity_types(types)
        return list(self._types)

    def entity_type(self, entity: EntityType | str) -> EntityType:
        """Return one entity type by its name, label or key.

        Raises:
            UnknownName: There is none; the error lists the known ones.
        """
        if isinstance(entity, EntityType):
            return entity
        if self._types is not None:
            try:
                return find_entity_type(self._types, entity)
            except UnknownName:
                pass  # it may have been published since
        return find_entity_type(self.entity_types(), entity)

    def sites(self, entity: EntityType | str) -> list[Site]:
        """Return the sites that entries may belong to; none if they have no sites."""
        return list(list_sites(self._adapter, self.entity_type(entity)))

    def read(
        self,
        entity: EntityType | str,
        *,
        fields: str | Iterable[str] | None = None,
        filter: str = "",
        sort: str = "",
        search: str = "",
        scope: str = "",
    ) -> Iterator[Item]:
        """Yield items in a stable order, without holding them all.

        Args:
            entity: The entity type to read.
            fields: The names of the fields; None for all that an export holds.
            filter: An OData expression that the items meet.
            sort: Such as ``title:asc,priority:desc``; empty for the order of creation.
            search: A text that the items hold in a text field.
            scope: A site's key; empty for company scope, and for every site.

        Raises:
            UnknownName: There is no such entity type or field.
            InvalidQuery: The filter or the sort order cannot be carried out.
            InstallationError: The installation does not answer.
        """
        entity_type = self.entity_type(entity)
        chosen = _choose_fields(entity_type, fields)
        query = Query(
            fields=[field.name for field in chosen],
            filter=filter,
            sort=sort,
            search=search,
            scope=scope,
        )
        return self._adapter.read(entity_type, query)

    def catalogue(self) -> Catalogue:
        """Return the definitions, picklists and folders, by the names for people.

        Raises:
            InstallationError: The installation does not answer.
        """
        return read_catalogue(self._adapter)

    def page(
        self,
        entity: EntityType | str,
        number: int = 1,
        size: int = 20,
        *,
        fields: str | Iterable[str] | None = None,
        filter: str = "",
        sort: str = "",
        search: str = "",
        scope: str = "",
    ) -> EntryPage:
        """Return one page of items, and how many there are in all.

        Only that page is read, however many items there are.

        >>> page = staging.page("Ticket", 3, filter="priority gt 3", sort="title:asc")
        >>> page.total
        128

        Args:
            entity: The entity type to read.
            number: The number of the page, from 1.
            size: The number of items on a page.
            fields: As for :meth:`read`.
            filter: As for :meth:`read`.
            sort: As for :meth:`read`.
            search: As for :meth:`read`.
            scope: As for :meth:`read`.

        Raises:
            UnknownName: There is no such entity type or field.
            InvalidQuery: The filter or the sort order cannot be carried out.
            InstallationError: The installation does not answer.
        """
        entity_type = self.entity_type(entity)
        chosen = _choose_fields(entity_type, fields)
        query = Query(
            fields=[field.name for field in chosen],
            filter=filter,
            sort=sort,
            search=search,
            scope=scope,
        )
        return read_entry_page(self._adapter, entity_type, query, number, size)

    def migration_order(
        self, selection: Selection, *, lazy_references: bool = False
    ) -> MigrationOrder:
        """Return what a migration from here would move, and in which order.

        >>> staging.migration_order(Selection(entity_types="Ticket")).steps

        Raises:
            UnknownName: There is no such entity type.
            InvalidPlan: A filter is for an entity type that is not chosen.
            InstallationError: The installation does not answer.
        """
        return read_migration_order(
            self._adapter, selection, lazy_references=lazy_references
        )

    def count(
        self,
        entity: EntityType | str,
        *,
        filter: str = "",
        search: str = "",
        scope: str = "",
    ) -> int:
        """Return how many items there are; the arguments are those of :meth:`read`."""
        entity_type = self.entity_type(entity)
        query = Query(fields=(ERC,), filter=filter, search=search, scope=scope)
        return read_entry_page(self._adapter, entity_type, query, 1, 1).total

    def count_matches(
        self,
        entity: EntityType | str,
        *,
        filter: str = "",
        search: str = "",
        scope: str = "",
    ) -> MatchCount:
        """Return how many items a filter finds, and how many there are.

        A server is asked for the two numbers, and for one item at most.

        >>> staging.count_matches("Ticket", filter="priority gt 3").text
        '1,240 of 20,000 records match'

        Raises:
            UnknownName: There is no such entity type.
            InvalidQuery: The filter cannot be carried out.
            InstallationError: The installation does not answer.
        """
        entity_type = self.entity_type(entity)
        total = self.count(entity_type, scope=scope)
        if not (filter.strip() or search.strip()):
            return MatchCount(total, total)
        found = self.count(entity_type, filter=filter, search=search, scope=scope)
        return MatchCount(found, total)

    def links(self, entity: EntityType | str, item: Item) -> tuple[EntryLink, ...]:
        """Return the ways from an entry to related ones; each states a filter.

        >>> link = staging.links("Ticket", ticket)[0]
        >>> staging.page(link.entity, filter=link.filter)
        """
        return find_entry_links(self.entity_type(entity), item)

    def open_attachment(
        self, entity: EntityType | str, code: str, field: str, scope: str = ""
    ) -> tuple[str, Iterable[bytes]]:
        """Return the name of an entry's attachment, and its bytes in chunks.

        Args:
            entity: The entity type of the entry.
            code: The external reference code of the entry.
            field: The name of the field that holds the file.
            scope: The key of the site that the entry belongs to, if it has one.

        Raises:
            UnknownName: There is no such entry, or it holds no file in this field.
            InstallationError: The installation does not answer.
        """
        entity_type = self.entity_type(entity)
        return open_attachment(self._adapter, entity_type, code, field, scope)

    def fetch(
        self, entity: EntityType | str, keys: str | Iterable[str], scope: str = ""
    ) -> dict[str, Item]:
        """Return the items that are stored under these external reference codes.

        >>> staging.fetch("Ticket", "T-1")["T-1"]["title"]
        'Broken lamp'
        """
        codes = name_tuple(keys, "keys")
        return self._adapter.fetch(self.entity_type(entity), codes, scope)

    def to_pandas(
        self,
        entity: EntityType | str,
        *,
        fields: str | Iterable[str] | None = None,
        filter: str = "",
        sort: str = "",
        search: str = "",
        scope: str = "",
    ) -> pd.DataFrame:
        """Return items as a dataframe; the arguments are those of :meth:`read`.

        Columns have the types of their fields: see
        :func:`dmc_widgets.center.frames.items_to_frame`. Importing the frame again by
        ``center.import_frame`` changes nothing.
        """
        entity_type = self.entity_type(entity)
        items = self.read(
            entity_type,
            fields=fields,
            filter=filter,
            sort=sort,
            search=search,
            scope=scope,
        )
        return items_to_frame(items, _choose_fields(entity_type, fields))

    def preview_records(
        self,
        plan: ImportPlan,
        source: Path | str | FileHead,
        rows: int = HEAD_RECORDS,
        *,
        sample: bool = False,
    ) -> Preview:
        """Return what an import of a file would make of some records.

        Nothing is written. See :meth:`dmc_widgets.center.files.Files.preview`.
        """
        return preview_in(self._adapter, plan, source, rows, sample=sample)

    def differences(self, target: OpenInstallation) -> list[Difference]:
        """Return how folders, picklists and definitions differ from those of another.

        >>> with dmc.connect("sqlite:///a.db") as a, dmc.connect("sqlite:///b.db") as b:
        ...     [difference.path for difference in a.differences(b)]

        Raises:
            InstallationError: One of them does not answer.
        """
        with (
            open_snapshot(self._adapter) as source_snapshot,
            open_snapshot(target._adapter) as target_snapshot,
        ):
            return compare_installations(source_snapshot, target_snapshot)

    def __repr__(self) -> str:
        return f"<Installation {self.url}>"

    def _repr_html_(self) -> str:
        return f"<code>Installation {escape(self.url)}</code>"


def _choose_fields(
    entity_type: EntityType, names: str | Iterable[str] | None
) -> list[Field]:
    """Return the fields called *names*, or those of an export.

    Raises:
        UnknownName: The entity type has no such field.
    """
    readable = {field.name: field for field in entity_type.export_fields}
    if names is None:
        return [field for field in readable.values() if not field.on_request]
    chosen = name_tuple(names, "fields")
    for name in chosen:
        if name not in readable:
            raise UnknownName(kind="field", name=name, known=tuple(readable))
    return [readable[name] for name in chosen]
