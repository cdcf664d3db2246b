"""The causes of failures that a server states without them.

Liferay says that a value "exceeds long field allowed size" and names neither the field
nor the value, though the value may be no number at all. What was sent shows it: the
rules that an embedded installation applies find the same fault in the item. The
server's own text follows the cause, to the letter.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from ...model.entity import OBJECT_ENTRY, EntityType, Field
from ...model.outcome import Outcome, Problem
from ...model.strategies import ImportStrategy, Policy
from ...objects.choice_types import Choices
from ...objects.entry_catalogue import EntryAnswer, EntryFault
from ...objects.entry_faults import (
    already_there,
    json_text,
    parent_id_cause,
    value_in_use,
)
from ...objects.field_types import FieldRules, check_for
from ...objects.id_mentions import id_cause
from .batches import Ready
from .notes import Before

_DUPLICATES: Final = frozenset(
    {EntryFault.DUPLICATE.code, EntryFault.UNIQUE_VALUE.code}
)
_TYPES: Final[Mapping[str, frozenset[str]]] = {
    EntryFault.INTEGER_SIZE.code: frozenset({"Integer"}),
    EntryFault.LONG_SIZE.code: frozenset({"LongInteger"}),
    EntryFault.LONG_MAX_SIZE.code: frozenset({"LongInteger"}),
    EntryFault.LONG_MIN_SIZE.code: frozenset({"LongInteger"}),
    EntryFault.INVALID_VALUE.code: frozenset(
        {"Boolean", "Decimal", "Integer", "LongInteger", "PrecisionDecimal", "Text"}
    ),
    EntryFault.INVALID_DATE.code: frozenset({"Date", "DateTime"}),
    EntryFault.LIST_TYPE_ENTRY.code: frozenset({"MultiselectPicklist", "Picklist"}),
}
"""The types of the fields that may be at fault, by the code of the failure."""


class Causes:
    """Explains failures of one entity type's entries.

    Args:
        entity_type: Of the items.
        policy: Of the batch.
    """

    def __init__(self, entity_type: EntityType, policy: Policy) -> None:
        self._kind = entity_type.name
        self._is_document = entity_type.class_name != OBJECT_ENTRY
        self._fields = [field for field in entity_type.fields if field.custom]
        self._adds_only = policy.on_existing is ImportStrategy.INSERT

    def explain_all(
        self, outcomes: Mapping[int, Outcome], sent: Sequence[Ready], before: Before
    ) -> dict[int, Outcome]:
        """State the causes of failures, where the items show them.

        Args:
            outcomes: By place in the batch.
            sent: The items of the task.
            before: What was there before.
        """
        ready = {each.place: each for each in sent}
        return {
            place: self._explain(outcome, ready[place], before)
            if place in ready and outcome.problem is not None
            else outcome
            for place, outcome in outcomes.items()
        }

    def _explain(self, outcome: Outcome, ready: Ready, before: Before) -> Outcome:
        problem = outcome.problem
        if problem is None or problem.liferay_text:
            return outcome
        if self._is_document:
            cause = id_cause(self._kind, dict(ready.item), problem)
            return outcome._replace(problem=problem.explain(cause))
        explained = self._of_value(problem, ready.item)
        if self._adds_only and problem.code in _DUPLICATES and ready.key in before:
            explained = explained.explain(already_there(ready.key))
        return outcome._replace(problem=explained)

    def _of_value(self, problem: Problem, item: Mapping[str, Any]) -> Problem:
        if problem.code == EntryFault.UNIQUE_VALUE.code:
            return self._of_unique_value(problem, item)
        if problem.code == EntryFault.NO_PARENT.code:
            value = item.get(problem.field)
            cause = parent_id_cause(problem.field, value) if value else ""
            return problem.explain(cause)
        for field in self._at_fault(problem, item):
            found = _check(field, item[field.name])
            if isinstance(found, Problem) and found.code == problem.code:
                named = replace(problem, field=field.name, value=found.value)
                return named.explain(found.cause)
        return problem

    def _of_unique_value(self, problem: Problem, item: Mapping[str, Any]) -> Problem:
        """Explain which value is in use; REST answers name the label of its field."""
        title = EntryAnswer.UNIQUE_TITLE.text
        for field in self._fields:
            told = title.format(label=field.label or field.name, more="")
            is_meant = problem.field == field.name or problem.message.startswith(told)
            if is_meant and item.get(field.name) is not None:
                value = item[field.name]
                named = replace(problem, field=field.name, value=json_text(value))
                return named.explain(value_in_use(field.name, value, field.label))
        return problem

    def _at_fault(self, problem: Problem, item: Mapping[str, Any]) -> Iterator[Field]:
        types = _TYPES.get(problem.code, frozenset())
        for field in self._fields:
            is_named = problem.field in ("", field.name)
            if field.type in types and is_named and item.get(field.name) is not None:
                yield field


def _check(field: Field, value: Any) -> Any:
    """Judge a value by the rules of its field, as far as an entity type has them."""
    choices = Choices.of_field(field)
    return check_for(FieldRules(name=field.name, type=field.type, picklist=choices))(
        value
    )
