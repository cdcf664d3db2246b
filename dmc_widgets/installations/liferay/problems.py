"""Problems of records: why a server refused an item, and what the cause is.

The server's exception and message become a :class:`~dmc_widgets.model.outcome.Problem`.
Some messages do not name the cause: "exceeds long field allowed size" names neither the
field nor the value, which may not even be a number. The item that was sent shows it,
because the rules that an embedded installation applies find the same problem in it. The
server's own text follows the cause, unchanged.
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
"""The types of fields that can have a problem, by the code of the problem."""


def parse_problem(text: str, item: Mapping[str, Any], type_: str = "") -> Problem:
    """Turn a server's message about an item into a problem with the same message.

    Args:
        text: The message, often with the name of an exception before it.
        item: The item that was sent.
        type_: The name of the exception, if it is not part of the message.
    """
    name, message = _split_exception(text.strip())
    name = name or type_
    known = catalogue.parse_problem(message)
    code = catalogue.code_of_exception(name) or (known.code if known else "refused")
    field = (known.field if known else "") or _find_field(message)
    if not field and code in _CODE_PROBLEMS:
        field = ERC
    is_empty = code == EntryProblemType.REQUIRED.code  # whether it is left out or null
    value = format_json(item.get(field)) if is_empty or field in item else None
    return Problem(code, message or name or _NO_REASON, field, value)


def parse_answer_problem(response: Response, item: Mapping[str, Any]) -> Problem:
    """Turn the response to a request with a single item into a problem."""
    title, type_ = response.problem()
    default = f"The server refused the record (HTTP {response.status})."
    return parse_problem(title or default, item, type_)


def _split_exception(text: str) -> tuple[str, str]:
    """Separate the name of an exception from its message."""
    name, separator, message = text.partition(":")
    if _EXCEPTION_NAME.fullmatch(name) is None:
        return "", text
    return name, message.strip() if separator else ""


def _find_field(message: str) -> str:
    for pattern in _FIELD_PATTERNS:
        match = pattern.search(message)
        if match:
            return match["name"]
    return ""


class CauseFinder:
    """Explains the problems of one entity type's items.

    Args:
        entity_type: The entity type that the items belong to.
        policy: The strategies of the import.
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
        """Return the outcomes with the causes of problems, where the items show them.

        Args:
            outcomes: Outcomes by place in the batch.
            sent: The items of the task.
            before: What was stored before the task.
        """
        items = {item.place: item for item in sent}
        return {
            place: self._explain(outcome, items[place], before)
            if place in items and outcome.problem is not None
            else outcome
            for place, outcome in outcomes.items()
        }

    def _explain(
        self, outcome: Outcome, item: PreparedItem, before: Snapshot
    ) -> Outcome:
        problem = outcome.problem
        if problem is None or problem.liferay_text:
            return outcome
        if self._is_document:
            cause = explain_id_references(self._kind, dict(item.item), problem)
            return outcome._replace(problem=problem.with_cause(cause))
        explained = self._explain_value(problem, item.item)
        is_duplicate = problem.code in _DUPLICATE_CODES and item.key in before
        if self._adds_only and is_duplicate:
            explained = explained.with_cause(explain_existing_entry(item.key))
        return outcome._replace(problem=explained)

    def _explain_value(self, problem: Problem, item: Mapping[str, Any]) -> Problem:
        if problem.code == EntryProblemType.UNIQUE_VALUE.code:
            return self._explain_unique_value(problem, item)
        if problem.code == EntryProblemType.NO_PARENT.code:
            value = item.get(problem.field)
            cause = explain_parent_id(problem.field, value) if value else ""
            return problem.with_cause(cause)
        for field in self._suspects(problem, item):
            checked = _check_value(field, item[field.name])
            if isinstance(checked, Problem) and checked.code == problem.code:
                named = replace(problem, field=field.name, value=checked.value)
                return named.with_cause(checked.cause)
        return problem

    def _explain_unique_value(
        self, problem: Problem, item: Mapping[str, Any]
    ) -> Problem:
        """Explain which value is in use; REST responses name the label of its field."""
        title = RemoteEntryProblemType.UNIQUE_TITLE.text
        for field in self._fields:
            prefix = title.format(label=field.label or field.name, more="")
            is_named = problem.field == field.name or problem.message.startswith(prefix)
            if is_named and item.get(field.name) is not None:
                value = item[field.name]
                named = replace(problem, field=field.name, value=format_json(value))
                cause = explain_value_in_use(field.name, value, field.label)
                return named.with_cause(cause)
        return problem

    def _suspects(self, problem: Problem, item: Mapping[str, Any]) -> Iterator[Field]:
        """Yield the fields of an item that can have the problem."""
        types = _FIELD_TYPES.get(problem.code, frozenset())
        for field in self._fields:
            may_be_named = problem.field in ("", field.name)
            has_value = item.get(field.name) is not None
            if field.type in types and may_be_named and has_value:
                yield field


def _check_value(field: Field, value: Any) -> Any:
    """Check a value by those rules of its field that an entity type knows."""
    choices = Choices.of_field(field)
    rules = FieldRules(name=field.name, type=field.type, picklist=choices)
    return compile_check(rules)(value)
