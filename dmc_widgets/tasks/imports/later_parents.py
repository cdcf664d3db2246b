"""Postpone records that name a parent which comes later in the same file.

An object may be the parent of itself: people have a boss, folders lie in folders. A
file need not hold the parents first. A record whose parent is neither in the target nor
before it, and that comes later in the file, is not sent with its batch. It fails with
:data:`PARENT_COMES_LATER` until the end of the file is reached, and is then tried again
like a failed record that was mended, parents first; see
:mod:`..repair.running.parents_first`.

Parents that the file does not have either are left to the target, which refuses the
record at once. The file is read a second time, for its codes alone, when the first
parent is missing; files with their parents first cost one question a batch.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from ...formats.source import open_source
from ...model.entity_type import OBJECT_ENTRY, EntityType
from ...model.field_mapping import is_empty
from ...model.line_items import LineItems
from ...model.mapping import Values
from ...model.outcome import Problem
from ...model.plan import ImportPlan
from ...model.record import UnreadableRecord
from ...objects.entries.system_properties import has_site_scope
from ...objects.names import ERC, SCOPE_KEY
from ...objects.text import format_erc, format_json
from ...ports import Installation
from ..matching.matched_codes import codes_in
from ..migration.key_store import KeyStore
from ..task_files import original_file
from ..task_run import TaskRun
from .batch_outcomes import MappedRecords
from .expressions import compile_expression
from .parent_lookups import ParentLookups, is_value_key
from .postponed import PARENT_COMES_LATER

_SEEN: Final = "seen"
_IN_FILE: Final = "file"
_PAGE: Final = 1000
_TEXT: Final = frozenset({str})
_TEXT_OR_NONE: Final = frozenset({str, type(None)})

_Key = tuple[str, str]
"""A site, and the code of an entry in it."""


class OwnReferences:
    """Tells which entries of their own object records name as their parents.

    Args:
        plan: The plan, with the site.
        entity_type: The entity type of the records.
        lookups: The look-ups of parents by a value.

    Attributes:
        names: The fields that name such parents.
        has_sites: The entries belong to sites.
    """

    def __init__(
        self, plan: ImportPlan, entity_type: EntityType, lookups: ParentLookups
    ) -> None:
        self.names = _own_relationships(entity_type)
        self._scope = plan.scope
        self.has_sites = has_site_scope(entity_type)
        self._lookups = lookups

    def keys(self, item: Values) -> set[_Key]:
        """Return all under which other records may name an item."""
        code = format_erc(item.get(ERC))
        keys = {(self.site(item), code)} if code else set()
        return keys | self._lookups.own_value_keys(item)

    def named(self, item: Values) -> Iterator[tuple[str, _Key]]:
        """Yield each parent that an item names before look-ups, with its field."""
        for name in self.names:
            if name in self._lookups.targets:
                key = self._lookups.value_key(name, item)
                if key is not None:
                    yield name, key
                continue
            for code in codes_in(item.get(name)):
                yield name, (self.site(item), code)

    def site(self, item: Values) -> str:
        """Return the key of the site of an item; empty for an object without sites."""
        if not self.has_sites:
            return ""
        stated = item.get(SCOPE_KEY)
        return self._scope or (stated if isinstance(stated, str) else "")


class LaterParents:
    """Knows which entries of one import come later in its file.

    Args:
        run: The running task, with the file.
        plan: The plan, with the mapping and the site.
        installation: The target; it is only read.
        entity_type: The entity type of the records.
        lookups: The look-ups of parents by a value.
    """

    def __init__(
        self,
        run: TaskRun,
        plan: ImportPlan,
        installation: Installation,
        entity_type: EntityType,
        lookups: ParentLookups,
    ) -> None:
        self._run = run
        self._plan = plan
        self._installation = installation
        self._entity_type = entity_type
        self._lookups = lookups
        self._own = OwnReferences(plan, entity_type, lookups)
        self._store = KeyStore()
        self._is_file_read = False

    def postpone(
        self, before: Sequence[Values | Problem], mapped: MappedRecords
    ) -> MappedRecords:
        """Return the records of a batch, with a problem for those to be tried later.

        Args:
            before: The records before parents were looked up by a value.
            mapped: The records as they would be sent.

        Raises:
            FileError: The file cannot be read again.
            InstallationError: The installation does not answer.
        """
        codes = self._codes_with_known_parents(mapped)
        if codes is not None:
            self._store.add(_SEEN, (("", code) for code in codes))
            return mapped
        references = [
            self._references(given, item)
            for given, item in zip(before, mapped, strict=True)
        ]
        later = self._find_later(mapped, references)
        sent: set[_Key] = set()
        postponed: set[_Key] = set()
        result: list[Values | Problem] = []
        for given, item, named in zip(before, mapped, references, strict=True):
            waits = not named.isdisjoint((later - sent) | postponed)
            own = set() if isinstance(given, Problem) else self._own.keys(given)
            (postponed if waits else sent).update(own)
            result.append(self._problem(given, named) if waits else item)
        self._store.add(_SEEN, sent)
        return result

    def are_known(self, items: LineItems) -> bool:
        """Return True if items that the target has read go as they are.

        Then their codes are remembered. Otherwise they have to be postponed as records.

        Raises:
            InstallationError: The installation does not answer.
        """
        parents = items.own_parents
        if self._own.has_sites or self._lookups.is_self_referential:
            return False
        if not set(items.names).isdisjoint({*self._own.names} - parents.keys()):
            return False
        if not self._are_known(items.codes, parents.values()):
            return False
        self._store.add(_SEEN, (("", code) for code in items.codes))
        return True

    def _codes_with_known_parents(self, mapped: MappedRecords) -> list[str] | None:
        """Return the codes of a batch that goes as it is.

        Returns:
            None unless every record names its parents by their codes, and they come
            before it in the file, or are in the target.
        """
        if self._own.has_sites or self._lookups.is_self_referential:
            return None
        items = [item for item in mapped if not isinstance(item, Problem)]
        codes: list[Any] = [item.get(ERC) for item in items]
        if len(items) < len(mapped) or not _TEXT.issuperset(map(type, codes)):
            return None
        parents = [[item.get(name) for item in items] for name in self._own.names]
        if not all(_TEXT_OR_NONE.issuperset(map(type, named)) for named in parents):
            return None
        return [*filter(None, codes)] if self._are_known(codes, parents) else None

    def _are_known(
        self, codes: Sequence[str], parents: Iterable[Sequence[str | None]]
    ) -> bool:
        """Return True if all parents come before their records, or are in the target.

        Args:
            codes: The codes of the records of a batch.
            parents: The codes of their parents, for each field that names one.
        """
        own = {*codes}
        outside: set[str] = set()
        for named in parents:
            others = {*filter(None, named)}
            if not others.isdisjoint(own) and not _come_first(codes, named):
                return False
            outside |= others
        outside -= own
        outside -= self._store.find(_SEEN, "", outside)
        return not outside - self._stored("", outside)

    def _find_later(
        self, mapped: MappedRecords, references: Sequence[set[_Key]]
    ) -> set[_Key]:
        """Return what is named that neither the target nor the file has so far."""
        earlier: set[_Key] = set()
        unknown: dict[str, dict[str, None]] = {}
        for item, named in zip(mapped, references, strict=True):
            for site, code in named - earlier:
                if not self._store.find(_SEEN, site, [code]):
                    unknown.setdefault(site, {})[code] = None
            earlier |= set() if isinstance(item, Problem) else self._own.keys(item)
        missing = {
            (site, code)
            for site, codes in unknown.items()
            for code in codes.keys() - self._stored(site, codes)
        }
        if missing:
            self._read_file()
        return {key for key in missing if self._store.find(_IN_FILE, key[0], [key[1]])}

    def _stored(self, site: str, codes: Iterable[str]) -> set[str]:
        """Return the codes that the target has."""
        asked = [code for code in codes if not is_value_key(code)]
        if not asked:
            return set()
        return set(self._installation.fetch(self._entity_type, asked, site))

    def _problem(self, given: Values | Problem, named: set[_Key]) -> Problem:
        item = {} if isinstance(given, Problem) else given
        filled = (name for name in self._own.names if not is_empty(item.get(name)))
        name = next(filled, "")
        code = next(iter(sorted(named)))[1]
        value = format_json(item[name]) if name else format_json(code)
        return Problem(PARENT_COMES_LATER, _MESSAGE, name, value)

    def _references(self, given: Values | Problem, item: Values | Problem) -> set[_Key]:
        """Return the entries of the same object that a record names as its parents."""
        if not isinstance(item, Problem):
            site = self._own.site(item)
            return {
                (site, code)
                for name in self._own.names
                for code in codes_in(item.get(name))
            }
        if isinstance(given, Problem) or item.code != "lookup-without-result":
            return set()
        key = self._lookups.value_key(item.field, given)
        return set() if key is None else {key}

    def _read_file(self) -> None:
        """Read the codes of the whole file, once."""
        if self._is_file_read:
            return
        self._is_file_read = True
        run, plan = self._run, self._plan
        to_item = plan.mapping.compile(self._entity_type, compile_expression)
        path = original_file(run.workspace, run.task).path
        keys: set[_Key] = set()
        with open_source(
            path, name=run.task.original_file, options=plan.reading
        ) as source:
            for record in source.records():
                item = None if isinstance(record, UnreadableRecord) else to_item(record)
                if item is not None and not isinstance(item, Problem):
                    keys |= self._own.keys(item)
                if len(keys) >= _PAGE:
                    self._store.add(_IN_FILE, keys)
                    keys.clear()
                    run.advance(run.done)
        self._store.add(_IN_FILE, keys)


def _come_first(codes: Sequence[str], named: Sequence[str | None]) -> bool:
    """Return False if a record names one of a batch that does not come before it."""
    place_of = dict(zip(reversed(codes), reversed(range(len(codes))), strict=True))
    return not any(
        code and place_of.get(code, -1) >= place for place, code in enumerate(named)
    )


def create_later_parents(
    run: TaskRun,
    plan: ImportPlan,
    installation: Installation,
    entity_type: EntityType,
    lookups: ParentLookups,
) -> LaterParents | None:
    """Return what knows later parents; None where records of a file have none."""
    is_file = bool(run.task.original_file)
    if not (is_file and run.waits_for_parents) or plan.policy.lazy_references:
        return None
    names = _own_relationships(entity_type)
    filled = plan.mapping.targets.intersection(names)
    if not names or not (filled or plan.mapping.same_names):
        return None
    return LaterParents(run, plan, installation, entity_type, lookups)


def _own_relationships(entity_type: EntityType) -> tuple[str, ...]:
    """Return the fields that name entries of the same object by their codes."""
    if entity_type.class_name != OBJECT_ENTRY:
        return ()
    return tuple(
        field.name
        for field in entity_type.fields
        if field.parent == entity_type.key
        and field.type != "integer"
        and not field.read_only
    )


_MESSAGE: Final = (
    "The parent comes later in the file, so the record is tried again when the file "
    "has been read to its end. If the import ended before, retry the record."
)
