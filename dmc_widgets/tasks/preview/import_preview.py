"""Preview an import: map and check some records of a file."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from ...errors import InvalidPlan
from ...model.entity_type import EntityType
from ...model.mapping import Mapping, Values
from ...model.outcome import NESTED_KEPT, Outcome, OutcomeKind, Problem
from ...model.plan import ImportPlan
from ...model.preview import FieldProblem, Preview, PreviewedRecord
from ...model.record import Record, UnreadableRecord
from ...objects.comparison.ignored_changes import describe_ignored_changes
from ...objects.fields.encrypted import HIDDEN
from ...ports import Installation, Item
from ..checkers import create_checker
from ..checkers.document_checker import DocumentChecker
from ..checkers.protocol import Checker, ItemCheck
from ..imports.document_notes import (
    IgnoredChangeFinder,
    document_notes,
    filter_stored_changes,
)
from ..imports.expressions import compile_expression
from ..imports.parent_lookups import ParentLookups, ResolvedItem
from ..imports.record_matching import RecordMatcher, create_matcher
from ..imports.record_texts import encrypted_sources
from ..installation_access import find_entity_type
from ..task_run import format_note
from .sampling import Sample


class _MappedRecord(NamedTuple):
    """A record of the file after mapping and checks.

    Attributes:
        item: The item, without the fields that could not be mapped.
        check: The check of the item's values.
        problems: Problems of reading and mapping; with one, nothing would be written.
    """

    item: Item
    check: ItemCheck
    problems: tuple[Problem, ...]


def create_preview(
    installation: Installation, plan: ImportPlan, sample: Sample
) -> Preview:
    """Map and check the records of *sample*, and predict their outcomes.

    The records are checked in their order, as if the file had no others and as if the
    import continued after a failure.

    Args:
        installation: The target; it is only read.
        plan: The plan of the import. Required fields may be unmapped.
        sample: Some records of the file.

    Raises:
        InvalidPlan: The mapping fills a field that does not exist, or has an invalid
            expression or an impossible lookup.
        UnknownName: The installation has no such entity type.
        InstallationError: The installation does not answer.
    """
    entity_types = installation.entity_types()
    entity_type = find_entity_type(entity_types, plan.entity_type)
    unknown = plan.mapping.unknown_targets(entity_type)
    if unknown:
        raise InvalidPlan(" ".join(unknown))
    make = _TolerantMapper(plan.mapping, entity_type)
    checker = create_checker(installation, entity_types, entity_type, plan)
    lookups = ParentLookups(installation, plan, entity_type, entity_types)
    matcher = create_matcher(installation, plan, entity_type)
    mapped = _map_and_check(make, lookups, matcher, checker, sample.raw_records)
    filled = plan.mapping.targets | {name for record in mapped for name in record.item}
    hidden = encrypted_sources(plan.mapping, entity_type)
    items = [record.item for record in mapped if not record.problems]
    outcomes = checker.predict_outcomes(items)
    finder = IgnoredChangeFinder(installation, entity_type, plan.policy)
    predictions = _merge_problems(mapped, outcomes)
    build_record = partial(_preview_record, checker, filled, hidden)
    return Preview(
        name=sample.name,
        extent=sample.extent,
        records=tuple(
            build_record(*parts)
            for parts in zip(
                sample.numbers, sample.raw_records, mapped, predictions, strict=True
            )
        ),
        fields=sample.fields,
        types={name: checker.type_of(name) for name in sorted(filled)},
        sources=_sources_by_target(plan.mapping, filled, sample.fields),
        notes=(*sample.notes, *_document_notes(finder, checker, items, outcomes)),
    )


def list_problems(
    installation: Installation, plan: ImportPlan, records: Sequence[Record]
) -> list[tuple[Problem, ...]]:
    """Return the problems of records that fail, of each all that can be found at once.

    Besides every value that is wrong by itself, this is what the target would say of
    the record without these values: that a required field is empty, for example.

    Args:
        installation: The target; it is only read.
        plan: The plan of the import.
        records: The records.

    Raises:
        InvalidPlan: The mapping has an invalid expression or an impossible lookup.
        UnknownName: The installation has no such entity type.
        InstallationError: The installation does not answer.
    """
    entity_types = installation.entity_types()
    entity_type = find_entity_type(entity_types, plan.entity_type)
    make = _TolerantMapper(plan.mapping, entity_type)
    checker = create_checker(installation, entity_types, entity_type, plan)
    lookups = ParentLookups(installation, plan, entity_type, entity_types)
    matcher = create_matcher(installation, plan, entity_type)
    mapped = _map_and_check(make, lookups, matcher, checker, records)
    found = [[*record.problems, *record.check.problems] for record in mapped]
    wrong = [
        {name for x in problems for name in checker.related_fields(x.field)}
        for problems in found
    ]
    rest = [
        {name: record.item[name] for name in record.item if name not in names}
        for record, names in zip(mapped, wrong, strict=True)
    ]
    for outcome, problems, names in zip(
        checker.predict_outcomes(rest), found, wrong, strict=True
    ):
        if outcome.problem is not None and outcome.problem.field not in names:
            problems.append(outcome.problem)
    return [tuple(dict.fromkeys(problems)) for problems in found]


def _document_notes(
    finder: IgnoredChangeFinder,
    checker: Checker,
    items: Sequence[Item],
    outcomes: Sequence[Outcome],
) -> Iterator[str]:
    """Yield the notes of the import on definitions, picklists and folders."""
    ignored = finder.find(items)
    number = sum(outcome.note == NESTED_KEPT for outcome in outcomes)
    if number:
        yield format_note(NESTED_KEPT, number)
    yield from describe_ignored_changes(filter_stored_changes(ignored, outcomes))
    if isinstance(checker, DocumentChecker):
        fetch = checker.fetch_definitions
        yield from document_notes(finder.entity_type, items, outcomes, fetch)


def _preview_record(  # noqa: PLR0913, PLR0917 - the parts of one record
    checker: Checker,
    filled: Collection[str],
    hidden: Collection[str],
    number: int,
    raw: Record | UnreadableRecord,
    record: _MappedRecord,
    prediction: tuple[OutcomeKind, tuple[Problem, ...]],
) -> PreviewedRecord:
    """Return a record as it was read, as it would be written, and its outcome."""
    expected, problems = prediction
    return PreviewedRecord(
        number=number,
        source=None
        if isinstance(raw, UnreadableRecord)
        else _hide_secrets(raw, hidden),
        target=_valid_values(checker, record.check, problems),
        faults=tuple(_locate_problem(checker, filled, problem) for problem in problems),
        expected=expected,
    )


def _map_and_check(
    make: Callable[[Record], tuple[Values, tuple[Problem, ...]]],
    lookups: ParentLookups,
    matcher: RecordMatcher | None,
    checker: Checker,
    found: Sequence[Record | UnreadableRecord],
) -> list[_MappedRecord]:
    mapped = [
        ({}, (record.problem,))
        if isinstance(record, UnreadableRecord)
        else make(record)
        for record in found
    ]
    resolved = lookups.resolve([item for item, _ in mapped])
    if matcher is not None:
        resolved = _match_items(matcher, resolved)
    return [
        _MappedRecord(
            item,
            ItemCheck({}, ())
            if isinstance(record, UnreadableRecord)
            else checker.check_values(item),
            (*problems, *unresolved),
        )
        for record, (_, problems), (item, unresolved) in zip(
            found, mapped, resolved, strict=True
        )
    ]


def _match_items(
    matcher: RecordMatcher, resolved: Sequence[ResolvedItem]
) -> list[ResolvedItem]:
    """Give the items the codes of the stored ones that they are matched with."""
    matched = matcher.resolve([item for item, _ in resolved])
    return [
        (item, (*problems, match)) if isinstance(match, Problem) else (match, problems)
        for (item, problems), match in zip(resolved, matched, strict=True)
    ]


def _merge_problems(
    mapped: Sequence[_MappedRecord], outcomes: Sequence[Outcome]
) -> list[tuple[OutcomeKind, tuple[Problem, ...]]]:
    """Return the predicted outcome of each record, with all its problems."""
    remaining = iter(outcomes)
    merged = []
    for record in mapped:
        outcome = Outcome(OutcomeKind.FAILED) if record.problems else next(remaining)
        problems = (*record.problems, *record.check.problems, outcome.problem)
        distinct = dict.fromkeys(x for x in problems if x is not None)
        merged.append((outcome.kind, tuple(distinct)))
    return merged


def _valid_values(
    checker: Checker, check: ItemCheck, problems: Iterable[Problem]
) -> dict[str, object]:
    """Return the values without those of fields with a problem."""
    failed = {
        name for problem in problems for name in checker.related_fields(problem.field)
    }
    return {name: check.values[name] for name in check.values if name not in failed}


def _locate_problem(
    checker: Checker, filled: Iterable[str], problem: Problem
) -> FieldProblem:
    """Return a problem with the column that it belongs to."""
    columns = sorted(checker.related_fields(problem.field).intersection(filled))
    if problem.field in columns:
        return FieldProblem(problem.field, problem)
    return FieldProblem(columns[0] if columns else "", problem)


def _hide_secrets(record: Record, hidden: Iterable[str]) -> Record:
    """Return the record without values that are to be encrypted."""
    covered = {name: HIDDEN for name in hidden if record.get(name)}
    return {**record, **covered} if covered else record


def _sources_by_target(
    mapping: Mapping, filled: Iterable[str], fields: Sequence[str]
) -> dict[str, str]:
    by_pair = {pair.target: pair.source for pair in mapping.pairs}
    known = set(fields)
    sources = {name: by_pair.get(name, name) for name in sorted(filled)}
    return {name: source for name, source in sources.items() if source in known}


class _TolerantMapper:
    """Map records field by field, so that every problem is found.

    The mapping of an import ends at the first field that it cannot fill. Here that
    field is left out and the record is mapped again.
    """

    def __init__(self, mapping: Mapping, entity_type: EntityType) -> None:
        self._mapping = mapping
        self._entity_type = entity_type
        none: frozenset[str] = frozenset()
        self._compiled = {none: mapping.compile(entity_type, compile_expression)}

    def __call__(self, record: Record) -> tuple[Values, tuple[Problem, ...]]:
        """Return the item, and the problems of the fields that are not in it."""
        dropped: frozenset[str] = frozenset()
        problems: list[Problem] = []
        while True:
            made = self._without(dropped)(record)
            if not isinstance(made, Problem):
                item = {name: made[name] for name in made if name not in dropped}
                return item, tuple(problems)
            problems.append(made)
            if made.field not in self._mapping.targets - dropped:
                return {}, tuple(problems)
            dropped |= {made.field}

    def _without(self, dropped: frozenset[str]) -> Callable[[Values], Values | Problem]:
        if dropped not in self._compiled:
            pairs = self._mapping.pairs
            kept = tuple(pair for pair in pairs if pair.target not in dropped)
            mapping = replace(self._mapping, pairs=kept)
            self._compiled[dropped] = mapping.compile(
                self._entity_type, compile_expression
            )
        return self._compiled[dropped]
