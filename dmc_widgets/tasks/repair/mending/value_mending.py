"""Mend a value that is wrong in many records the same way, once for all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from ....errors import InvalidPlan, NotSupported
from ....model.mend import NO_MEND, Mend
from ....model.outcome import Outcome, OutcomeKind
from ....model.plan import ImportPlan
from ....model.record import Record
from ....model.strategies import ImportStrategy, Policy
from ....model.task import Task
from ....ports import Batch, Installation
from ....workspace import Failure, Workspace
from ...installation_access import find_entity_type
from ...installation_comparison import read_documents
from ...undo.before_images import describe_new_item, needs_images
from .failed_records import read_failed_records
from .mended_file import MendedRecords

Replacements = Mapping[str, Mapping[str, Any]]
"""New values by the rejected ones, by the field at fault."""


def replace_values(
    workspace: Workspace, task: Task, replacements: Replacements
) -> MendedRecords:
    """Return the failed records with other values in place of the rejected ones.

    >>> replace_values(workspace, task, {"colour": {"Blau": "blue"}})

    Args:
        workspace: Holds the task.
        task: The task.
        replacements: By the target field at fault: the new values by the rejected
            ones, as texts. None empties the field.

    Raises:
        InvalidPlan: No record failed for such a value, or no field of the file fills
            the field.
        FileError: The file of the import cannot be read.
    """
    chosen: dict[int, tuple[str, str, Any]] = {}
    for field, values in replacements.items():
        source = _source_of(task, field)
        for old, new in values.items():
            matching = _failed_for(workspace, task, field, old)
            chosen |= {failure.index: (source, old, new) for failure in matching}
    mends: dict[int, Mend] = {}
    for failed in read_failed_records(workspace, task, chosen):
        source, old, new = chosen[failed.failure.index]
        path = _path_in(failed.record, source)
        stored: Any = failed.record
        for step in path:
            stored = stored.get(step) if isinstance(stored, dict) else None
        mends[failed.failure.index] = Mend({path: _replaced(stored, old, new)})
    return MendedRecords(mends)


def retry_with_key(
    workspace: Workspace, task: Task, field: str, key: str
) -> MendedRecords:
    """Return the records that failed for a value which becomes a key of a picklist.

    Raises:
        NotSupported: The task has several entity types.
        InvalidPlan: No record failed for it.
    """
    require_picklist_key(task, field)
    failures = _failed_for(workspace, task, field, key)
    mends = {failure.index: NO_MEND for failure in failures}
    return MendedRecords(mends, new_keys=((field, key),))


def require_picklist_key(task: Task, field: str) -> ImportPlan:
    """Return the plan of a task in which a field names one picklist.

    Raises:
        NotSupported: The task has several entity types.
    """
    plan = task.plan
    if isinstance(plan, ImportPlan):
        return plan
    raise NotSupported(
        what=f"Task {task.id} has several entity types, so the field {field!r} does "
        "not name one picklist.",
        instead="Add the key to the picklist itself, and retry.",
    )


def add_picklist_key(
    target: Installation, mark: str, plan: ImportPlan, field: str, key: str
) -> Outcome:
    """Add a key to the picklist of a field.

    A key that is there already is not added again. The outcome of one that is new
    states the change, so that it can be taken back with the task.

    Args:
        target: The installation.
        mark: The key of the task whose records need it.
        plan: The plan of the import.
        field: The name of the field, which takes the keys of a picklist.
        key: The key, which becomes the name of the entry, too.

    Raises:
        InvalidPlan: The field takes no picklist keys, or the installation refuses the
            key.
        InstallationError: The installation does not answer.
    """
    types = target.entity_types()
    name = find_entity_type(types, plan.entity_type).short_name
    picklist = _picklist_of(target, name, field)
    entries = find_entity_type(types, "ListTypeEntry")
    item = {
        entries.parent_field: picklist,
        "key": key,
        "name": key,
        "name_i18n": {"en_US": key},
    }
    batch = Batch(
        task=f"{mark}.key.{field}.{key}",
        number=1,
        items=[item],
        policy=Policy(import_strategy=ImportStrategy.UPSERT),
        journal=True,
    )
    (outcome,) = target.write(entries, batch)
    if outcome.kind is OutcomeKind.FAILED and outcome.problem is not None:
        raise InvalidPlan(outcome.problem.message)
    if outcome.kind is OutcomeKind.CREATED and needs_images(target):
        return outcome._replace(change=describe_new_item(target, entries, outcome.key))
    return outcome


def _picklist_of(target: Installation, name: str, field: str) -> str:
    """Return the code of the picklist whose keys a field takes."""
    for definition in read_documents(target)["ObjectDefinition"]:
        if definition.get("name") not in {name, f"C_{name}"}:
            continue
        for member in definition.get("objectFields") or ():
            code = member.get("listTypeDefinitionExternalReferenceCode")
            if member.get("name") == field and code:
                return str(code)
    reason = f"The field {field!r} of {name} does not take the keys of a picklist."
    raise InvalidPlan(reason)


def _failed_for(
    workspace: Workspace, task: Task, field: str, value: str
) -> Sequence[Failure]:
    failures = workspace.outcomes.failures_of_field(task.id, field)
    matching = [x for x in failures if value in _spellings(x.problem.value)]
    if not matching:
        reason = f"No record of task {task.id} failed for {value!r} in {field!r}."
        raise InvalidPlan(reason)
    return matching


def format_rejected_value(rejected: str | None) -> str:
    """Return a rejected value as people write it: without quotes, or its key alone.

    No value is an empty text. :func:`replace_values` takes what is returned.
    """
    spellings = _spellings(rejected)
    return "" if "" in spellings else spellings[-1]


def _spellings(rejected: str | None) -> tuple[str, ...]:
    """Return how people may write a rejected value: as JSON, or a text as it is."""
    if rejected is None:
        return ("", "null")
    try:
        value = orjson.loads(rejected)
    except orjson.JSONDecodeError:
        return (rejected,)
    if isinstance(value, dict) and isinstance(value.get("key"), str):
        return (rejected, value["key"])
    return (rejected, str(value)) if value is not None else ("", "null")


def _source_of(task: Task, field: str) -> str:
    """Return the field of the file that fills a target field.

    Raises:
        InvalidPlan: It is filled by a constant or an expression.
    """
    plan = task.plan
    if not isinstance(plan, ImportPlan):
        return field
    for pair in plan.mapping.pairs:
        if pair.target == field or pair.target == field.partition(".")[0]:
            if pair.has_source:
                return pair.source
            reason = (
                f"{field!r} is filled by a constant or an expression, not from one "
                "field of the file. Mend the fields that it takes, record by record."
            )
            raise InvalidPlan(reason)
    return field


def _path_in(record: Record, source: str) -> tuple[str, ...]:
    """Return where a mapping finds a source field, which may be a part of a value."""
    if source in record or "." not in source:
        return (source,)
    return tuple(source.split("."))


def _replaced(value: Any, old: str, new: Any) -> Any:
    """Return a value with *new* in place of *old*, which may be one of several."""
    if isinstance(value, list):
        return [new if _spells(element, old) else element for element in value]
    if isinstance(value, str) and value.strip() != old and "," in value:
        parts = [part.strip() for part in value.split(",")]
        if old in parts:
            changed = (new if part == old else part for part in parts)
            return ", ".join(str(part) for part in changed if part is not None)
    return new


def _spells(element: Any, old: str) -> bool:
    if isinstance(element, dict):
        element = element.get("key")
    return str(element) == old
