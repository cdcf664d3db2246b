"""What an import would make of some records of a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from ..errors import InvalidPlan
from ..model.entity import EntityType
from ..model.mapping import Mapping, Values
from ..model.outcome import NESTED_KEPT, Outcome, OutcomeKind, Problem
from ..model.plan import ImportPlan
from ..model.preview import Fault, Preview, Previewed
from ..model.record import Record, Unreadable
from ..objects.kept_changes import kept_change_notes
from ..objects.secrets import HIDDEN
from ..ports import Installation, Item
from .checkers import checker_for
from .checking import Checker, Look
from .entities import resolve
from .expressions import compile_expression
from .kept_changes import KeptChangeFinder, document_notes, kept_where_stored
from .parent_lookups import ParentLookups
from .run import note_text
from .sampling import Sample
from .writing import secret_names


class _Made(NamedTuple):
    """What mapping and checks made of one place of the file.

    Attributes:
        item: Without the fields that could not be mapped.
        look: At the item.
        problems: Of reading and mapping; with one there is nothing to write.
    """

    item: Item
    look: Look
    problems: tuple[Problem, ...]


def make_preview(
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
    entity_type = resolve(entity_types, plan.entity_type)
    unknown = plan.mapping.unknown_targets(entity_type)
    if unknown:
        raise InvalidPlan(" ".join(unknown))
    make = _Mapper(plan.mapping, entity_type)
    checker = checker_for(installation, entity_types, entity_type, plan)
    lookups = ParentLookups(installation, plan, entity_type, entity_types)
    made = _made(make, lookups, checker, sample.found)
    filled = plan.mapping.targets | {name for each in made for name in each.item}
    hidden = secret_names(plan.mapping, entity_type)
    whole = [each.item for each in made if not each.problems]
    outcomes = checker.outcomes(whole)
    finder = KeptChangeFinder(installation, entity_type, plan.policy)
    judged = zip(
        sample.numbers, sample.found, made, _judged(made, outcomes), strict=True
    )
    return Preview(
        name=sample.name,
        extent=sample.extent,
        records=tuple(
            Previewed(
                number=number,
                source=None if isinstance(found, Unreadable) else _open(found, hidden),
                target=_passed(checker, each.look, problems),
                faults=tuple(_fault(checker, filled, problem) for problem in problems),
                expected=expected,
            )
            for number, found, each, (expected, problems) in judged
        ),
        fields=sample.fields,
        types={name: checker.type_of(name) for name in sorted(filled)},
        sources=_sources(plan.mapping, filled, sample.fields),
        notes=(*sample.notes, *_document_notes(finder, whole, outcomes)),
    )


def _document_notes(
    finder: KeptChangeFinder, items: Sequence[Item], outcomes: Sequence[Outcome]
) -> Iterator[str]:
    """Yield what the import would tell of definitions, picklists and folders."""
    kept = finder.find(items)
    number = sum(outcome.note == NESTED_KEPT for outcome in outcomes)
    if number:
        yield note_text(NESTED_KEPT, number)
    yield from kept_change_notes(kept_where_stored(kept, outcomes))
    yield from document_notes(finder.entity_type, items, outcomes)


def _made(
    make: Callable[[Record], tuple[Values, tuple[Problem, ...]]],
    lookups: ParentLookups,
    checker: Checker,
    found: Sequence[Record | Unreadable],
) -> list[_Made]:
    mapped = [
        ({}, (each.problem,)) if isinstance(each, Unreadable) else make(each)
        for each in found
    ]
    resolved = lookups.resolve([item for item, _ in mapped])
    return [
        _Made(
            item,
            Look({}, ()) if isinstance(each, Unreadable) else checker.look(item),
            (*problems, *unresolved),
        )
        for each, (_, problems), (item, unresolved) in zip(
            found, mapped, resolved, strict=True
        )
    ]


def _judged(
    made: Sequence[_Made], outcomes: Sequence[Outcome]
) -> list[tuple[OutcomeKind, tuple[Problem, ...]]]:
    """Say of each place what would become of it, and all that is wrong with it."""
    expected = iter(outcomes)
    judged = []
    for each in made:
        outcome = Outcome(OutcomeKind.FAILED) if each.problems else next(expected)
        told = dict.fromkeys((*each.problems, *each.look.problems, outcome.problem))
        judged.append((outcome.kind, tuple(p for p in told if p is not None)))
    return judged


def _passed(
    checker: Checker, look: Look, problems: Iterable[Problem]
) -> dict[str, object]:
    """Leave out the values of fields with a problem, whenever it was found."""
    at_fault = {
        name for problem in problems for name in checker.names_of(problem.field)
    }
    return {name: look.values[name] for name in look.values if name not in at_fault}


def _fault(checker: Checker, filled: Iterable[str], problem: Problem) -> Fault:
    """Find the column beside which a problem belongs."""
    beside = sorted(checker.names_of(problem.field).intersection(filled))
    if problem.field in beside:
        return Fault(problem.field, problem)
    return Fault(beside[0] if beside else "", problem)


def _open(record: Record, hidden: Iterable[str]) -> Record:
    """Return the record without what is to be encrypted."""
    covered = {name: HIDDEN for name in hidden if record.get(name)}
    return {**record, **covered} if covered else record


def _sources(
    mapping: Mapping, filled: Iterable[str], fields: Sequence[str]
) -> dict[str, str]:
    by_pair = {pair.target: pair.source for pair in mapping.pairs}
    known = set(fields)
    found = {name: by_pair.get(name, name) for name in sorted(filled)}
    return {name: source for name, source in found.items() if source in known}


class _Mapper:
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
