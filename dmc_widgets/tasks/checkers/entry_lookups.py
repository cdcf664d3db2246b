"""What a batch of entries meets in an installation of any kind.

One request returns the entries under the items' external reference codes, and one a
relationship those that items name by code. Filters return entries that are named by id,
and those that hold unique values. What cannot be asked for is taken on trust, and the
import finds out: that a file exists which a record only names, that there is a key for
Encrypted fields, and whatever an installation cannot filter by.
"""

from __future__ import annotations

import itertools
from collections.abc import (
    Callable,
    Collection,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
    Set,
)
from dataclasses import replace
from typing import Any, Final, NamedTuple

from orjson import OPT_SORT_KEYS, dumps, loads

from ...errors import Refused, RequestError
from ...model.entity_type import EntityType
from ...objects.entries.attachment_files import BatchFiles, StoredFile, collect_files
from ...objects.entries.batch_lookup import look_up_batch
from ...objects.entries.stored_entries import BatchContext, StoredEntry
from ...objects.entries.system_properties import APPROVED
from ...objects.entries.validation import ValidatedEntry, format_unique_value
from ...objects.fields.attachment import (
    CONTENT,
    AttachmentRules,
    FileContent,
    IncomingFile,
)
from ...objects.fields.many_to_many import (
    EntryKey,
    LinkContext,
    ManyToManyRelationship,
)
from ...objects.fields.relationship import ParentDefinition
from ...objects.filters.placeholder_filter import PLACEHOLDER_FILTER
from ...objects.names import ERC
from ...ports import Installation, Item, Query
from ..installation_access import iter_value_filters
from .compiled_rules import CompiledRules

_MAX_FILTER_CHARS: Final = 1500
"""Servers refuse request lines of a few thousand characters."""

_UNUSED_NUMBER: Final = 10**17
"""A number that no entry has: which ones are free only the import finds out."""

_UNKNOWN_CONTENT: Final = FileContent("", 0)


class EntryLookups:
    """Look up what the items of one entity type meet, batch by batch.

    Args:
        installation: The target; it is only read.
        entity_type: The entity type of the items.
        compiled: The rules of the entity type.
        check: Checks an item, and leaves out the values that fail.
    """

    def __init__(
        self,
        installation: Installation,
        entity_type: EntityType,
        compiled: CompiledRules,
        check: Callable[[Item], ValidatedEntry],
    ) -> None:
        self.installation = installation
        self.entity_type = entity_type
        self.rules = compiled.rules
        self.types = compiled.types
        self.check = check

    def look_up(
        self, items: Sequence[Item], checked: Sequence[ValidatedEntry], site: str
    ) -> BatchContext:
        """Look up what the items of one site meet.

        Args:
            items: The items, in the order of their decisions.
            checked: The same items after the checks of their values.
            site: The key of their site; empty for company scope.

        Raises:
            InstallationError: The installation does not answer.
        """
        return look_up_batch(self.rules, checked, _BatchLookup(self, items, site))


class _BatchLookup:
    """An :class:`~dmc_widgets.objects.entries.batch_lookup.EntryLookup` of one batch.

    Args:
        lookups: The look-ups of the entity type.
        items: The items of the batch.
        site: The key of their site; empty for company scope.
    """

    def __init__(self, lookups: EntryLookups, items: Sequence[Item], site: str) -> None:
        self._installation = lookups.installation
        self._entity_type = lookups.entity_type
        self._rules = lookups.rules
        self._types = lookups.types
        self._check = lookups.check
        self._site = site
        self._given_names = frozenset(name for item in items for name in item)
        self._items: dict[str, Item] = {}
        self._entries: dict[str, StoredEntry] = {}
        self._numbers = itertools.count(-1, -1)
        self._files = BatchFiles(new_id=itertools.count(-1, -1).__next__)

    def find_entries(self, ercs: Collection[str]) -> dict[str, StoredEntry]:
        """Return the stored entries with these codes, by code."""
        self._items = self._fetch_entries(list(ercs))
        self._entries = {
            erc: self._to_stored_entry(item) for erc, item in self._items.items()
        }
        return dict(self._entries)

    def last_numbers(self) -> dict[str, int]:
        """Return a number that no entry has, for each AutoIncrement field."""
        names = (numbering.name for numbering in self._rules.numberings)
        return dict.fromkeys(names, _UNUSED_NUMBER)

    def find_parents(self, parent: ParentDefinition, ercs: Set[str]) -> Collection[str]:
        """Return those of *ercs* that entries of a definition have."""
        return self._existing_ercs(parent.id, ercs)

    def find_by_id(
        self,
        ids: Set[int],
        beside: Set[int],  # noqa: ARG002
    ) -> dict[int, tuple[int, str]]:
        """Return the definition's id and the ERC of entries, by the entries' id.

        Ids that stand beside a code are left out, which saves a request a batch.
        """
        parents: dict[int, tuple[int, str]] = {}
        for link in self._rules.links:
            if link.parent is None or not ids:
                continue
            ercs = self._ercs_by_id(link.parent.id, ids)
            for item in self._items.values():  # what they say of parents is certain
                number = _integer_value(item, link.id_name)
                if number in ids and item.get(link.erc_name):
                    ercs[number] = item[link.erc_name]
            parents |= {number: (link.parent.id, ercs[number]) for number in ercs}
        return parents

    def find_links(
        self, items: Sequence[ValidatedEntry], stored: Mapping[str, StoredEntry]
    ) -> LinkContext:
        """Return what many-to-many relationships of the items lead to."""
        context = LinkContext()
        for link in self._rules.many:
            named = [item.many[link.name] for item in items if link.name in item.many]
            if named:
                keys = {key for keys in named for key in keys}
                self._find_linked(link, keys, stored, context)
        return context

    def find_owners(self, field: str, values: Mapping[str, Any]) -> dict[str, int]:
        """Return the ids of the entries that hold unique values, by their text.

        The entries at hand are known; others are asked for by a filter.
        """
        owners: dict[str, int] = {}
        for entry in self._entries.values():
            text = format_unique_value(loads(entry.body).get(field))
            if text:
                owners[text] = entry.id
        unknown = [
            value
            for text, value in values.items()
            if text not in owners and isinstance(value, str | int)
        ]
        holders = find_value_holders(
            self._installation, self._entity_type, field, unknown, self._site
        )
        for holder in holders or ():
            text = format_unique_value(holder.value)
            if text in values:
                owners[text] = holder.id
        return owners

    def find_files(
        self,
        items: Sequence[ValidatedEntry],
        stored: Collection[StoredEntry],  # noqa: ARG002
    ) -> BatchFiles:
        """Return the files of stored entries, and those that items only name.

        The latter are taken to exist, under a name that passes the checks.
        """
        files = self._files
        for item in items:
            for rules in self._rules.attachments:
                given = item.values.get(rules.name)
                if not isinstance(given, IncomingFile) or given.content is not None:
                    continue
                name = given.name or f"file.{min(rules.extensions, default='bin')}"
                ercs, ids = collect_files([item.values], [rules])
                for erc in ercs - files.by_erc.keys():
                    new = StoredFile(files.new_id(), erc, name, _UNKNOWN_CONTENT)
                    files.by_erc[erc] = files.by_id[new.id] = new
                for number in ids - files.by_id.keys():
                    files.by_id[number] = StoredFile(number, "", name, _UNKNOWN_CONTENT)
        return files

    def _fetch_entries(self, ercs: list[str]) -> dict[str, Item]:
        """Fetch entries; without their secrets, where there is no key to read them.

        A secret that is not read counts as none.
        """
        try:
            return self._installation.fetch(self._entity_type, ercs, self._site)
        except Refused:
            if not self._rules.encrypted:
                raise
        names = (field.name for field in self._entity_type.export_fields)
        readable = tuple(name for name in names if name not in self._rules.encrypted)
        query = Query(fields=readable, scope=self._site)
        items = read_items_with(self._installation, self._entity_type, ERC, ercs, query)
        return {str(item[ERC]): item for item in items}

    def _to_stored_entry(self, item: Item) -> StoredEntry:
        """Put an entry back into the form in which it is stored.

        Installations return false for a Boolean without a value. It counts as false
        where records have the field, and as no value where they do not.
        """
        checked = self._check(_without_contents(item, self._rules.attachments))
        values = {
            name: value
            for name, value in checked.values.items()
            if value is not False or name in self._given_names
        }
        for rules in self._rules.attachments:
            given = values.pop(rules.name, None)
            if isinstance(given, IncomingFile):
                is_given = rules.name in self._given_names
                content = _measure_content(item[rules.name], rules, is_given)
                file = StoredFile(given.id, given.erc, given.name, content)
                self._files.by_erc[file.erc] = self._files.by_id[file.id] = file
                values[rules.name] = file.id
        for localized in self._rules.localized:
            localized.settle(values)
        own_id = _integer_value(item, "id")
        self._rules.sealer().seal(values, own_id, b"")
        status = APPROVED if checked.status is None else checked.status
        return StoredEntry(own_id, status, dumps(values, option=OPT_SORT_KEYS))

    def _find_linked(
        self,
        link: ManyToManyRelationship,
        keys: Set[EntryKey],
        stored: Mapping[str, StoredEntry],
        context: LinkContext,
    ) -> None:
        """Find the entries that items name, and those that they are linked to.

        Entries are distinguished by made-up ids: their own would have to be asked for.
        """
        by_id = {key for key in keys if isinstance(key, int)}
        ercs_by_id = self._ercs_by_id(link.other.id, by_id)
        ids: dict[EntryKey, int] = {}
        numbers = self._numbers
        for erc, item in self._items.items():
            linked = link.read(item)
            ercs = linked if isinstance(linked, tuple) else ()
            for other in ercs:
                ids.setdefault(other, next(numbers))
            context.linked[link.name, stored[erc].id] = {ids[other] for other in ercs}
        unknown = {key for key in keys if isinstance(key, str) and key not in ids}
        for erc in self._existing_ercs(link.other.id, unknown):
            ids[erc] = next(numbers)
        for number, erc in ercs_by_id.items():
            ids[number] = ids.setdefault(erc, next(numbers))
        context.ids[link.name] = ids
        codes = ((number, key) for key, number in ids.items())
        context.codes |= {number: key for number, key in codes if isinstance(key, str)}

    def _existing_ercs(
        self, definition_id: int, ercs: Iterable[str]
    ) -> Collection[str]:
        entity_type, asked = self._types.get(definition_id), sorted(ercs)
        if entity_type is None or not asked:
            return ()
        found = set(self._installation.fetch(entity_type, asked, self._site))
        missing = [erc for erc in asked if erc not in found]
        if missing and entity_type.lazy_references:
            found |= self._placeholder_ercs(entity_type, missing)
        return found

    def _placeholder_ercs(
        self, entity_type: EntityType, ercs: Sequence[str]
    ) -> set[str]:
        """Return those of *ercs* that only placeholders have; they can be named."""
        query = Query(fields=(ERC,), scope=self._site)
        literals = map(_write_literal, ercs)
        found: set[str] = set()
        for text in iter_value_filters(ERC, literals, _MAX_FILTER_CHARS):
            filter_ = f"{text} and {PLACEHOLDER_FILTER}"
            items = self._installation.read(entity_type, replace(query, filter=filter_))
            found |= {str(item[ERC]) for item in items}
        return found

    def _ercs_by_id(self, definition_id: int, ids: Collection[int]) -> dict[int, str]:
        """Return the codes of entries by id; made-up ones if nothing can tell them."""
        entity_type = self._types.get(definition_id)
        if entity_type is None or not ids:
            return {}
        holders = find_value_holders(
            self._installation, entity_type, "id", ids, self._site
        )
        if holders is None:
            return {number: f"id {number}" for number in ids}
        return {holder.id: holder.erc for holder in holders}


class ValueHolder(NamedTuple):
    """A stored entry that holds a value which was asked for."""

    value: Any
    id: int
    erc: str


def find_value_holders(
    installation: Installation,
    entity_type: EntityType,
    name: str,
    values: Collection[str | int],
    site: str,
) -> list[ValueHolder] | None:
    """Find the entries whose field holds one of some values.

    Args:
        installation: The installation; it is only read.
        entity_type: The entity type of the entries.
        name: The name of the field.
        values: Texts or numbers.
        site: The key of the entries' site; empty for company scope.

    Returns:
        The entries; texts may differ in case, which some servers ignore. None if the
        installation cannot filter by the field.

    Raises:
        InstallationError: The installation does not answer.
    """
    query = Query(fields=tuple(dict.fromkeys((ERC, "id", name))), scope=site)
    holders: list[ValueHolder] = []
    try:
        for item in read_items_with(installation, entity_type, name, values, query):
            erc = str(item.get(ERC) or "")
            holders.append(ValueHolder(item.get(name), _integer_value(item, "id"), erc))
    except RequestError:
        return None
    return holders


def read_items_with(
    installation: Installation,
    entity_type: EntityType,
    name: str,
    values: Collection[str | int],
    query: Query,
) -> Iterator[Item]:
    """Yield the entries whose field holds one of some values.

    Args:
        installation: The installation; it is only read.
        entity_type: The entity type of the entries.
        name: The name of the field.
        values: Texts or numbers.
        query: The fields to read and the site, without a filter.

    Raises:
        RequestError: The installation cannot filter by the field.
        InstallationError: The installation does not answer.
    """
    literals = map(_write_literal, values)
    for text in iter_value_filters(name, literals, _MAX_FILTER_CHARS):
        yield from installation.read(entity_type, replace(query, filter=text))


def _write_literal(value: str | int) -> str:
    text = str(value)
    return "'" + text.replace("'", "''") + "'" if isinstance(value, str) else text


def _without_contents(item: Item, fields: Iterable[AttachmentRules]) -> Item:
    """Return the item without the contents of files, which would have to be read."""
    bare = dict(item)
    for field in fields:
        if isinstance(bare.get(field.name), dict):
            file: Mapping[str, Any] = bare[field.name]
            bare[field.name] = {k: v for k, v in file.items() if k != CONTENT}
    return bare


def _measure_content(file: Any, rules: AttachmentRules, is_given: bool) -> FileContent:
    """Measure a stored file's content where a record might bring another one."""
    incoming = rules.check(file) if is_given else None
    if isinstance(incoming, IncomingFile) and incoming.content is not None:
        return incoming.content
    return _UNKNOWN_CONTENT


def _integer_value(item: Mapping[str, Any], name: str) -> int:
    number = item.get(name)
    return number if isinstance(number, int) else 0
