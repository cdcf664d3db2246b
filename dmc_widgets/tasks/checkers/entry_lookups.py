"""What is stored, as far as some items meet it: asked of any installation.

One request brings the entries of the items' external reference codes, one a
relationship those that they name by code, and filters bring those that are named by
id, and those that hold unique values. What cannot be asked for is taken on trust, and
the import finds out: that a file which is only named is there, that there is a key
for Encrypted fields, and whatever an installation cannot filter by.

Which stored entries hold some values, asked of any installation by a filter.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final, NamedTuple

from orjson import OPT_SORT_KEYS, dumps, loads

from ...errors import Refused, RequestError
from ...model.entity_type import EntityType
from ...objects.entries.attachment_files import BatchFiles, StoredFile, collect_files
from ...objects.entries.stored_entries import BatchContext, StoredEntry
from ...objects.entries.system_properties import APPROVED
from ...objects.entries.validation import (
    ValidatedEntry,
    collect_parents,
    format_unique_value,
)
from ...objects.errors.entry_problems import ERC
from ...objects.fields.attachment import (
    CONTENT,
    AttachmentRules,
    FileContent,
    IncomingFile,
)
from ...objects.fields.many_to_many import EntryKey, ManyToManyRelationship
from ...ports import Installation, Item, Query
from .compiled_rules import CompiledRules

_MAX_FILTER_CHARS: Final = 1500
"""Of a filter: servers refuse lines of a few thousand characters."""


class ValueHolder(NamedTuple):
    """A stored entry that holds a value that was asked for."""

    value: Any
    id: int
    erc: str


def holders(
    installation: Installation,
    entity_type: EntityType,
    name: str,
    values: Collection[str | int],
    site: str,
) -> list[ValueHolder] | None:
    """Find the entries whose field holds one of some values.

    Args:
        installation: It is only asked.
        entity_type: Of the entries.
        name: The field's.
        values: Texts or numbers.
        site: The key of the entries' site; empty for company scope.

    Returns:
        The entries; texts may differ in case, since some servers do not look at it.
        None where the installation cannot filter by the field.

    Raises:
        InstallationError: It does not answer.
    """
    query = Query(fields=tuple(dict.fromkeys((ERC, "id", name))), scope=site)
    found: list[ValueHolder] = []
    try:
        for item in read_items_with(installation, entity_type, name, values, query):
            number = item.get("id")
            own_id = number if isinstance(number, int) else 0
            found.append(ValueHolder(item.get(name), own_id, str(item.get(ERC) or "")))
    except RequestError:
        return None
    return found


def read_items_with(
    installation: Installation,
    entity_type: EntityType,
    name: str,
    values: Collection[str | int],
    query: Query,
) -> Iterator[Item]:
    """Yield the entries whose field holds one of some values.

    Args:
        installation: It is only asked.
        entity_type: Of the entries.
        name: The field's.
        values: Texts or numbers.
        query: With the fields and the site that are wanted, and no filter.

    Raises:
        RequestError: The installation cannot filter by the field.
        InstallationError: It does not answer.
    """
    for some in _filter_literals(values):
        asked = replace(query, filter=f"{name} in ({','.join(some)})")
        yield from installation.read(entity_type, asked)


def _filter_literals(values: Collection[str | int]) -> Iterator[list[str]]:
    """Write the values as filters do, as many at a time as a line may hold."""
    piece: list[str] = []
    size = 0
    for value in values:
        told = str(value)
        text = "'" + told.replace("'", "''") + "'" if isinstance(value, str) else told
        if piece and size + len(text) > _MAX_FILTER_CHARS:
            yield piece
            piece, size = [], 0
        piece.append(text)
        size += len(text) + 1
    if piece:
        yield piece


_UNUSED_NUMBER: Final = 10**17
"""A number that no entry has: which ones are free only the import finds out."""

_UNKNOWN_CONTENT: Final = FileContent("", 0)


class EntryLookups:
    """Look up what items of one entity type meet.

    Args:
        installation: It is only asked.
        entity_type: Of the items.
        compiled: Its rules.
        check: Checks an item, and leaves out what is wrong with it.
    """

    def __init__(
        self,
        installation: Installation,
        entity_type: EntityType,
        compiled: CompiledRules,
        check: Callable[[Item], ValidatedEntry],
    ) -> None:
        self._installation = installation
        self._entity_type = entity_type
        self._rules = compiled.rules
        self._types = compiled.types
        self._check = check

    def found(
        self, items: list[Item], checked: list[ValidatedEntry], site: str
    ) -> BatchContext:
        """Look up what the items of one site meet.

        Args:
            items: In the order of their decisions.
            checked: The same after the first look.
            site: Its key; empty for company scope.

        Raises:
            InstallationError: The installation does not answer.
        """
        codes = list(dict.fromkeys(each.erc for each in checked if each.erc))
        stored = self._stored_items(codes, site) if codes else {}
        spoken = frozenset(name for item in items for name in item)
        found = BatchContext(
            counters=dict.fromkeys(
                (numbering.name for numbering in self._rules.numberings), _UNUSED_NUMBER
            ),
            files=BatchFiles(new_id=itertools.count(-1, -1).__next__),
        )
        for erc, item in stored.items():
            found.entries[erc] = self._stored(item, spoken, found.files)
        self._trust_files(checked, found.files)
        self._note_owners(checked, site, found)
        self._find_parents(checked, stored.values(), site, found)
        for link in self._rules.many:
            self._find_linked(link, checked, stored, (site, found))
        return found

    def _stored_items(self, codes: list[str], site: str) -> dict[str, Item]:
        """Fetch entries; without their secrets, where there is no key to read them.

        A secret that is not read counts as none.
        """
        try:
            return self._installation.fetch(self._entity_type, codes, site)
        except Refused:
            if not self._rules.encrypted:
                raise
        shown = (field.name for field in self._entity_type.export_fields)
        names = tuple(name for name in shown if name not in self._rules.encrypted)
        query = Query(fields=names, scope=site)
        items = read_items_with(
            self._installation, self._entity_type, ERC, codes, query
        )
        return {str(item[ERC]): item for item in items}

    def _stored(
        self, item: Item, spoken: frozenset[str], files: BatchFiles
    ) -> StoredEntry:
        """Put an entry back into the form in which it is kept.

        Given out, a boolean that has no value is false. It counts as false where
        the records speak of the field, and as none where they do not.
        """
        checked = self._check(_without_contents(item, self._rules.attachments))
        values = {
            name: value
            for name, value in checked.values.items()
            if value is not False or name in spoken
        }
        for rules in self._rules.attachments:
            given = values.pop(rules.name, None)
            if isinstance(given, IncomingFile):
                content = _measure_content(
                    item[rules.name], rules, rules.name in spoken
                )
                file = StoredFile(given.id, given.erc, given.name, content)
                files.by_erc[file.erc] = files.by_id[file.id] = file
                values[rules.name] = file.id
        for each in self._rules.localized:
            each.settle(values)
        own_id = _integer_value(item, "id")
        self._rules.sealer().seal(values, own_id, b"")
        status = APPROVED if checked.status is None else checked.status
        return StoredEntry(own_id, status, dumps(values, option=OPT_SORT_KEYS))

    def _trust_files(self, checked: list[ValidatedEntry], files: BatchFiles) -> None:
        """Take files that are only named to be there, under a name that will do."""
        fields = self._rules.attachments
        for each in checked:
            for rules in fields:
                given = each.values.get(rules.name)
                if not isinstance(given, IncomingFile) or given.content is not None:
                    continue
                name = given.name or f"file.{min(rules.extensions, default='bin')}"
                codes, ids = collect_files([each.values], [rules])
                for code in codes - files.by_erc.keys():
                    new = StoredFile(files.new_id(), code, name, _UNKNOWN_CONTENT)
                    files.by_erc[code] = files.by_id[new.id] = new
                for number in ids - files.by_id.keys():
                    files.by_id[number] = StoredFile(number, "", name, _UNKNOWN_CONTENT)

    def _note_owners(
        self, checked: list[ValidatedEntry], site: str, found: BatchContext
    ) -> None:
        """Find who holds unique values: entries at hand, and others by a filter."""
        bodies = [(entry.id, loads(entry.body)) for entry in found.entries.values()]
        for name in self._rules.uniques:
            for own_id, body in bodies:
                text = format_unique_value(body.get(name))
                if text:
                    found.owners[name, text] = own_id
            given = (each.values.get(name) for each in checked)
            wanted = {
                value
                for value in given
                if isinstance(value, str | int)
                and (name, format_unique_value(value)) not in found.owners
            } - {""}
            for holder in self._holders(self._entity_type, name, wanted, site) or ():
                if holder.value in wanted:
                    found.owners[name, format_unique_value(holder.value)] = holder.id

    def _find_parents(
        self,
        checked: list[ValidatedEntry],
        stored: Collection[Item],
        site: str,
        found: BatchContext,
    ) -> None:
        by_erc, by_id = collect_parents(self._rules, checked)
        for parent, wanted in by_erc.items():
            there = self._fetched(parent.id, wanted, site)
            found.parents.setdefault(parent.id, set()).update(there)
        for link in self._rules.links:
            if link.parent is None or not by_id:
                continue
            own = link.parent.id
            codes = self._codes_of(own, by_id, site)
            for item in stored:  # what they tell of their parents is no guess
                number = _integer_value(item, link.id_name)
                if number in by_id and item.get(link.erc_name):
                    codes[number] = item[link.erc_name]
            found.by_id |= {number: (own, codes[number]) for number in codes}

    def _find_linked(
        self,
        link: ManyToManyRelationship,
        checked: list[ValidatedEntry],
        stored: Mapping[str, Item],
        where: tuple[str, BatchContext],
    ) -> None:
        """Find the entries that items name, and those that they are linked to.

        Entries are told apart by made-up ids: their own would have to be asked for.
        """
        site, found = where
        spoken = [each.many[link.name] for each in checked if link.name in each.many]
        if not spoken:
            return
        wanted = {named for some in spoken for named in some}
        by_id = {each for each in wanted if isinstance(each, int)}
        codes_of = self._codes_of(link.other.id, by_id, site)
        ids: dict[EntryKey, int] = {}
        numbers = itertools.count(-1, -1)
        for erc, item in stored.items():
            named = link.read(item)
            codes = named if isinstance(named, tuple) else ()
            for code in codes:
                ids.setdefault(code, next(numbers))
            own_id = found.entries[erc].id
            found.many.linked[link.name, own_id] = {ids[code] for code in codes}
        asked = {e for e in wanted if isinstance(e, str) and e not in ids}
        for code in self._fetched(link.other.id, asked, site):
            ids[code] = next(numbers)
        for number, code in codes_of.items():
            ids[number] = ids.setdefault(code, next(numbers))
        found.many.ids[link.name] = ids

    def _fetched(
        self, definition_id: int, codes: Iterable[str], site: str
    ) -> Collection[str]:
        kind, wanted = self._types.get(definition_id), sorted(codes)
        if kind is None or not wanted:
            return ()
        return self._installation.fetch(kind, wanted, site)

    def _codes_of(
        self, definition_id: int, ids: Collection[int], site: str
    ) -> dict[int, str]:
        """Find the codes of entries by their ids; on trust, where nobody can tell."""
        kind = self._types.get(definition_id)
        if kind is None or not ids:
            return {}
        there = self._holders(kind, "id", ids, site)
        if there is None:
            return {each: f"id {each}" for each in ids}
        return {each.id: each.erc for each in there}

    def _holders(
        self,
        entity_type: EntityType,
        name: str,
        values: Collection[str | int],
        site: str,
    ) -> list[ValueHolder] | None:
        return holders(self._installation, entity_type, name, values, site)


def _without_contents(item: Item, fields: Iterable[AttachmentRules]) -> Item:
    """Leave contents out: to measure one means to read it."""
    bare = dict(item)
    for field in fields:
        if isinstance(bare.get(field.name), dict):
            shown: Mapping[str, Any] = bare[field.name]
            bare[field.name] = {k: v for k, v in shown.items() if k != CONTENT}
    return bare


def _measure_content(shown: Any, rules: AttachmentRules, spoken: bool) -> FileContent:
    """Measure the content of a stored file where a record might bring another."""
    given = rules.check(shown) if spoken else None
    if isinstance(given, IncomingFile) and given.content is not None:
        return given.content
    return _UNKNOWN_CONTENT


def _integer_value(item: Mapping[str, Any], name: str) -> int:
    number = item.get(name)
    return number if isinstance(number, int) else 0
