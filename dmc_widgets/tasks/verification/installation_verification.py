"""Compare what two installations hold: documents, entries and their files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
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
from ...workspace import Workspace
from ...workspace.workspace import current_timestamp, current_user
from ..checkers.compiled_rules import compile_rules
from ..migration.selection import MigrationPart, resolve_selection
from ..migration.site_filter import empty_site_notes, filter_by_sites
from ..migration.source_items import fields_to_move
from .entry_index import EntryIndex, EntryState, IndexedEntry
from .mismatch_log import MismatchLog
from .verified_part import VerifiedPart

_PAGE_SIZE: Final = 500
_PAGE_WITH_FILES: Final = 50
_OPEN_TYPES_NOTE: Final = (
    "Definitions of Liferay's own, and documents that every installation has, were not "
    "compared."
)


class InstallationVerification:
    """Compares the chosen entity types of a source with those of a target.

    Args:
        workspace: Stores the result.
        plan: The names of source and entity types.
        target_name: The name of the target.
        maker: The id of the task that makes the verification.
        advance: Called with the number of items that were read since the last time.
    """

    def __init__(
        self,
        workspace: Workspace,
        plan: VerificationPlan,
        target_name: str,
        maker: int,
        advance: Callable[[int], None],
    ) -> None:
        self._workspace = workspace
        self._plan = plan
        self._target_name = target_name
        self._maker = maker
        self._advance = advance
        self._log = MismatchLog(workspace, maker)

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
            target=self._target_name,
            started=started,
            ended=current_timestamp(),
            author=current_user(),
            parts=tuple(parts),
            notes=tuple(notes),
            listed=self._log.listed,
        )
        self._workspace.verifications.put(self._maker, verification)
        return verification

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
            return EntryComparison(verified, part, source, rules, index).carry_out()


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
        source: The installation to compare with.
        rules: The rules of the definition in the target.
        index: Receives the entries of the source.
    """

    def __init__(
        self,
        part: VerifiedPart,
        source_part: MigrationPart,
        source: Installation,
        rules: EntryRules,
        index: EntryIndex,
    ) -> None:
        self._part = part
        self._source_part = source_part
        self._source = source
        self._entries = CanonicalEntries(rules)
        self._has_sites = not rules.company_scoped
        self._rules = rules
        self._index = index
        self._names = fields_to_move(source_part, part.entity_type)
        self._page = _PAGE_WITH_FILES if rules.attachments else _PAGE_SIZE
        self._totals = [0, 0]
        self._surplus = 0
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
        missing = count(EntryState.MISSING)
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
        part = self._source_part
        query = Query(fields=self._names, filter=part.filter)
        items = self._source.read(part.entity_type, query)
        while page := list(islice(items, self._page)):
            entries = [
                IndexedEntry(site, str(item[ERC]), 0, (), digest)
                for site, item, digest in self._digests(page)
            ]
            self._totals[0] = _sum(self._totals[0], entries)
            self._index.add(entries)
            self._part.advance(len(page))

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
        for site, entries in self._index.pages(EntryState.OPEN, self._page):
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
        for site, entries in self._index.pages(EntryState.DIFFERENT, self._page):
            keys = [entry.key for entry in entries]
            sent = self._fetch(self._source, self._source_part.entity_type, keys, site)
            part = self._part
            stored = self._fetch(part.target, part.entity_type, keys, site)
            for entry in entries:
                here, there = sent.get(entry.key, {}), stored.get(entry.key, {})
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
            digest = digest_all(self._entries.stored(self._pick(item)))
            yield self._site(item), item, digest

    def _fetch(
        self,
        installation: Installation,
        entity_type: EntityType,
        keys: Sequence[str],
        site: str,
    ) -> dict[str, dict[str, Any]]:
        items = installation.fetch(entity_type, keys, site)
        return {key: self._entries.stored(self._pick(x)) for key, x in items.items()}

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
    ) -> None:
        title = self._part.result.title
        self._part.log.add(Mismatch(kind, title, entry.key, entry.site, fields=fields))


def _sum(total: int, entries: Sequence[IndexedEntry]) -> int:
    return sum_digests(
        (digest_entry(x.site, x.key, x.digest or b"") for x in entries), total
    )
