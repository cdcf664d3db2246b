"""Notes on entries that others name and that have not come yet.

While a task runs, a placeholder says little, because a later record may fill it. Those
that are left at the end are reported by name.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from typing import Final

from ...errors import DmcError
from ...model.entity_type import OBJECT_ENTRY, EntityType
from ...model.outcome import LAZY_REFERENCE
from ...model.plan import is_dry_run
from ...model.strategies import Policy
from ...objects.filters.placeholder_filter import PLACEHOLDER_FILTER
from ...objects.names import ERC
from ...ports import Installation, Query
from ..checkers.compiled_rules import compile_rules
from ..task_run import TaskRun

_MAX_NAMES: Final = 20

_log = logging.getLogger(__name__)


def report_open_placeholders(
    run: TaskRun,
    installation: Installation,
    entity_types: Iterable[EntityType],
    policy: Policy,
) -> None:
    """Note which entries are still missing, by entity type and code.

    Args:
        run: The running task.
        installation: The target.
        entity_types: The entity types of the items that were written.
        policy: The strategies of the task; without lazy references there is nothing to
            report. A target that cannot list placeholders leaves the task's own note
            of how many records named missing entries.
    """
    if not policy.lazy_references:
        return
    entries = [x for x in entity_types if x.class_name == OBJECT_ENTRY]
    try:
        codes = _read_open_codes(installation, entries)
    except DmcError as exc:  # the records are written, whatever can be said of them
        _log.warning("Open placeholders cannot be listed: %s", exc)
        return
    run.note_counts.pop(LAZY_REFERENCE, None)
    note = describe_open_placeholders(codes, dry_run=is_dry_run(run.task.plan))
    if note:
        run.notes.append(note)


def describe_open_placeholders(
    codes: dict[str, list[str]], *, dry_run: bool = False
) -> str:
    """Describe open placeholders; empty if there are none.

    Args:
        codes: The codes of placeholders by the name of their entity type.
        dry_run: They would be there after the run; nothing was written.
    """
    number = sum(map(len, codes.values()))
    if not number:
        return ""
    listed = "; ".join(
        f"{name} {_join(codes[name])}" for name in sorted(codes) if codes[name]
    )
    if number == 1:
        stands = "would stand" if dry_run else "stands"
        return (
            f"1 entry that others name has not come yet: {listed}. An empty one "
            f"{stands} in its place, and is filled when its record comes."
        )
    stand = "would stand" if dry_run else "stand"
    return (
        f"{number:,} entries that others name have not come yet: {listed}. Empty ones "
        f"{stand} in their place, and are filled when their records come."
    )


def _read_open_codes(
    installation: Installation, entity_types: Iterable[EntityType]
) -> dict[str, list[str]]:
    """Read the codes of placeholders of some types, and of those that they name."""
    known = installation.entity_types()
    named: dict[str, EntityType] = {}
    for entity_type in entity_types:
        named[entity_type.key] = entity_type
        for related in _named_types(installation, known, entity_type):
            named[related.key] = related
    return {x.name: _read_codes(installation, x) for x in named.values()}


def _named_types(
    installation: Installation, known: Sequence[EntityType], entity_type: EntityType
) -> list[EntityType]:
    """Return the entity types whose entries the entries of another may name."""
    compiled = compile_rules(installation, known, entity_type)
    ids = [link.parent.id for link in compiled.rules.links if link.parent]
    ids += [link.other.id for link in compiled.rules.many]
    return [compiled.types[number] for number in ids if number in compiled.types]


def _read_codes(installation: Installation, entity_type: EntityType) -> list[str]:
    query = Query(fields=(ERC,), filter=PLACEHOLDER_FILTER)
    return [str(item[ERC]) for item in installation.read(entity_type, query)]


def _join(codes: Sequence[str]) -> str:
    more = len(codes) - _MAX_NAMES
    return ", ".join(codes[:_MAX_NAMES]) + (f" and {more:,} more" if more > 0 else "")
