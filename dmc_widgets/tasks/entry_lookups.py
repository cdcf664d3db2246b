"""What is stored, as far as some items meet it: asked of any installation.

One request brings the entries of the items' external reference codes, one a
relationship those that they name by code, and filters bring those that are named by
id, and those that hold unique values. What cannot be asked for is taken on trust, and
the import finds out: that a file which is only named is there, that there is a key
for Encrypted fields, and whatever an installation cannot filter by.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, Final

from orjson import OPT_SORT_KEYS, dumps, loads

from ..errors import Refused
from ..model.entity import EntityType
from ..objects.attachment_types import CONTENT, AttachmentRules, Content, GivenFile
from ..objects.entries import Checked, unique_text, wanted_parents
from ..objects.entry_faults import ERC
from ..objects.entry_state import Found, StoredEntry
from ..objects.many_links import ManyLink, Named
from ..objects.statuses import APPROVED
from ..objects.stored_files import Files, StoredFile, wanted_files
from ..ports import Installation, Item, Query
from .entry_rules import CompiledRules
from .holders import Holder, holders, items_with

_BEYOND_ALL: Final = 10**17
"""A number that no entry has: which ones are free only the import finds out."""

_UNKNOWN: Final = Content("", 0)


class Lookups:
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
        check: Callable[[Item], Checked],
    ) -> None:
        self._installation = installation
        self._entity_type = entity_type
        self._rules = compiled.rules
        self._types = compiled.types
        self._check = check

    def found(self, items: list[Item], checked: list[Checked], site: str) -> Found:
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
        found = Found(
            counters=dict.fromkeys(
                (numbering.name for numbering in self._rules.numberings), _BEYOND_ALL
            ),
            files=Files(new_id=itertools.count(-1, -1).__next__),
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
        items = items_with(self._installation, self._entity_type, ERC, codes, query)
        return {str(item[ERC]): item for item in items}

    def _stored(self, item: Item, spoken: frozenset[str], files: Files) -> StoredEntry:
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
            if isinstance(given, GivenFile):
                content = _content(item[rules.name], rules, rules.name in spoken)
                file = StoredFile(given.id, given.erc, given.name, content)
                files.by_erc[file.erc] = files.by_id[file.id] = file
                values[rules.name] = file.id
        for each in self._rules.localized:
            each.settle(values)
        own_id = _number(item, "id")
        self._rules.sealer().seal(values, own_id, b"")
        status = APPROVED if checked.status is None else checked.status
        return StoredEntry(own_id, status, dumps(values, option=OPT_SORT_KEYS))

    def _trust_files(self, checked: list[Checked], files: Files) -> None:
        """Take files that are only named to be there, under a name that will do."""
        fields = self._rules.attachments
        for each in checked:
            for rules in fields:
                given = each.values.get(rules.name)
                if not isinstance(given, GivenFile) or given.content is not None:
                    continue
                name = given.name or f"file.{min(rules.extensions, default='bin')}"
                codes, ids = wanted_files([each.values], [rules])
                for code in codes - files.by_erc.keys():
                    new = StoredFile(files.new_id(), code, name, _UNKNOWN)
                    files.by_erc[code] = files.by_id[new.id] = new
                for number in ids - files.by_id.keys():
                    files.by_id[number] = StoredFile(number, "", name, _UNKNOWN)

    def _note_owners(self, checked: list[Checked], site: str, found: Found) -> None:
        """Find who holds unique values: entries at hand, and others by a filter."""
        bodies = [(entry.id, loads(entry.body)) for entry in found.entries.values()]
        for name in self._rules.uniques:
            for own_id, body in bodies:
                text = unique_text(body.get(name))
                if text:
                    found.owners[name, text] = own_id
            given = (each.values.get(name) for each in checked)
            wanted = {
                value
                for value in given
                if isinstance(value, str | int)
                and (name, unique_text(value)) not in found.owners
            } - {""}
            for holder in self._holders(self._entity_type, name, wanted, site) or ():
                if holder.value in wanted:
                    found.owners[name, unique_text(holder.value)] = holder.id

    def _find_parents(
        self,
        checked: list[Checked],
        stored: Collection[Item],
        site: str,
        found: Found,
    ) -> None:
        by_erc, by_id = wanted_parents(self._rules, checked)
        for parent, wanted in by_erc.items():
            there = self._fetched(parent.id, wanted, site)
            found.parents.setdefault(parent.id, set()).update(there)
        for link in self._rules.links:
            if link.parent is None or not by_id:
                continue
            own = link.parent.id
            codes = self._codes_of(own, by_id, site)
            for item in stored:  # what they tell of their parents is no guess
                number = _number(item, link.id_name)
                if number in by_id and item.get(link.erc_name):
                    codes[number] = item[link.erc_name]
            found.by_id |= {number: (own, codes[number]) for number in codes}

    def _find_linked(
        self,
        link: ManyLink,
        checked: list[Checked],
        stored: Mapping[str, Item],
        where: tuple[str, Found],
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
        ids: dict[Named, int] = {}
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
    ) -> list[Holder] | None:
        return holders(self._installation, entity_type, name, values, site)


def _without_contents(item: Item, fields: Iterable[AttachmentRules]) -> Item:
    """Leave contents out: to measure one means to read it."""
    bare = dict(item)
    for field in fields:
        if isinstance(bare.get(field.name), dict):
            shown: Mapping[str, Any] = bare[field.name]
            bare[field.name] = {k: v for k, v in shown.items() if k != CONTENT}
    return bare


def _content(shown: Any, rules: AttachmentRules, spoken: bool) -> Content:
    """Measure the content of a stored file where a record might bring another."""
    given = rules.check(shown) if spoken else None
    if isinstance(given, GivenFile) and given.content is not None:
        return given.content
    return _UNKNOWN


def _number(item: Mapping[str, Any], name: str) -> int:
    number = item.get(name)
    return number if isinstance(number, int) else 0
