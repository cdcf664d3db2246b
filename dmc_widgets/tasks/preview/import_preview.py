"""What an import would make of some records of a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
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
from ..checkers.factory import create_checker
from ..checkers.protocol import Checker, ItemCheck
from ..imports.document_notes import (
    IgnoredChangeFinder,
    document_notes,
    filter_stored_changes,
)
from ..imports.expressions import compile_expression
from ..imports.parent_lookups import ParentLookups
from ..imports.record_writer import encrypted_sources
from ..installation_access import find_entity_type
from ..task_run import format_note
from .sampling import Sample


class _MappedRecord(NamedTuple):
    """What mapping and checks made of one place of the file.

    Attributes:
        item: Without the fields that could not be mapped.
        look: At the item.
        problems: Of reading and mapping; with one there is nothing to write.
    """

    item: Item
    look: ItemCheck
    problems: tuple[Problem, ...]


def create_preview(
    installation: Installation, plan: ImportPlan, sample: Sample
) -> Preview:
    """Map and check the records of *sample*, and say what would become of them.

    The records are judged in their order, as if there were no others in the file
    and as if the import went on after one that fails.

    Args:
        installation: The target; it is only asked.
        plan: What to do with the file's records. Required fields may be unmapped.
        sample: Some records of the file.

    Raises:
        InvalidPlan: The mapping fills a field that is not there, an expression of it
            is none, or it looks up what cannot be looked up.
        UnknownName: The installation has no such entity type.
        InstallationError: It does not answer.
    """
    entity_types = installation.entity_types()
    entity_type = find_entity_type(entity_types, plan.entity_type)
    unknown = plan.mapping.unknown_targets(entity_type)
    if unknown:
        raise InvalidPlan(" ".join(unknown))
    make = _TolerantMapper(plan.mapping, entity_type)
    checker = create_checker(installation, entity_types, entity_type, plan)
    lookups = ParentLookups(installation, plan, entity_type, entity_types)
    made = _map_and_check(make, lookups, checker, sample.found)
    filled = plan.mapping.targets | {name for each in made for name in each.item}
    hidden = encrypted_sources(plan.mapping, entity_type)
    whole = [each.item for each in made if not each.problems]
    outcomes = checker.outcomes(whole)
    finder = IgnoredChangeFinder(installation, entity_type, plan.policy)
    judged = zip(
        sample.numbers,
        sample.found,
        made,
        _predict_outcomes(made, outcomes),
        strict=True,
    )
    return Preview(
        name=sample.name,
        extent=sample.extent,
        records=tuple(
            PreviewedRecord(
                number=number,
                source=None
                if isinstance(found, UnreadableRecord)
                else _hide_secrets(found, hidden),
                target=_valid_values(checker, each.look, problems),
                faults=tuple(
                    _locate_problem(checker, filled, problem) for problem in problems
                ),
                expected=expected,
            )
            for number, found, each, (expected, problems) in judged
        ),
        fields=sample.fields,
        types={name: checker.type_of(name) for name in sorted(filled)},
        sources=_sources_by_target(plan.mapping, filled, sample.fields),
        notes=(*sample.notes, *_document_notes(finder, whole, outcomes)),
    )


def _document_notes(
    finder: IgnoredChangeFinder, items: Sequence[Item], outcomes: Sequence[Outcome]
) -> Iterator[str]:
    """Yield what the import would tell of definitions, picklists and folders."""
    kept = finder.find(items)
    number = sum(outcome.note == NESTED_KEPT for outcome in outcomes)
    if number:
        yield format_note(NESTED_KEPT, number)
    yield from describe_ignored_changes(filter_stored_changes(kept, outcomes))
    yield from document_notes(finder.entity_type, items, outcomes)


def _map_and_check(
    make: Callable[[Record], tuple[Values, tuple[Problem, ...]]],
    lookups: ParentLookups,
    checker: Checker,
    found: Sequence[Record | UnreadableRecord],
) -> list[_MappedRecord]:
    mapped = [
        ({}, (each.problem,)) if isinstance(each, UnreadableRecord) else make(each)
        for each in found
    ]
    resolved = lookups.resolve([item for item, _ in mapped])
    return [
        _MappedRecord(
            item,
            ItemCheck({}, ())
            if isinstance(each, UnreadableRecord)
            else checker.look(item),
            (*problems, *unresolved),
        )
        for each, (_, problems), (item, unresolved) in zip(
            found, mapped, resolved, strict=True
        )
    ]


def _predict_outcomes(
    made: Sequence[_MappedRecord], outcomes: Sequence[Outcome]
) -> list[tuple[OutcomeKind, tuple[Problem, ...]]]:
    """Say of each place what would become of it, and all that is wrong with it."""
    expected = iter(outcomes)
    judged = []
    for each in made:
        outcome = Outcome(OutcomeKind.FAILED) if each.problems else next(expected)
        told = dict.fromkeys((*each.problems, *each.look.problems, outcome.problem))
        judged.append((outcome.kind, tuple(p for p in told if p is not None)))
    return judged


def _valid_values(
    checker: Checker, look: ItemCheck, problems: Iterable[Problem]
) -> dict[str, object]:
    """Leave out the values of fields with a problem, whenever it was found."""
    at_fault = {
        name for problem in problems for name in checker.related_fields(problem.field)
    }
    return {name: look.values[name] for name in look.values if name not in at_fault}


def _locate_problem(
    checker: Checker, filled: Iterable[str], problem: Problem
) -> FieldProblem:
    """Find the column beside which a problem belongs."""
    beside = sorted(checker.related_fields(problem.field).intersection(filled))
    if problem.field in beside:
        return FieldProblem(problem.field, problem)
    return FieldProblem(beside[0] if beside else "", problem)


def _hide_secrets(record: Record, hidden: Iterable[str]) -> Record:
    """Return the record without what is to be encrypted."""
    covered = {name: HIDDEN for name in hidden if record.get(name)}
    return {**record, **covered} if covered else record


def _sources_by_target(
    mapping: Mapping, filled: Iterable[str], fields: Sequence[str]
) -> dict[str, str]:
    by_pair = {pair.target: pair.source for pair in mapping.pairs}
    known = set(fields)
    found = {name: by_pair.get(name, name) for name in sorted(filled)}
    return {name: source for name, source in found.items() if source in known}


class _TolerantMapper:
    """Map records, each field for itself, so that every fault is found.

    The mapping of an import ends at the first field that it cannot fill. Here that
    field is left out and the record mapped again.
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
            mapping = Mapping(kept, same_names=self._mapping.same_names)
            self._compiled[dropped] = mapping.compile(
                self._entity_type, compile_expression
            )
        return self._compiled[dropped]
