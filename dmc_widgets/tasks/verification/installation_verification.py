"""Compare what two installations hold: documents, entries and their files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import groupby, islice
from typing import Any, Final

from ...model.entity_type import EntityType
from ...model.plan import ImportPlan
from ...model.verification import (
    Mismatch,
    MismatchKind,
    PartVerification,
    ValueDifference,
    Verification,
    format_digest,
    sum_digests,
)
from ...model.verification_plan import VerificationPlan
from ...objects.comparison.differences import Difference, find_differences
from ...objects.documents.definition_bodies import is_system_definition
from ...objects.documents.kinds import KINDS_BY_NAME
from ...objects.entries.canonical_values import (
    CanonicalEntries,
    digest_all,
    digest_entry,
    find_value_differences,
)
from ...objects.entries.system_properties import has_site_scope
from ...objects.entries.validation import EntryRules
from ...objects.names import ERC, SCOPE_KEY
from ...ports import Installation, Item, Query
from ...workspace.workspace import current_timestamp, current_user
from ..checkers.compiled_rules import compile_rules
from ..matching.entry_matches import EntryMatches, require_match_keys
from ..migration.key_store import KeyStore
from ..migration.selection import MigrationPart, resolve_selection
from ..migration.site_filter import empty_site_notes, filter_by_sites
from ..task_run import TaskRun
from .entry_index import EntryIndex, EntryState, IndexedEntry
from .mismatch_log import MismatchLog
from .source_entries import SourceEntries
from .verified_part import VerifiedPart

_PAGE_SIZE: Final = 500
_PAGE_WITH_FILES: Final = 50
_OPEN_TYPES_NOTE: Final = (
    "Definitions of Liferay's own, and documents that every installation has, were not "
    "compared."
)
_SAME_KEY: Final = (
    "Another entry of the source has the same values of these fields, and was matched "
    "with the one entry that the target has."
)


class InstallationVerification:
    """Compares the chosen entity types of a source with those of a target.

    Args:
        run: The task that makes the verification, and stores the result.
        plan: The names of source and entity types.
        advance: Called with the number of items that were read since the last time.
    """

    def __init__(
        self,
        run: TaskRun,
        plan: VerificationPlan,
        advance: Callable[[int], None],
    ) -> None:
        self._run = run
        self._plan = plan
        self._advance = advance
        self._log = MismatchLog(run.workspace, run.task.id)
        self._codes: EntryMatches | None = None

    def carry_out(self, source: Installation, target: Installation) -> Verification:
        """Compare every part, and store the result.

        Raises:
            RequestError: The source does not have what was chosen.
            InstallationError: One of the installations does not answer.
        """
        started = current_timestamp()
        selection = self._plan.selection
        source = filter_by_sites(source, selection)
        target = filter_by_sites(target, selection)
        selected = resolve_selection(source, selection)
        types = {entity_type.key: entity_type for entity_type in target.entity_types()}
        with closing(KeyStore()) as store:
            self._codes = self._open_matches(source, target, store)
            parts = [
                self._compare(part, source, target, types)
                for part in selected.parts
                if not part.is_dependency and not part.second_pass_fields
            ]
        self._log.save()
        notes = empty_site_notes(source)
        if any(not part.is_entries for part in selected.parts):
            notes.append(_OPEN_TYPES_NOTE)
        verification = Verification(
            source=self._plan.source,
            target=self._run.task.installation,
            started=started,
            ended=current_timestamp(),
            author=current_user(),
            parts=tuple(parts),
            notes=tuple(notes),
            listed=self._log.listed,
        )
        self._run.workspace.verifications.put(self._run.task.id, verification)
        return verification

    def _open_matches(
        self, source: Installation, target: Installation, store: KeyStore
    ) -> EntryMatches | None:
        match = self._plan.match
        if not match:
            return None
        require_match_keys(match, source.entity_types(), target.entity_types())
        return EntryMatches(self._run, match, source, target, store)

    def _compare(
        self,
        part: MigrationPart,
        source: Installation,
        target: Installation,
        types: dict[str, EntityType],
    ) -> PartVerification:
        target_type = types.get(part.entity_type.key)
        verified = VerifiedPart(
            target=target,
            entity_type=target_type or part.entity_type,
            plan=ImportPlan(entity_type=part.entity_type.key),
            result=PartVerification(entity_type=part.entity_type.key),
            log=self._log,
            advance=self._advance,
        )
        if not part.is_entries:
            return compare_documents(verified, part.entity_type, source)
        if target_type is None:
            return _count_all_missing(verified, part, source)
        rules = compile_rules(target, list(types.values()), target_type).rules
        with closing(EntryIndex()) as index:
            sent = SourceEntries(source, part, target_type, self._plan, self._codes)
            return EntryComparison(verified, part, sent, rules, index).carry_out()


def compare_documents(
    part: VerifiedPart, kind: EntityType, source: Installation
) -> PartVerification:
    """Compare the definitions, picklists or folders of two installations."""
    name = kind.name
    sent, stored = (
        [
            body
            for body in installation.read(entity_type, Query())
            if not is_system_definition(body)
            and body.get(ERC) not in KINDS_BY_NAME[name].builtin_ercs
        ]
        for installation, entity_type in (
            (source, kind),
            (part.target, part.entity_type),
        )
    )
    counts = dict.fromkeys(MismatchKind, 0)
    differences = find_differences(name, sent, stored)
    for (_, key), group in groupby(differences, key=lambda x: (x.name, x.key)):
        mismatch = _document_mismatch(part.result.title, key, list(group))
        counts[mismatch.kind] += 1
        part.log.add(mismatch)
    part.advance(len(sent))
    different, missing = counts[MismatchKind.DIFFERENT], counts[MismatchKind.MISSING]
    return replace(
        part.result,
        expected=len(sent),
        equal=len(sent) - different - missing,
        different=different,
        missing=missing,
        surplus=counts[MismatchKind.SURPLUS],
        found=len(stored),
    )


def _document_mismatch(title: str, key: str, group: Sequence[Difference]) -> Mismatch:
    if any(not difference.path for difference in group):
        kind = _WHOLE[group[0].change.value]
        return Mismatch(kind, title, key)
    fields = tuple(
        ValueDifference(x.path, _plain(x.source), _plain(x.target)) for x in group
    )
    reasons = dict.fromkeys(str(x.kept) for x in group if x.kept)
    note = f"An import leaves this as it is: {'; '.join(reasons)}." if reasons else ""
    return Mismatch(MismatchKind.DIFFERENT, title, key, fields=fields, note=note)


_WHOLE: Final = {
    "added": MismatchKind.MISSING,
    "removed": MismatchKind.SURPLUS,
}


def _plain(value: Any) -> Any:
    """Return a setting's value; any other value as it is."""
    is_setting = isinstance(value, dict) and value.keys() == {"value"}
    return value["value"] if is_setting else value


def _count_all_missing(
    verified: VerifiedPart, part: MigrationPart, source: Installation
) -> PartVerification:
    """Report the entries of an object that the target does not have."""
    number = 0
    query = Query(fields=_identity(part.entity_type), filter=part.filter)
    for item in source.read(part.entity_type, query):
        number += 1
        site = str(item.get(SCOPE_KEY) or "")
        title = verified.result.title
        verified.log.add(Mismatch(MismatchKind.MISSING, title, str(item[ERC]), site))
    verified.advance(number)
    return replace(verified.result, expected=number, missing=number, found=0)


def _identity(entity_type: EntityType) -> tuple[str, ...]:
    return (ERC, SCOPE_KEY) if has_site_scope(entity_type) else (ERC,)


class EntryComparison:
    """Compares the entries of one object in two installations.

    Both are read once, and reduced to digests. What differs is fetched again to be
    shown, so that a change that was made in between is not reported.

    Args:
        part: The entity type and its target.
        source_part: The entity type in the source, and the filter of its entries.
        sent: The entries of the source, as the target would hold them.
        rules: The rules of the definition in the target.
        index: Receives the entries of the source.
    """

    def __init__(
        self,
        part: VerifiedPart,
        source_part: MigrationPart,
        sent: SourceEntries,
        rules: EntryRules,
        index: EntryIndex,
    ) -> None:
        self._part = part
        self._source_part = source_part
        self._sent = sent
        self._entries = CanonicalEntries(rules)
        self._has_sites = not rules.company_scoped
        self._rules = rules
        self._index = index
        self._names = sent.names
        self._page = _PAGE_WITH_FILES if rules.attachments else _PAGE_SIZE
        self._totals = [0, 0]
        self._surplus = 0
        self._unmatched = 0
        self._found: int | None = None

    def carry_out(self) -> PartVerification:
        """Return the result of the part."""
        self._index_source()
        if self._source_part.filter:
            self._fetch_target()
        else:
            self._read_target()
        self._list_differences()
        self._list_missing()
        self._part.log.save()
        count = self._index.count
        equal, different = count(EntryState.EQUAL), count(EntryState.DIFFERENT)
        missing = count(EntryState.MISSING) + self._unmatched
        return replace(
            self._part.result,
            expected=equal + different + missing,
            equal=equal,
            different=different,
            missing=missing,
            surplus=self._surplus,
            found=self._found,
            fields=self._names or (),
            not_compared=tuple(sorted(self._rules.encrypted)),
            expected_digest=format_digest(self._totals[0]),
            actual_digest=format_digest(self._totals[1]),
        )

    def _index_source(self) -> None:
        for page in self._sent.pages(self._page):
            entries: dict[tuple[str, str], IndexedEntry] = {}
            unmatched: list[IndexedEntry] = []
            for sent in page:
                site, code = self._site(sent.item), str(sent.item[ERC])
                digest = self._digest(sent.item)
                entry = IndexedEntry(site, code, 0, (), digest, sent.own)
                note = sent.unmatched
                if not note and self._is_taken(entry, entries):
                    note = _SAME_KEY
                if note:
                    unmatched.append(entry._replace(key=sent.own or code))
                    self._log(MismatchKind.MISSING, unmatched[-1], note=note)
                else:
                    entries[site, code] = entry
            self._unmatched += len(unmatched)
            self._totals[0] = _sum(self._totals[0], [*entries.values(), *unmatched])
            self._index.add(entries.values())
            self._part.advance(len(page))

    def _is_taken(
        self, entry: IndexedEntry, page: Mapping[tuple[str, str], IndexedEntry]
    ) -> bool:
        """Return True if another entry was matched with the same one of the target."""
        if not self._sent.is_matching:
            return False
        stored = self._index.find(entry.site, [entry.key])
        return (entry.site, entry.key) in page or entry.key in stored

    def _read_target(self) -> None:
        """Compare all entries of the target, and list those that only it has."""
        part = self._part
        items = part.target.read(part.entity_type, Query(fields=self._names))
        self._found = 0
        while page := list(islice(items, self._page)):
            self._found += len(page)
            self._compare(page, lists_surplus=True)
            part.advance(len(page))

    def _fetch_target(self) -> None:
        """Compare the entries of the target that a filter chose in the source."""
        part = self._part
        for site, entries in self._index.pages(EntryState.OPEN, lambda: self._page):
            keys = [entry.key for entry in entries]
            found = part.target.fetch(part.entity_type, keys, site)
            self._compare(list(found.values()), lists_surplus=False)
            part.advance(len(entries))

    def _compare(self, items: Sequence[Item], *, lists_surplus: bool) -> None:
        by_site: dict[str, list[IndexedEntry]] = {}
        for site, item, digest in self._digests(items):
            entry = IndexedEntry(site, str(item[ERC]), 0, (), digest)
            by_site.setdefault(site, []).append(entry)
        for site, entries in by_site.items():
            expected = self._index.find(site, [entry.key for entry in entries])
            states: dict[EntryState, list[tuple[str, str]]] = {}
            for entry in entries:
                other = expected.get(entry.key)
                if other is not None:
                    is_equal = other.digest == entry.digest
                    state = EntryState.EQUAL if is_equal else EntryState.DIFFERENT
                    states.setdefault(state, []).append((site, entry.key))
                elif lists_surplus:
                    self._surplus += 1
                    self._log(MismatchKind.SURPLUS, entry)
            self._totals[1] = _sum(self._totals[1], entries)
            for state, keys in states.items():
                self._index.mark(state, keys)

    def _list_differences(self) -> None:
        """List the entries that differ, field by field."""
        for site, entries in self._index.pages(
            EntryState.DIFFERENT, lambda: self._page
        ):
            sent = self._sent.fetch(entries, site)
            stored = self._fetch([entry.key for entry in entries], site)
            for entry in entries:
                found = sent.get(entry.key)
                if found is not None and found.problem:
                    self._log(MismatchKind.DIFFERENT, entry, note=found.problem)
                    continue
                here = {} if found is None else self._values(found.item)
                there = stored.get(entry.key, {})
                names = sorted(here.keys() | there.keys())
                fields = find_value_differences(here, there, names)
                if fields:
                    self._log(MismatchKind.DIFFERENT, entry, fields)
                else:  # it was changed while it was compared, and is equal now
                    self._index.mark(EntryState.EQUAL, [(site, entry.key)])

    def _list_missing(self) -> None:
        for site, entries in self._index.pages(EntryState.OPEN):
            for entry in entries:
                self._log(MismatchKind.MISSING, entry)
            keys = [(site, entry.key) for entry in entries]
            self._index.mark(EntryState.MISSING, keys)

    def _digests(self, items: Sequence[Item]) -> Iterator[tuple[str, Item, bytes]]:
        for item in items:
            yield self._site(item), item, self._digest(item)

    def _digest(self, item: Item) -> bytes:
        return digest_all(self._values(item))

    def _values(self, item: Item) -> dict[str, Any]:
        return self._entries.stored(self._pick(item))

    def _fetch(self, keys: Sequence[str], site: str) -> dict[str, dict[str, Any]]:
        part = self._part
        items = part.target.fetch(part.entity_type, keys, site)
        return {key: self._values(item) for key, item in items.items()}

    def _pick(self, item: Item) -> Item:
        """Return an item with the fields that both installations have."""
        if self._names is None:
            return item
        return {name: item[name] for name in self._names if name in item}

    def _site(self, item: Item) -> str:
        return str(item.get(SCOPE_KEY) or "") if self._has_sites else ""

    def _log(
        self,
        kind: MismatchKind,
        entry: IndexedEntry,
        fields: tuple[ValueDifference, ...] = (),
        note: str = "",
    ) -> None:
        mismatch = Mismatch(kind, self._part.result.title, entry.key, entry.site)
        self._part.log.add(mismatch._replace(fields=fields, note=note))


def _sum(total: int, entries: Sequence[IndexedEntry]) -> int:
    return sum_digests(
        (digest_entry(x.site, x.key, x.digest or b"") for x in entries), total
    )
