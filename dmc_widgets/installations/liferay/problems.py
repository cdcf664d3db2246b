"""Why a server refused an item: its exception and text as one of our problems.

The causes of failures that a server states without them.

Liferay says that a value "exceeds long field allowed size" and names neither the field
nor the value, though the value may be no number at all. What was sent shows it: the
rules that an embedded installation applies find the same fault in the item. The
server's own text follows the cause, to the letter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from ...model.entity_type import OBJECT_ENTRY, EntityType, Field
from ...model.outcome import Outcome, Problem
from ...model.strategies import ImportStrategy, Policy
from ...objects.documents.id_references import explain_id_references
from ...objects.errors import catalogue
from ...objects.errors.entry_problem_types import (
    EntryProblemType,
    RemoteEntryProblemType,
)
from ...objects.errors.entry_problems import (
    explain_existing_entry,
    explain_parent_id,
    explain_value_in_use,
)
from ...objects.fields.field_rules import FieldRules, compile_check
from ...objects.fields.picklist import Choices
from ...objects.names import ERC
from ...objects.text import format_json
from .batch_plan import PreparedItem
from .http.errors import Response
from .snapshot import Snapshot

_EXCEPTION_NAME: Final = re.compile(r"(?:[a-z]\w*\.)+[A-Z]\w*(?:\$\w+)*")
_FIELD_PATTERNS: Final = (
    re.compile(r'object field (?:name )?"(?P<name>[^"]+)"', re.IGNORECASE),
    re.compile(r"The value for (?P<name>\w+) does not exist"),
    re.compile(r"violation for \w+\.(?P<name>\w+?)_? with value"),
)
_CODE_PROBLEMS: Final = frozenset(
    ["duplicate-external-reference-code", "no-such-object-entry"]
)
_NO_REASON: Final = "The server refused the record and gave no reason."


def parse_problem(text: str, item: Mapping[str, Any], type_: str = "") -> Problem:
    """Turn what a server says of an item into a problem; its words stay.

    Args:
        text: Of the failure, often with an exception's name before it.
        item: What was sent.
        type_: The exception's name, where it is stated apart.
    """
    name, message = _split_exception(text.strip())
    name = name or type_
    known = catalogue.parse_problem(message)
    code = catalogue.code_of_exception(name) or (known.code if known else "refused")
    field = (known.field if known else "") or _find_field(message)
    if not field and code in _CODE_PROBLEMS:
        field = ERC
    value = format_json(item[field]) if field in item else None
    return Problem(code, message or name or _NO_REASON, field, value)


def parse_answer_problem(answer: Response, item: Mapping[str, Any]) -> Problem:
    """Turn the answer to an item that was sent alone into a problem."""
    title, type_ = answer.problem()
    untold = f"The server refused the record (HTTP {answer.status})."
    return parse_problem(title or untold, item, type_)


def _split_exception(text: str) -> tuple[str, str]:
    """Part the name of an exception from its message."""
    name, separator, message = text.partition(":")
    if _EXCEPTION_NAME.fullmatch(name) is None:
        return "", text
    return name, message.strip() if separator else ""


def _find_field(message: str) -> str:
    for pattern in _FIELD_PATTERNS:
        found = pattern.search(message)
        if found:
            return found["name"]
    return ""


_DUPLICATE_CODES: Final = frozenset(
    {EntryProblemType.DUPLICATE.code, EntryProblemType.UNIQUE_VALUE.code}
)
_FIELD_TYPES: Final[Mapping[str, frozenset[str]]] = {
    EntryProblemType.INTEGER_SIZE.code: frozenset({"Integer"}),
    EntryProblemType.LONG_SIZE.code: frozenset({"LongInteger"}),
    EntryProblemType.LONG_MAX_SIZE.code: frozenset({"LongInteger"}),
    EntryProblemType.LONG_MIN_SIZE.code: frozenset({"LongInteger"}),
    EntryProblemType.INVALID_VALUE.code: frozenset(
        {"Boolean", "Decimal", "Integer", "LongInteger", "PrecisionDecimal", "Text"}
    ),
    EntryProblemType.INVALID_DATE.code: frozenset({"Date", "DateTime"}),
    EntryProblemType.LIST_TYPE_ENTRY.code: frozenset(
        {"MultiselectPicklist", "Picklist"}
    ),
}
"""The types of the fields that may be at fault, by the code of the failure."""


class CauseFinder:
    """Explains failures of one entity type's entries.

    Args:
        entity_type: Of the items.
        policy: Of the batch.
    """

    def __init__(self, entity_type: EntityType, policy: Policy) -> None:
        self._kind = entity_type.name
        self._is_document = entity_type.class_name != OBJECT_ENTRY
        self._fields = [field for field in entity_type.fields if field.custom]
        self._adds_only = policy.import_strategy is ImportStrategy.INSERT

    def explain_all(
        self,
        outcomes: Mapping[int, Outcome],
        sent: Sequence[PreparedItem],
        before: Snapshot,
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

    def _explain(
        self, outcome: Outcome, ready: PreparedItem, before: Snapshot
    ) -> Outcome:
        problem = outcome.problem
        if problem is None or problem.liferay_text:
            return outcome
        if self._is_document:
            cause = explain_id_references(self._kind, dict(ready.item), problem)
            return outcome._replace(problem=problem.with_cause(cause))
        explained = self._of_value(problem, ready.item)
        if self._adds_only and problem.code in _DUPLICATE_CODES and ready.key in before:
            explained = explained.with_cause(explain_existing_entry(ready.key))
        return outcome._replace(problem=explained)

    def _of_value(self, problem: Problem, item: Mapping[str, Any]) -> Problem:
        if problem.code == EntryProblemType.UNIQUE_VALUE.code:
            return self._of_unique_value(problem, item)
        if problem.code == EntryProblemType.NO_PARENT.code:
            value = item.get(problem.field)
            cause = explain_parent_id(problem.field, value) if value else ""
            return problem.with_cause(cause)
        for field in self._at_fault(problem, item):
            found = _check_value(field, item[field.name])
            if isinstance(found, Problem) and found.code == problem.code:
                named = replace(problem, field=field.name, value=found.value)
                return named.with_cause(found.cause)
        return problem

    def _of_unique_value(self, problem: Problem, item: Mapping[str, Any]) -> Problem:
        """Explain which value is in use; REST answers name the label of its field."""
        title = RemoteEntryProblemType.UNIQUE_TITLE.text
        for field in self._fields:
            told = title.format(label=field.label or field.name, more="")
            is_meant = problem.field == field.name or problem.message.startswith(told)
            if is_meant and item.get(field.name) is not None:
                value = item[field.name]
                named = replace(problem, field=field.name, value=format_json(value))
                return named.with_cause(
                    explain_value_in_use(field.name, value, field.label)
                )
        return problem

    def _at_fault(self, problem: Problem, item: Mapping[str, Any]) -> Iterator[Field]:
        types = _FIELD_TYPES.get(problem.code, frozenset())
        for field in self._fields:
            is_named = problem.field in ("", field.name)
            if field.type in types and is_named and item.get(field.name) is not None:
                yield field


def _check_value(field: Field, value: Any) -> Any:
    """Judge a value by the rules of its field, as far as an entity type has them."""
    choices = Choices.of_field(field)
    return compile_check(
        FieldRules(name=field.name, type=field.type, picklist=choices)
    )(value)
